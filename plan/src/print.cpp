#include <tocsin/plan/print.hpp>

#include <fmt/format.h>

#include "writer.hpp"

namespace tocsin::plan {

namespace {

std::size_t index(auto id) { return static_cast<std::size_t>(id); }

std::string_view severity_name(RuleSeverity severity) {
    switch (severity) {
        case RuleSeverity::info: return "info";
        case RuleSeverity::low: return "low";
        case RuleSeverity::medium: return "medium";
        case RuleSeverity::high: return "high";
        case RuleSeverity::critical: return "critical";
    }
    return "?";
}

std::string_view mode_name(Mode mode) {
    switch (mode) {
        case Mode::live: return "live";
        case Mode::shadow: return "shadow";
        case Mode::off: return "off";
    }
    return "?";
}

std::string_view unit_name(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::s: return "s";
        case TimeUnit::ms: return "ms";
        case TimeUnit::us: return "us";
        case TimeUnit::ns: return "ns";
    }
    return "?";
}

std::string choice_text(const RulePlan& rule) {
    switch (rule.overlap) {
        case Overlap::ends: return "overlap ends";
        case Overlap::all: return "overlap all";
        case Overlap::none: return "overlap none";
        case Overlap::skip: break;
    }
    switch (rule.skip.to) {
        case SkipPlan::To::past_last: return "skip past last";
        case SkipPlan::To::next: return "skip to next";
        case SkipPlan::To::first_of: return "skip to first " + rule.step_names[rule.skip.step_name];
        case SkipPlan::To::last_of: return "skip to last " + rule.step_names[rule.skip.step_name];
    }
    return "?";
}

std::string column_text(const Program& program, event::ColumnId column) {
    return join_path(program.projection[index(column)].path);
}

void print_columns(std::string& out, const Program& program) {
    out += "columns\n";
    for (std::size_t i = 0; i < program.projection.size(); ++i) {
        const event::ColumnSpec& spec = program.projection[i];
        out += fmt::format("  {}: {}", join_path(spec.path), event::type_name(spec.type));
        if (spec.type == event::Type::time && spec.unit != TimeUnit::ms) {
            out += fmt::format(" in {}", unit_name(spec.unit));
        }
        if (i < program.kept_slot.size() && program.kept_slot[i] != Program::kNotKept) {
            out += fmt::format(", kept in slot {}", program.kept_slot[i]);
        }
        out += '\n';
    }
}

std::string_view origin_text(StreamPlan::Origin origin) {
    switch (origin) {
        case StreamPlan::Origin::records: return "";
        case StreamPlan::Origin::changes: return ", the changes of the table";
        case StreamPlan::Origin::alerts: return ", the alerts of the rule";
    }
    return "";
}

void print_stream(std::string& out, const Program& program, const StreamPlan& stream) {
    out += fmt::format("stream {}{}\n  time   {}\n  slack  {}\n", stream.name, origin_text(stream.origin),
                       column_text(program, stream.time), format_duration(stream.slack));
    if (stream.idle) {
        out += fmt::format("  idle   {}\n", format_duration(*stream.idle));
    }
    if (stream.where) {
        out += fmt::format("  where  {}\n", print_expr(program, nullptr, *stream.where));
    }
    if (stream.from) {
        out += fmt::format("  from   {}\n", *stream.from);
    }
}

void print_table(std::string& out, const Program& program, const TablePlan& table) {
    out += fmt::format("{} {}\n", table.join ? "view" : "table", table.name);
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
        out += fmt::format("  {} {}: {}\n", i == table.key ? "key   " : "field ", join_path(table.fields[i].path),
                           event::type_name(table.fields[i].type));
    }
    if (!table.join) {
        return;
    }
    const JoinPlan& join = *table.join;
    out += fmt::format("  of     {} {} {} on {}\n", program[join.left].name, join.keep_unmatched ? "left join" : "join",
                       program[join.right].name, join_path(table.fields[join.on].path));
    if (join.where) {
        out += "  where  ";
        write_expr(out, Names{program, nullptr, false, {}, &table}, *join.where);
        out += '\n';
    }
}

void print_predicates(std::string& out, const Program& program) {
    out += "predicates\n";
    for (std::size_t i = 0; i < program.predicates.size(); ++i) {
        const Predicate& predicate = program.predicates[i];
        out += fmt::format("  p{} {}", i, program[predicate.stream].name);
        if (predicate.expr) {
            out += fmt::format("[{}]", print_expr(program, nullptr, *predicate.expr));
        }
        out += '\n';
    }
}

void print_key(std::string& out, const Program& program, const RulePlan& rule) {
    for (std::size_t i = 0; i < rule.key.size(); ++i) {
        out += fmt::format("  {} {}: {}\n", i == 0 ? "key       " : "          ", rule.key[i].name,
                           event::type_name(rule.key[i].type));
    }
    for (std::size_t i = 0; i < rule.tables.size(); ++i) {
        out += fmt::format("  {} {}\n", i == 0 ? "looks into" : "          ", program[rule.tables[i]].name);
    }
    for (std::size_t i = 0; i < rule.sources.size(); ++i) {
        const SourcePlan& source = rule.sources[i];
        out += fmt::format("  {} {}", i == 0 ? "sees      " : "          ", program[source.stream].name);
        for (std::size_t k = 0; k < source.key.size(); ++k) {
            out += fmt::format("{}{}", k == 0 ? " by " : ", ", column_text(program, source.key[k]));
        }
        out += '\n';
    }
}

void print_conditions(std::string& out, const Program& program, const RulePlan& rule) {
    out += "  conditions\n";
    for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
        const Condition& condition = rule.conditions[i];
        out += fmt::format("    c{} p{}", i, index(condition.predicate));
        if (condition.residual) {
            const auto* apply = std::get_if<Apply>(&program.pool[*condition.residual].node);
            const bool loose = apply != nullptr && apply->op == Op::logical_or;
            const std::string text = print_expr(program, &rule, *condition.residual);
            out += loose ? fmt::format(" and ({})", text) : fmt::format(" and {}", text);
        }
        out += '\n';
    }
    out += rule.window ? "" : "  steps\n";
    for (const StepPlan& step : rule.steps) {
        out += fmt::format("    {}: {} c{}\n", rule.step_names[step.name], program[step.stream].name, index(step.condition));
    }
    for (std::size_t i = 0; i < rule.leading_absent.size(); ++i) {
        out += fmt::format("  {} c{}\n", i == 0 ? "before it  not" : "              ", index(rule.leading_absent[i]));
    }
    if (rule.needs_every_event) {
        out += "  sees every event of its key\n";
    }
}

void print_registers(std::string& out, const Program& program, const RulePlan& rule, bool match) {
    const std::vector<Register>& registers = match ? rule.match_registers : rule.run_registers;
    if (registers.empty()) {
        return;
    }
    out += !match ? "  a run remembers\n" : rule.window ? "  a window remembers\n" : "  a match remembers\n";
    for (const Register& reg : registers) {
        out += "    ";
        write_register(out, Names{program, &rule, match, {}}, reg);
        out += '\n';
    }
}

std::string guards_text(const nfa::Edge& edge) {
    std::string out;
    for (const nfa::Guard& guard : edge.guards) {
        out += fmt::format(" {} c{}", guard.next_only ? "next not" : "not", index(guard.condition));
        out += guard.in ? " in " + format_duration(*guard.in) : "";
    }
    for (const nfa::ConditionId until : edge.untils) {
        out += fmt::format(" until c{}", index(until));
    }
    out += edge.in ? " in " + format_duration(*edge.in) : "";
    return out;
}

void print_automaton(std::string& out, const RulePlan& rule) {
    out += "  automaton\n";
    for (std::size_t s = 0; s < rule.automaton.states.size(); ++s) {
        for (const nfa::Edge& edge : rule.automaton.states[s].edges) {
            out += fmt::format("    s{} ", s);
            if (edge.accept) {
                out += "accept";
            } else {
                const std::string_view arrow = edge.arrow == nfa::Arrow::follows  ? "->"
                                               : edge.arrow == nfa::Arrow::strict ? "=>"
                                                                                  : "~>";
                out += fmt::format("{} s{} takes {} c{}", arrow, index(edge.target),
                                   rule.step_names[rule.steps[index(edge.step)].name], index(edge.condition));
            }
            out += guards_text(edge);
            out += '\n';
        }
    }
}

void print_values(std::string& out, const Program& program, const RulePlan& rule) {
    for (const NamedValue& let : rule.lets) {
        out += fmt::format("  let        {} = {}\n", let.name, print_expr(program, &rule, let.value, true));
    }
    if (rule.where) {
        out += fmt::format("  where      {}\n", print_expr(program, &rule, *rule.where, true));
    }
    for (const NamedValue& value : rule.returns) {
        out += fmt::format("  return     {} = {}\n", value.name, print_expr(program, &rule, value.value, true));
    }
    if (!rule.text.empty()) {
        out += "  alert      ";
        for (const auto& piece : rule.text) {
            if (const auto* text = std::get_if<std::string>(&piece)) {
                out += *text;
            } else {
                out += fmt::format("{{{}}}", print_expr(program, &rule, std::get<ExprId>(piece), true));
            }
        }
        out += '\n';
    }
}

}  // namespace

std::string print_window(const WindowPlan& window) {
    const std::string size = format_duration(window.size);
    switch (window.kind) {
        case WindowPlan::Kind::sliding: return "sliding " + size;
        case WindowPlan::Kind::session: return "session " + size;
        case WindowPlan::Kind::fixed: break;
    }
    return size + (window.every == window.size ? "" : " every " + format_duration(window.every)) +
           (window.keep ? " for " + format_duration(*window.keep) : "");
}

std::string print_register(const Program& program, const RulePlan& rule, const Register& reg) {
    std::string out;
    write_register(out, Names{program, &rule, true, {}}, reg);
    return out;
}

std::string print_rule(const Program& program, const RulePlan& rule) {
    std::string out = fmt::format("rule {}", rule.name);
    out += rule.title.empty() ? "\n" : fmt::format(" \"{}\"\n", rule.title);
    out += fmt::format("  severity   {}\n", severity_name(rule.severity));
    for (const auto& [name, value] : rule.labels) {
        out += fmt::format("  label      {} = ", name);
        write_constant(out, value);
        out += '\n';
    }
    out += rule.mode == Mode::live ? "" : fmt::format("  mode       {}\n", mode_name(rule.mode));
    print_key(out, program, rule);
    if (rule.window) {
        out += fmt::format("  window     {}{}\n", print_window(*rule.window),
                           rule.overlap == Overlap::none ? ", emptied at each alert" : "");
    } else {
        out += rule.within ? fmt::format("  within     {}\n", format_duration(*rule.within)) : "";
        out += fmt::format("  matches    {}\n", choice_text(rule));
    }
    print_conditions(out, program, rule);
    print_registers(out, program, rule, false);
    print_registers(out, program, rule, true);
    print_values(out, program, rule);
    if (!rule.window) {
        print_automaton(out, rule);
    }
    return out;
}

std::string print(const Program& program) {
    std::string out;
    print_columns(out, program);
    for (const StreamPlan& stream : program.streams) {
        out += '\n';
        print_stream(out, program, stream);
    }
    for (const TablePlan& table : program.tables) {
        out += '\n';
        print_table(out, program, table);
    }
    out += '\n';
    print_predicates(out, program);
    for (const RulePlan& rule : program.rules) {
        out += '\n';
        out += print_rule(program, rule);
    }
    return out;
}

}  // namespace tocsin::plan
