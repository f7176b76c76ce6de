// Printing without recursion: a stack of what is still to be written, so that the depth of a tree costs heap, not
// stack.

#include "print.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tocsin/base/time.hpp>
#include <tocsin/dsl/format.hpp>

#include "literal.hpp"
#include "token.hpp"

namespace tocsin::dsl {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string_view print_op(BinaryOp op) {
    switch (op) {
        case BinaryOp::logical_or: return "or";
        case BinaryOp::logical_and: return "and";
        case BinaryOp::equal: return "=";
        case BinaryOp::not_equal: return "!=";
        case BinaryOp::less: return "<";
        case BinaryOp::less_equal: return "<=";
        case BinaryOp::greater: return ">";
        case BinaryOp::greater_equal: return ">=";
        case BinaryOp::like: return "like";
        case BinaryOp::matches: return "matches";
        case BinaryOp::add: return "+";
        case BinaryOp::subtract: return "-";
        case BinaryOp::multiply: return "*";
        case BinaryOp::divide: return "/";
        case BinaryOp::modulo: return "%";
    }
    return "";
}

std::string print_float(double value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) {
        text += ".0";
    }
    return text;
}

std::string print_duration(Duration duration) {
    return duration.count() < 0 ? fmt::format("-{}", format_duration(-duration)) : format_duration(duration);
}

std::string print_literal(const Literal& literal) {
    return std::visit(Overloaded{
                          [](Null) { return std::string("null"); },
                          [](bool value) { return std::string(value ? "true" : "false"); },
                          [](std::int64_t value) { return std::to_string(value); },
                          [](double value) { return print_float(value); },
                          [](const std::string& value) { return print_string(value); },
                          [](Duration value) { return print_duration(value); },
                      },
                      literal.value);
}

std::string print_times(const Times& times) {
    std::string out;
    switch (times.form) {
        case Times::Form::plus: out = "+"; break;
        case Times::Form::star: out = "*"; break;
        case Times::Form::question: out = "?"; break;
        case Times::Form::exactly: out = fmt::format("{{{}}}", times.min); break;
        case Times::Form::at_least: out = fmt::format("{{{},}}", times.min); break;
        case Times::Form::between: out = fmt::format("{{{},{}}}", times.min, times.max.value_or(times.min)); break;
    }
    out += times.between == Arrow::strict ? " strict" : times.between == Arrow::any ? " any" : "";
    out += times.lazy ? " lazy" : times.each ? " each" : "";
    return out;
}

class Printer {
public:
    explicit Printer(const File& file) : file_(file) {}

    std::string print(ExprId id) { return run({id}); }
    std::string print(PatternId id) { return run({id}); }
    std::string print(const EventRef& event) {
        std::vector<Item> items;
        append(items, event);
        return run(std::move(items));
    }

private:
    using Item = std::variant<std::string, ExprId, PatternId>;

    std::string run(std::vector<Item> items) {
        std::string out;
        push(std::move(items));
        while (!stack_.empty()) {
            Item item = std::move(stack_.back());
            stack_.pop_back();
            std::visit(Overloaded{
                           [&](const std::string& text) { out += text; },
                           [&](ExprId id) { push(parts_of(file_[id])); },
                           [&](PatternId id) { push(parts_of(file_[id])); },
                       },
                       item);
        }
        return out;
    }

    void push(std::vector<Item> items) {
        stack_.insert(stack_.end(), std::make_move_iterator(items.rbegin()), std::make_move_iterator(items.rend()));
    }

    static void append_list(std::vector<Item>& items, const std::vector<ExprId>& ids) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (i > 0) {
                items.emplace_back(", ");
            }
            items.emplace_back(ids[i]);
        }
    }

    [[nodiscard]] std::vector<Item> parts_of(const Expr& expr) const {
        std::vector<Item> items;
        if (expr.parenthesised) {
            items.emplace_back("(");
        }
        std::visit([&](const auto& node) { append(items, node); }, expr.node);
        if (expr.parenthesised) {
            items.emplace_back(")");
        }
        return items;
    }

    [[nodiscard]] bool starts_with_sign(ExprId id) const {
        const Expr& expr = file_[id];
        const auto* literal = std::get_if<Literal>(&expr.node);
        const auto* unary = std::get_if<Unary>(&expr.node);
        return !expr.parenthesised && ((literal != nullptr && print_literal(*literal).starts_with('-')) ||
                                       (unary != nullptr && unary->op == UnaryOp::negate));
    }

    static void append(std::vector<Item>& items, const Literal& literal) { items.emplace_back(print_literal(literal)); }
    static void append(std::vector<Item>& items, const PathExpr& path) { items.emplace_back(print_path(path.path)); }
    void append(std::vector<Item>& items, const Unary& unary) const {
        // Two signs in a row would look like a comment of SQL.
        items.emplace_back(unary.op == UnaryOp::logical_not ? "not " : starts_with_sign(unary.operand) ? "- " : "-");
        items.emplace_back(unary.operand);
    }
    static void append(std::vector<Item>& items, const Binary& binary) {
        items.emplace_back(binary.left);
        items.emplace_back(fmt::format(" {} ", print_op(binary.op)));
        items.emplace_back(binary.right);
    }
    static void append(std::vector<Item>& items, const Call& call) {
        items.emplace_back(print_name(call.function.text) + (call.approximate ? "~(" : "("));
        append_list(items, call.arguments);
        items.emplace_back(")");
    }
    static void append(std::vector<Item>& items, const Member& member) {
        items.emplace_back(member.base);
        items.emplace_back(fmt::format(".{}", print_path(member.path)));
    }
    static void append(std::vector<Item>& items, const In& in) {
        items.emplace_back(in.value);
        items.emplace_back(in.negated ? " not in " : " in ");
        std::visit(Overloaded{
                       [&](const std::vector<ExprId>& values) {
                           items.emplace_back("(");
                           append_list(items, values);
                           items.emplace_back(")");
                       },
                       [&](const Name& list) { items.emplace_back(print_name(list.text)); },
                       [&](ExprId literal) { items.emplace_back(literal); },
                   },
                   in.set);
    }

    static std::vector<Item> parts_of(const Pattern& pattern) {
        std::vector<Item> items;
        std::visit([&items](const auto& node) { append(items, node); }, pattern.node);
        return items;
    }

    static void append(std::vector<Item>& items, const EventRef& event) {
        items.emplace_back(print_name(event.stream.text));
        if (event.condition) {
            items.emplace_back("[");
            items.emplace_back(*event.condition);
            items.emplace_back("]");
        }
    }
    static void append(std::vector<Item>& items, const Tail& tail) {
        if (tail.times) {
            items.emplace_back(print_times(*tail.times));
        }
        if (tail.until) {
            items.emplace_back(" until ");
            append(items, *tail.until);
        }
        append(items, tail.in);
    }
    static void append(std::vector<Item>& items, const std::optional<Duration>& limit) {
        if (limit) {
            items.emplace_back(fmt::format(" in {}", format_duration(*limit)));
        }
    }
    static void append(std::vector<Item>& items, const Step& step) {
        if (step.name) {
            items.emplace_back(print_name(step.name->text) + ": ");
        }
        append(items, step.event);
        append(items, step.tail);
    }
    static void append(std::vector<Item>& items, const Group& group) {
        items.emplace_back("(");
        items.emplace_back(group.body);
        items.emplace_back(")");
        append(items, group.tail);
    }
    static void append(std::vector<Item>& items, const NotItem& item) {
        items.emplace_back("not ");
        append(items, item.event);
        append(items, item.in);
    }
    static void append(std::vector<Item>& items, const Sequence& sequence) {
        for (std::size_t i = 0; i < sequence.parts.size(); ++i) {
            if (i > 0) {
                items.emplace_back(fmt::format(" {} ", print_arrow(sequence.parts[i].arrow)));
            }
            items.emplace_back(sequence.parts[i].item);
        }
    }
    static void append(std::vector<Item>& items, const Alternatives& alternatives) {
        for (std::size_t i = 0; i < alternatives.items.size(); ++i) {
            if (i > 0) {
                items.emplace_back(alternatives.kind == Alternatives::Kind::all_of ? " and " : " or ");
            }
            items.emplace_back(alternatives.items[i]);
        }
    }

    const File& file_;
    std::vector<Item> stack_;
};

}  // namespace

std::string print_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool bare = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                      std::all_of(name.begin(), name.end(), fits) && !is_reserved(name);
    return bare ? std::string(name) : fmt::format("`{}`", name);
}

std::string print_path(const Path& path) {
    std::string out;
    for (const std::string& part : path.parts) {
        out += fmt::format("{}{}", out.empty() ? "" : ".", print_name(part));
    }
    return out;
}

std::string print_string(std::string_view value) {
    const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '"'; };
    if (value.find('\\') != std::string_view::npos && std::all_of(value.begin(), value.end(), plain)) {
        return fmt::format("r\"{}\"", value);
    }
    return fmt::format("\"{}\"", escape(value));
}

std::string print_event(const File& file, const EventRef& event) { return Printer(file).print(event); }

std::string print_window(const File& file, const Window& window) {
    std::string out = window.kind == Window::Kind::sliding   ? "sliding "
                      : window.kind == Window::Kind::session ? "session "
                                                             : "";
    out += format_duration(window.size);
    if (window.every) {
        out += fmt::format(" every {}", format_duration(*window.every));
    }
    if (window.keep) {
        out += fmt::format(" for {}", format_duration(*window.keep));
    }
    return fmt::format("{} on {}", out, print_event(file, window.on));
}

std::string_view print_arrow(Arrow arrow) {
    switch (arrow) {
        case Arrow::follows: return "->";
        case Arrow::strict: return "=>";
        case Arrow::any: return "~>";
    }
    return "->";
}

std::string format_expr(const File& file, ExprId expr) { return Printer(file).print(expr); }

std::string format_pattern(const File& file, PatternId pattern) { return Printer(file).print(pattern); }

}  // namespace tocsin::dsl
