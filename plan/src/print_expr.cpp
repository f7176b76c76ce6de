#include <fmt/format.h>

#include <tocsin/plan/print.hpp>

#include "writer.hpp"

namespace tocsin::plan {

namespace {

/// How tightly an expression binds, as in the grammar; a looser part of a tighter whole gets parentheses.
enum Binding { kOr = 1, kAnd, kNot, kComparison, kSum, kProduct, kSign, kPrimary };

Binding binding_of(Op op) {
    switch (op) {
        case Op::logical_or: return kOr;
        case Op::logical_and: return kAnd;
        case Op::logical_not: return kNot;
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
        case Op::is_null:
        case Op::is_not_null:
        case Op::like: return kComparison;
        case Op::add:
        case Op::subtract: return kSum;
        case Op::multiply:
        case Op::divide:
        case Op::modulo: return kProduct;
        case Op::negate: return kSign;
        default: return kPrimary;
    }
}

Binding binding_of(const Expr& expr) {
    if (const auto* apply = std::get_if<Apply>(&expr.node)) {
        return binding_of(apply->op);
    }
    if (std::holds_alternative<InList>(expr.node) || std::holds_alternative<Matches>(expr.node)) {
        return kComparison;
    }
    return kPrimary;
}

void write_part(std::string& out, const Names& names, ExprId part, Binding least) {
    const bool enclose = binding_of(names.program.pool[part]) < least;
    out += enclose ? "(" : "";
    write_expr(out, names, part);
    out += enclose ? ")" : "";
}

void write_call(std::string& out, const Names& names, const Apply& apply) {
    out += op_name(apply.op);
    out += '(';
    for (std::size_t i = 0; i < apply.arguments.size(); ++i) {
        out += i == 0 ? "" : ", ";
        write_expr(out, names, apply.arguments[i]);
    }
    out += ')';
}

void write_apply(std::string& out, const Names& names, const Apply& apply) {
    const Binding binding = binding_of(apply.op);
    const auto tighter = static_cast<Binding>(binding + 1);
    if (binding == kPrimary) {
        write_call(out, names, apply);
    } else if (apply.op == Op::logical_not) {
        out += "not ";
        write_part(out, names, apply.arguments[0], kComparison);
    } else if (apply.op == Op::negate) {
        out += '-';
        write_part(out, names, apply.arguments[0], kSign);
    } else if (apply.op == Op::is_null || apply.op == Op::is_not_null) {
        write_part(out, names, apply.arguments[0], tighter);
        out += ' ';
        out += op_name(apply.op);
    } else {
        for (std::size_t i = 0; i < apply.arguments.size(); ++i) {
            if (i > 0) {
                out += ' ';
                out += op_name(apply.op);
                out += ' ';
            }
            write_part(out, names, apply.arguments[i], i == 0 && binding > kComparison ? binding : tighter);
        }
    }
}

void write_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(static_cast<unsigned char>(c)));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

std::string_view register_name(Register::Kind kind) {
    switch (kind) {
        case Register::Kind::last: return "last";
        case Register::Kind::first: return "first";
        case Register::Kind::count: return "count";
        case Register::Kind::sum: return "sum";
        case Register::Kind::avg: return "avg";
        case Register::Kind::min: return "min";
        case Register::Kind::max: return "max";
        case Register::Kind::stddev: return "stddev";
        case Register::Kind::distinct: return "distinct";
        case Register::Kind::quantile: return "quantile";
        case Register::Kind::previous: return "prev";
    }
    return "?";
}

}  // namespace

std::string join_path(const std::vector<std::string>& path) {
    std::string out;
    for (const std::string& part : path) {
        out += out.empty() ? "" : ".";
        out += part;
    }
    return out;
}

void write_constant(std::string& out, const Constant& constant) {
    const event::Value value = constant.view();
    switch (value.type()) {
        case event::Type::string: write_quoted(out, value.as_string()); return;
        case event::Type::duration: out += format_duration(value.as_duration()); return;
        case event::Type::time: write_quoted(out, format_rfc3339(value.as_time())); return;
        case event::Type::ip: write_quoted(out, event::format_ip(value.as_ip())); return;
        default: event::append_json(out, value); return;
    }
}

namespace {

/// `sum(amount)`, `distinct~(ip)`, `prev(errors)`
void write_window_register(std::string& out, const Names& names, const Register& reg) {
    out += register_name(reg.kind);
    out += reg.approximate ? "~(" : "(";
    if (reg.kind == Register::Kind::previous) {
        out += names.rule->lets[reg.let].name;
    } else if (reg.value) {
        write_expr(out, Names{names.program, names.rule, names.match_registers, {}}, *reg.value);
    }
    if (reg.kind == Register::Kind::quantile) {
        out += fmt::format(", {}", reg.parameter);
    }
    out += ')';
}

}  // namespace

void write_register(std::string& out, const Names& names, const Register& reg) {
    if (names.rule != nullptr && names.rule->window) {
        write_window_register(out, names, reg);
        return;
    }
    const std::string step = !reg.step_name          ? "prev"
                             : names.rule == nullptr ? fmt::format("step{}", *reg.step_name)
                                                     : names.rule->step_names[*reg.step_name];
    // `b.x` is the last of b, as in the language.
    const bool column = reg.value && std::holds_alternative<ColumnRef>(names.program.pool[*reg.value].node);
    if (reg.kind == Register::Kind::last && column) {
        write_expr(out, Names{names.program, names.rule, names.match_registers, step}, *reg.value);
        return;
    }
    if (reg.kind == Register::Kind::first && column) {
        const std::string first = "first(" + step + ")";
        write_expr(out, Names{names.program, names.rule, names.match_registers, first}, *reg.value);
        return;
    }
    out += register_name(reg.kind);
    out += '(';
    if (reg.value) {
        write_expr(out, Names{names.program, names.rule, names.match_registers, step}, *reg.value);
    } else {
        out += step;
    }
    if (reg.kind == Register::Kind::quantile) {
        out += fmt::format(", {}", reg.parameter);
    }
    out += ')';
}

void write_list(std::string& out, const List& list) {
    out += '(';
    bool first = true;
    for (const Constant& value : list.values) {
        out += first ? "" : ", ";
        write_constant(out, value);
        first = false;
    }
    for (const event::Network& network : list.networks) {
        out += first ? "\"" : ", \"";
        const bool v4 = event::format_ip(network.base).find(':') == std::string::npos && network.prefix_bits >= 96;
        out += fmt::format("{}/{}\"", event::format_ip(network.base), network.prefix_bits - (v4 ? 96 : 0));
        first = false;
    }
    out += ')';
}

void write_expr(std::string& out, const Names& names, ExprId expr) {
    const ExprPool& pool = names.program.pool;
    const auto& node = pool[expr].node;
    if (const auto* constant = std::get_if<Constant>(&node)) {
        write_constant(out, *constant);
    } else if (const auto* column = std::get_if<ColumnRef>(&node)) {
        out += names.step;
        out += names.step.empty() ? "" : ".";
        out += join_path(names.program.projection[static_cast<std::size_t>(column->column)].path);
    } else if (const auto* reg = std::get_if<RegisterRef>(&node)) {
        const auto index = static_cast<std::size_t>(reg->index);
        if (names.rule == nullptr) {
            out += fmt::format("r{}", index);
        } else {
            write_register(out, names,
                           names.match_registers ? names.rule->match_registers[index] : names.rule->run_registers[index]);
        }
    } else if (const auto* let = std::get_if<LetRef>(&node)) {
        out += names.rule == nullptr ? fmt::format("let{}", let->index) : names.rule->lets[let->index].name;
    } else if (const auto* key = std::get_if<KeyRef>(&node)) {
        out += names.rule == nullptr ? fmt::format("key{}", key->index) : names.rule->key[key->index].name;
    } else if (const auto* apply = std::get_if<Apply>(&node)) {
        write_apply(out, names, *apply);
    } else if (const auto* in = std::get_if<InList>(&node)) {
        write_part(out, names, in->value, kSum);
        out += in->negated ? " not in " : " in ";
        const List& list = pool[in->list];
        if (list.name.empty()) {
            write_list(out, list);
        } else {
            out += list.name;
        }
    } else if (const auto* matches = std::get_if<Matches>(&node)) {
        write_part(out, names, matches->value, kSum);
        out += " matches ";
        write_quoted(out, pool[matches->regex]);
    } else if (const auto* lookup = std::get_if<LookupRef>(&node)) {
        const TablePlan& table = names.program[lookup->table];
        out += table.name + "[";
        write_expr(out, names, lookup->key);
        out += "]." + join_path(table.fields[lookup->field].path);
    } else if (const auto* field = std::get_if<FieldRef>(&node)) {
        const TablePlan& table = *names.table;
        out += join_path(table.fields[field->index].path);
    }
}

std::string print_expr(const Program& program, const RulePlan* rule, ExprId expr, bool match_registers) {
    std::string out;
    write_expr(out, Names{program, rule, match_registers, {}}, expr);
    return out;
}

}  // namespace tocsin::plan
