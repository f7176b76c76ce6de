#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;
using plan::Op;

/// What an argument may be.
enum class Wants { number, number_or_duration, integer, string, time, condition, anything };
/// What comes out.
enum class Gives { as_first, floating, integer, string, boolean, common, common_of_choice };

struct Function {
    std::string_view name;
    Op op;
    std::array<Wants, 4> wants;
    std::size_t least;
    std::size_t most;
    Gives gives;
};

constexpr std::size_t kAnyNumber = 1'000;
constexpr Wants kAny = Wants::anything;
constexpr Wants kNum = Wants::number;
constexpr Wants kStr = Wants::string;

constexpr std::array kFunctions{
    Function{"abs", Op::abs, {Wants::number_or_duration, kAny, kAny, kAny}, 1, 1, Gives::as_first},
    Function{"floor", Op::floor, {kNum, kAny, kAny, kAny}, 1, 1, Gives::as_first},
    Function{"ceil", Op::ceil, {kNum, kAny, kAny, kAny}, 1, 1, Gives::as_first},
    Function{"round", Op::round, {kNum, kAny, kAny, kAny}, 1, 1, Gives::as_first},
    Function{"sqrt", Op::sqrt, {kNum, kAny, kAny, kAny}, 1, 1, Gives::floating},
    Function{"lower", Op::lower, {kStr, kAny, kAny, kAny}, 1, 1, Gives::string},
    Function{"upper", Op::upper, {kStr, kAny, kAny, kAny}, 1, 1, Gives::string},
    Function{"length", Op::length, {kStr, kAny, kAny, kAny}, 1, 1, Gives::integer},
    Function{"contains", Op::contains, {kStr, kStr, kAny, kAny}, 2, 2, Gives::boolean},
    Function{"starts_with", Op::starts_with, {kStr, kStr, kAny, kAny}, 2, 2, Gives::boolean},
    Function{"ends_with", Op::ends_with, {kStr, kStr, kAny, kAny}, 2, 2, Gives::boolean},
    Function{"substring", Op::substring, {kStr, Wants::integer, Wants::integer, kAny}, 2, 3, Gives::string},
    Function{"coalesce", Op::coalesce, {kAny, kAny, kAny, kAny}, 1, kAnyNumber, Gives::common},
    Function{"if", Op::choose, {Wants::condition, kAny, kAny, kAny}, 3, 3, Gives::common_of_choice},
    Function{"hour", Op::hour, {Wants::time, kAny, kAny, kAny}, 1, 1, Gives::integer},
    Function{"weekday", Op::weekday, {Wants::time, kAny, kAny, kAny}, 1, 1, Gives::integer},
    Function{"date", Op::date, {Wants::time, kAny, kAny, kAny}, 1, 1, Gives::string},
    Function{"km", Op::km, {kNum, kNum, kNum, kNum}, 4, 4, Gives::floating},
};

bool fits(Type type, Wants wants) {
    if (type == Type::null) {
        return true;
    }
    switch (wants) {
        case Wants::number: return is_number(type);
        case Wants::number_or_duration: return is_number(type) || type == Type::duration;
        case Wants::integer: return type == Type::integer;
        case Wants::string: return type == Type::string;
        case Wants::time: return type == Type::time;
        case Wants::condition: return type == Type::boolean;
        case Wants::anything: return true;
    }
    return false;
}

std::string_view wants_text(Wants wants) {
    switch (wants) {
        case Wants::number: return "a number";
        case Wants::number_or_duration: return "a number or a duration";
        case Wants::integer: return "an int";
        case Wants::string: return "a string";
        case Wants::time: return "a time";
        case Wants::condition: return "a condition";
        case Wants::anything: return "anything";
    }
    return "?";
}

/// The one type of several values; nothing if they have none in common.
std::optional<Type> common_type(std::span<const Operand> operands) {
    Type common = Type::null;
    for (const Operand& one : operands) {
        if (common == Type::null || one.type == common) {
            common = one.type;
        } else if (is_number(common) && is_number(one.type)) {
            common = Type::floating;
        } else if (one.type != Type::null) {
            return std::nullopt;
        }
    }
    return common;
}

std::optional<Type> result_type(Gives gives, std::span<const Operand> operands) {
    switch (gives) {
        case Gives::as_first: return operands[0].type;
        case Gives::floating: return Type::floating;
        case Gives::integer: return Type::integer;
        case Gives::string: return Type::string;
        case Gives::boolean: return Type::boolean;
        case Gives::common: return common_type(operands);
        case Gives::common_of_choice: return common_type(operands.subspan(1));
    }
    return std::nullopt;
}

std::string count_text(const Function& function) {
    if (function.most == kAnyNumber) {
        return fmt::format("{} or more", function.least);
    }
    return function.least == function.most ? fmt::format("{}", function.least)
                                           : fmt::format("{} or {}", function.least, function.most);
}

std::vector<std::string_view> function_names() {
    std::vector<std::string_view> names{"count", "sum", "avg", "min", "max", "stddev", "distinct", "quantile", "first", "last"};
    for (const Function& function : kFunctions) {
        names.push_back(function.name);
    }
    return names;
}

}  // namespace

Lowering::Result Lowering::call(ExprRef expr, const dsl::Call& call) {
    if (call.approximate && !may_approximate(call)) {
        return std::nullopt;
    }
    if (over_window() && call.function.text == "prev") {
        return window_before(expr, call);
    }
    return is_aggregate(call.function.text) ? aggregate(expr, call) : function(expr, call);
}

Lowering::Result Lowering::function(ExprRef expr, const dsl::Call& call) {
    const auto found = std::ranges::find(kFunctions, call.function.text, &Function::name);
    if (found == kFunctions.end()) {
        load_.report.error("E0208", call.function.span, fmt::format("there is no function `{}`", call.function.text),
                           did_you_mean(call.function.text, function_names()));
        return std::nullopt;
    }
    const std::size_t count = call.arguments.size();
    if (count < found->least || count > found->most) {
        load_.report.error("E0304", (*expr).span,
                           fmt::format("`{}` takes {} argument{}, not {}", found->name, count_text(*found),
                                       found->least == 1 && found->most == 1 ? "" : "s", count));
        return std::nullopt;
    }
    std::vector<Operand> operands;
    bool good = true;
    for (std::size_t i = 0; i < count; ++i) {
        const auto one = operand({expr.file, call.arguments[i]});
        const Wants wants = i < found->wants.size() ? found->wants[i] : kAny;
        if (one && !fits(one->type, wants)) {
            load_.report.error("E0305", one->span,
                               fmt::format("`{}` wants {} here; {} is {}", found->name, wants_text(wants),
                                           quoted(load_, one->span), a_type(one->type)));
        }
        good = good && one && fits(one->type, wants);
        if (good) {
            operands.push_back(*one);
        }
    }
    if (!good) {
        return std::nullopt;
    }
    const auto type = result_type(found->gives, operands);
    if (!type) {
        load_.report.error("E0305", (*expr).span,
                           fmt::format("the values that `{}` chooses from have different types", found->name));
        return std::nullopt;
    }
    std::vector<plan::ExprId> ids;
    std::ranges::transform(operands, std::back_inserter(ids), &Operand::id);
    return finish(*type, found->op, std::move(ids), (*expr).span);
}

}  // namespace tocsin::compiler
