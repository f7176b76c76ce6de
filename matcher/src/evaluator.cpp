#include <tocsin/matcher/evaluator.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <tocsin/matcher/table_set.hpp>

#include "functions.hpp"
#include "regex.hpp"
#include "value_hash.hpp"

namespace tocsin::matcher {

using event::Type;
using event::Value;
using plan::ExprId;
using plan::Op;

namespace {

/// The look-up structure of a plan::List. Views point into the program.
struct Set {
    std::unordered_set<Value, ValueHash, ValueEqual> values;
    std::vector<event::Network> networks;

    [[nodiscard]] bool contains(const Value& value) const {
        if (values.contains(value)) {
            return true;
        }
        return value.type() == Type::ip && std::any_of(networks.begin(), networks.end(), [&](const event::Network& network) {
            return network.contains(value.as_ip());
        });
    }
};

}  // namespace

struct Evaluator::Impl {
    std::shared_ptr<const plan::Program> program;
    std::vector<Set> sets;
    std::vector<Database> regexes;
};

struct Evaluator::Session::Scanner {
    ScanScratch scratch;
};

Evaluator::Evaluator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Evaluator::~Evaluator() = default;

Result<std::shared_ptr<const Evaluator>> Evaluator::create(std::shared_ptr<const plan::Program> program) {
    auto impl = std::make_unique<Impl>();
    for (const plan::List& list : program->pool.lists) {
        Set set;
        for (const plan::Constant& constant : list.values) {
            set.values.insert(constant.view());
        }
        set.networks = list.networks;
        impl->sets.push_back(std::move(set));
    }
    for (const std::string& regex : program->pool.regexes) {
        auto database = compile_regex(regex);
        if (!database) {
            return fail(Errc::invalid, fmt::format("the regular expression \"{}\" cannot be used: {}", regex,
                                                   database.error().message));
        }
        impl->regexes.push_back(std::move(*database));
    }
    impl->program = std::move(program);
    struct Made : Evaluator {
        explicit Made(std::unique_ptr<Impl> made) : Evaluator(std::move(made)) {}
    };
    return std::make_shared<const Made>(std::move(impl));
}

Evaluator::Session::Session(std::shared_ptr<const Evaluator> evaluator)
    : evaluator_(std::move(evaluator)),
      scanner_(std::make_unique<Scanner>(Scanner{make_scratch(evaluator_->impl_->regexes)})) {}
Evaluator::Session::~Session() = default;
Evaluator::Session::Session(Session&&) noexcept = default;
Evaluator::Session& Evaluator::Session::operator=(Session&&) noexcept = default;

std::uint64_t Evaluator::Session::take_overflows() { return std::exchange(overflows_, 0); }

/// Walks an expression. Recursion is bounded by the nesting that the parser allows.
struct Interpreter {
    Evaluator::Session& session;
    const Evaluator::Impl& tables;
    const plan::Program& program;
    const Scope& scope;

    Value eval(ExprId id) {
        const plan::Expr& expr = program.pool[id];
        return std::visit([&](const auto& node) { return eval(node, expr.type); }, expr.node);
    }

    Value eval(const plan::Constant& constant, Type) { return constant.view(); }

    Value eval(const plan::ColumnRef& ref, Type) {
        if (scope.batch != nullptr) {
            return scope.batch->column(ref.column).value(scope.row);
        }
        return scope.kept[program.kept_slot[static_cast<std::size_t>(ref.column)]];
    }

    Value eval(const plan::RegisterRef& ref, Type) { return scope.registers[static_cast<std::size_t>(ref.index)]; }
    Value eval(const plan::LetRef& ref, Type) { return scope.lets[ref.index]; }
    Value eval(const plan::KeyRef& ref, Type) { return scope.key[ref.index]; }

    Value eval(const plan::FieldRef& ref, Type) { return (*scope.table_row)[ref.index]; }

    Value eval(const plan::LookupRef& ref, Type) {
        assert(scope.tables != nullptr && "a rule that looks into tables is given them");
        const Value key = eval(ref.key);
        const Row* row = key.is_null() ? nullptr : scope.tables->find(ref.table, key, scope.time);
        return row == nullptr ? Value() : (*row)[ref.field];
    }

    Value eval(const plan::InList& in, Type) {
        const Value value = eval(in.value);
        if (value.is_null()) {
            return Value::of_bool(false);
        }
        return Value::of_bool(tables.sets[static_cast<std::size_t>(in.list)].contains(value) != in.negated);
    }

    Value eval(const plan::Matches& matches, Type) {
        const Value value = eval(matches.value);
        if (value.type() != Type::string) {
            return Value::of_bool(false);
        }
        return Value::of_bool(found(tables.regexes[static_cast<std::size_t>(matches.regex)], value.as_string(),
                                    session.scanner_->scratch));
    }

    Value eval(const plan::Apply& apply, Type type) {
        const auto arg = [&](std::size_t i) { return eval(apply.arguments[i]); };
        switch (apply.op) {
            case Op::logical_and:
                return Value::of_bool(std::all_of(apply.arguments.begin(), apply.arguments.end(),
                                                  [&](ExprId e) { return eval(e).truthy(); }));
            case Op::logical_or:
                return Value::of_bool(std::any_of(apply.arguments.begin(), apply.arguments.end(),
                                                  [&](ExprId e) { return eval(e).truthy(); }));
            case Op::logical_not:
                return Value::of_bool(!arg(0).truthy());
            case Op::equal:
                return Value::of_bool(event::equal(arg(0), arg(1)));
            case Op::not_equal: {
                const Value a = arg(0);
                const Value b = arg(1);
                return Value::of_bool(!a.is_null() && !b.is_null() && !event::equal(a, b));
            }
            case Op::less:
            case Op::less_equal:
            case Op::greater:
            case Op::greater_equal:
                return Value::of_bool(ordered(apply.op, arg(0), arg(1)));
            case Op::is_null:
                return Value::of_bool(arg(0).is_null());
            case Op::is_not_null:
                return Value::of_bool(!arg(0).is_null());
            case Op::add:
            case Op::subtract:
            case Op::multiply:
            case Op::divide:
            case Op::modulo:
                return arithmetic(apply.op, arg(0), arg(1), type);
            case Op::negate: {
                const Value a = arg(0);
                return a.type() == Type::floating ? Value::of_float(-a.as_float()) : integral(Op::subtract, 0, a, type);
            }
            case Op::coalesce:
                for (const ExprId e : apply.arguments) {
                    if (const Value value = eval(e); !value.is_null()) {
                        return converted(value, type);
                    }
                }
                return {};
            case Op::choose:
                return converted(arg(0).truthy() ? arg(1) : arg(2), type);
            default:
                return function(apply, type);
        }
    }

    static bool ordered(Op op, const Value& a, const Value& b) {
        const auto order = event::compare(a, b);
        if (!order) {
            return false;
        }
        switch (op) {
            case Op::less:
                return *order < 0;
            case Op::less_equal:
                return *order <= 0;
            case Op::greater:
                return *order > 0;
            default:
                return *order >= 0;
        }
    }

    /// An int where the expression is a float, as both ways of an `if` have one type.
    static Value converted(const Value& value, Type type) {
        return type == Type::floating && value.type() == Type::integer ? Value::of_float(value.to_double()) : value;
    }

    static Value of(Type type, std::int64_t number) {
        switch (type) {
            case Type::time:
                return Value::of_time(EventTime(number));
            case Type::duration:
                return Value::of_duration(Duration(number));
            default:
                return Value::of_int(number);
        }
    }

    /// Both sides whole numbers (ints, times, durations); an overflow is null and counted.
    Value integral(Op op, std::int64_t a, const Value& right, Type type) {
        if (right.is_null()) {
            return {};
        }
        const std::int64_t b = right.as_int();
        std::int64_t result = 0;
        bool overflow = false;
        switch (op) {
            case Op::add:
                overflow = __builtin_add_overflow(a, b, &result);
                break;
            case Op::subtract:
                overflow = __builtin_sub_overflow(a, b, &result);
                break;
            case Op::multiply:
                overflow = __builtin_mul_overflow(a, b, &result);
                break;
            default:
                if (b == 0) {
                    return {};
                }
                result = b == -1 ? 0 : a % b;
        }
        if (overflow) {
            ++session.overflows_;
            return {};
        }
        return of(type, result);
    }

    static double real(const Value& value) {
        return value.type() == Type::floating ? value.as_float() : static_cast<double>(value.as_int());
    }

    Value arithmetic(Op op, const Value& a, const Value& b, Type type) {
        if (a.is_null() || b.is_null()) {
            return {};
        }
        const bool whole = a.type() != Type::floating && b.type() != Type::floating && op != Op::divide;
        if (whole) {
            return integral(op, a.as_int(), b, type);
        }
        const double x = real(a);
        const double y = real(b);
        double result = 0;
        switch (op) {
            case Op::add:
                result = x + y;
                break;
            case Op::subtract:
                result = x - y;
                break;
            case Op::multiply:
                result = x * y;
                break;
            case Op::divide:
                result = y == 0 ? std::nan("") : x / y;
                break;
            default:
                result = y == 0 ? std::nan("") : std::fmod(x, y);
        }
        return type == Type::floating ? Value::of_float(result) : rounded(std::round(result), type);
    }

    /// A float that is a whole number as the type asks; null where it does not fit.
    Value rounded(double number, Type type) {
        if (type == Type::floating) {
            return Value::of_float(number);
        }
        if (std::isnan(number)) {
            return {};
        }
        if (!(number >= -0x1p63 && number < 0x1p63)) {
            ++session.overflows_;
            return {};
        }
        return of(type, static_cast<std::int64_t>(number));
    }

    Value function(const plan::Apply& apply, Type type) {
        const auto arg = [&](std::size_t i) { return eval(apply.arguments[i]); };
        const Value a = arg(0);
        if (a.is_null()) {
            return is_predicate(apply.op) ? Value::of_bool(false) : Value{};
        }
        switch (apply.op) {
            case Op::abs:
                if (a.type() == Type::floating) {
                    return Value::of_float(std::fabs(a.as_float()));
                }
                return a.as_int() < 0 ? integral(Op::subtract, 0, a, type) : a;
            case Op::floor:
                return a.type() == Type::floating ? rounded(std::floor(a.as_float()), type) : converted(a, type);
            case Op::ceil:
                return a.type() == Type::floating ? rounded(std::ceil(a.as_float()), type) : converted(a, type);
            case Op::round:
                return a.type() == Type::floating ? rounded(std::round(a.as_float()), type) : converted(a, type);
            case Op::sqrt:
                return Value::of_float(std::sqrt(real(a)));
            case Op::lower:
                return Value::of_string(session.scratch_.keep(lower(a.as_string())));
            case Op::upper:
                return Value::of_string(session.scratch_.keep(upper(a.as_string())));
            case Op::length:
                return Value::of_int(length(a.as_string()));
            case Op::hour:
                return Value::of_int(hour(a.as_time()));
            case Op::weekday:
                return Value::of_int(weekday(a.as_time()));
            case Op::date:
                return Value::of_string(session.scratch_.keep(date(a.as_time())));
            case Op::km:
                return distance(apply, a);
            case Op::substring:
                return part(apply, a);
            default:
                return text_test(apply.op, a, arg(1));
        }
    }

    static bool is_predicate(Op op) {
        return op == Op::like || op == Op::contains || op == Op::starts_with || op == Op::ends_with;
    }

    static Value text_test(Op op, const Value& a, const Value& b) {
        if (a.type() != Type::string || b.type() != Type::string) {
            return Value::of_bool(false);
        }
        const std::string_view text = a.as_string();
        const std::string_view piece = b.as_string();
        switch (op) {
            case Op::like:
                return Value::of_bool(like(text, piece));
            case Op::contains:
                return Value::of_bool(text.find(piece) != std::string_view::npos);
            case Op::starts_with:
                return Value::of_bool(text.starts_with(piece));
            default:
                return Value::of_bool(text.ends_with(piece));
        }
    }

    Value part(const plan::Apply& apply, const Value& text) {
        const Value from = eval(apply.arguments[1]);
        std::optional<std::int64_t> count;
        if (apply.arguments.size() > 2) {
            const Value given = eval(apply.arguments[2]);
            if (given.is_null()) {
                return {};
            }
            count = given.as_int();
        }
        return from.is_null() ? Value{} : Value::of_string(substring(text.as_string(), from.as_int(), count));
    }

    Value distance(const plan::Apply& apply, const Value& lat1) {
        const Value lon1 = eval(apply.arguments[1]);
        const Value lat2 = eval(apply.arguments[2]);
        const Value lon2 = eval(apply.arguments[3]);
        if (lon1.is_null() || lat2.is_null() || lon2.is_null()) {
            return {};
        }
        return Value::of_float(km(real(lat1), real(lon1), real(lat2), real(lon2)));
    }
};

Value Evaluator::Session::value(ExprId expr, const Scope& scope) {
    const Impl& tables = *evaluator_->impl_;
    return Interpreter{*this, tables, *tables.program, scope}.eval(expr);
}

}  // namespace tocsin::matcher
