// The hash of a rule's meaning. It reads the plan, in which definitions are expanded and lists have contents, never the
// text, and no number that depends on the other rules of the load: a rule keeps its version whatever is loaded beside it.
//
// In it: what a match is (streams with their `where` and event time, key, pattern, conditions, within, overlap, skip,
// where) and what an alert shows of it (title, severity, labels, lets, return, text). Not in it: the rule's name (an alert's id
// has it beside the version), `mode`, how events arrive (slack, idle, from), and fields that the rule does not read.

#include <algorithm>
#include <type_traits>

#include <xxhash.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

/// A flat, unambiguous text of what is hashed: every part says how long it is.
class Digest {
public:
    explicit Digest(const plan::Program& program) : program_(program) {}

    void add(std::string_view text) {
        add(static_cast<std::uint64_t>(text.size()));
        bytes_ += text;
    }
    void add(std::uint64_t number) {
        bytes_ += std::to_string(number);
        bytes_ += ' ';
    }
    void add(const std::vector<std::string>& parts) {
        add(static_cast<std::uint64_t>(parts.size()));
        for (const std::string& part : parts) {
            add(part);
        }
    }
    void add(const std::optional<Duration>& duration) { add(duration ? std::to_string(duration->count()) : std::string("-")); }
    void add(const plan::Constant& constant) {
        std::string text;
        event::append_json(text, constant.view());
        if (const auto* duration = std::get_if<Duration>(&constant.value)) {
            text = std::to_string(duration->count());
        }
        add(static_cast<std::uint64_t>(constant.value.index()));
        add(text);
    }
    void add(event::ColumnId column) {
        const event::ColumnSpec& spec = program_.projection[static_cast<std::size_t>(column)];
        add(spec.path);
        add(static_cast<std::uint64_t>(spec.type) * 8 + static_cast<std::uint64_t>(spec.unit));
    }
    void add(const std::optional<plan::ExprId>& expr) {
        add(expr ? std::uint64_t{1} : std::uint64_t{0});
        if (expr) {
            add(*expr);
        }
    }
    void add(plan::ExprId id) {
        const plan::Expr& expr = program_.pool[id];
        add(static_cast<std::uint64_t>(expr.node.index()));
        std::visit([&](const auto& node) { add_node(node); }, expr.node);
    }
    void add(const plan::Register& reg) {
        add(static_cast<std::uint64_t>(reg.kind));
        add(reg.step_name ? std::uint64_t{*reg.step_name} + 1 : std::uint64_t{0});
        add(reg.value);
        add(plan::Constant{reg.parameter});
        if (reg.approximate || reg.kind == plan::Register::Kind::previous) {
            add(std::uint64_t{reg.let} * 2 + (reg.approximate ? 1 : 0));
        }
    }
    /// Which rows a table has: its key, and what feeds it or what it is made of, and those in turn.
    void add_rows_of(plan::TableId root) {
        std::vector<plan::TableId> open{root};
        for (std::size_t next = 0; next < open.size(); ++next) {
            const plan::TablePlan& table = program_[open[next]];
            add(table.name);
            add_field(table, table.key);
            if (!table.join) {
                add_stream(table.feeds.front());
                continue;
            }
            add_field(table, table.join->on);
            add(std::uint64_t{table.join->keep_unmatched ? 1U : 0U});
            at_hand_ = &table;
            add(table.join->where);
            for (const plan::TableId part : {table.join->left, table.join->right}) {
                if (std::ranges::find(open, part) == open.end()) {
                    open.push_back(part);
                }
            }
        }
    }
    void add_field(const plan::TablePlan& table, std::uint32_t field) {
        add(table.fields[field].path);
        add(static_cast<std::uint64_t>(table.fields[field].type));
    }
    void add_stream(plan::StreamId id) {
        const plan::StreamPlan& stream = program_[id];
        add(stream.name);
        add(stream.time);
        add(stream.where);
    }
    [[nodiscard]] std::uint32_t result() const { return XXH32(bytes_.data(), bytes_.size(), 0); }

private:
    void add_node(const plan::Constant& constant) { add(constant); }
    void add_node(const plan::ColumnRef& ref) { add(ref.column); }
    void add_node(const plan::RegisterRef& ref) { add(static_cast<std::uint64_t>(ref.index)); }
    void add_node(const plan::LetRef& ref) { add(std::uint64_t{ref.index}); }
    void add_node(const plan::KeyRef& ref) { add(std::uint64_t{ref.index}); }
    /// What a look-up finds is the table's meaning, not its number.
    void add_node(const plan::LookupRef& ref) {
        add_rows_of(ref.table);
        add_field(program_[ref.table], ref.field);
        add(ref.key);
    }
    void add_node(const plan::FieldRef& ref) { add_field(*at_hand_, ref.index); }
    void add_node(const plan::Apply& apply) {
        add(plan::op_name(apply.op));
        add(static_cast<std::uint64_t>(apply.arguments.size()));
        if (apply.op == plan::Op::logical_and || apply.op == plan::Op::logical_or) {
            add_unordered(apply.arguments);
            return;
        }
        for (const plan::ExprId argument : apply.arguments) {
            add(argument);
        }
    }
    /// The order of conditions means nothing; in a predicate it depends on the names of lists.
    void add_unordered(const std::vector<plan::ExprId>& arguments) {
        std::vector<std::string> parts;
        for (const plan::ExprId argument : arguments) {
            Digest part(program_);
            part.at_hand_ = at_hand_;
            part.add(argument);
            parts.push_back(std::move(part.bytes_));
        }
        std::ranges::sort(parts);
        add(parts);
    }
    void add_node(const plan::InList& in) {
        const plan::List& list = program_.pool[in.list];
        add(in.value);
        add(static_cast<std::uint64_t>(in.negated ? 1 : 0));
        add(static_cast<std::uint64_t>(list.values.size()));
        for (const plan::Constant& value : list.values) {
            add(value);
        }
        add(static_cast<std::uint64_t>(list.networks.size()));
        for (const event::Network& network : list.networks) {
            add(event::format_ip(network.base));
            add(std::uint64_t{network.prefix_bits});
        }
    }
    void add_node(const plan::Matches& matches) {
        add(matches.value);
        add(program_.pool[matches.regex]);
    }

    const plan::Program& program_;
    const plan::TablePlan* at_hand_{nullptr};  ///< the view whose `where` is read
    std::string bytes_;
};

/// What a stream means; of one that is made here, what makes it.
void add_stream(Digest& digest, const plan::Program& program, const Stream& stream) {
    digest.add_stream(stream.id);
    if (stream.origin == plan::StreamPlan::Origin::changes) {
        const plan::TableId table{program[stream.id].maker};
        digest.add_rows_of(table);
        // Whatever is not the same again is a change.
        for (const std::uint32_t field : program[table].telling) {
            digest.add_field(program[table], field);
        }
    } else if (stream.origin == plan::StreamPlan::Origin::alerts) {
        digest.add(std::uint64_t{stream.version});
    }
}

void add_sources(Digest& digest, const plan::Program& program, const Draft& draft) {
    const plan::RulePlan& rule = draft.plan;
    for (std::size_t i = 0; i < rule.sources.size(); ++i) {
        const plan::SourcePlan& source = rule.sources[i];
        add_stream(digest, program, *draft.streams[i]);
        for (const event::ColumnId column : source.key) {
            digest.add(column);
        }
    }
    for (const plan::KeyPlan& key : rule.key) {
        digest.add(key.name);
    }
}

void add_conditions(Digest& digest, const plan::Program& program, const plan::RulePlan& rule) {
    for (const plan::Condition& condition : rule.conditions) {
        const plan::Predicate& predicate = program[condition.predicate];
        digest.add(program[predicate.stream].name);
        digest.add(predicate.expr);
        digest.add(condition.residual);
    }
    for (const plan::StepPlan& step : rule.steps) {
        digest.add(rule.step_names[step.name]);
    }
}

void add_pattern(Digest& digest, const nfa::Pattern& pattern) {
    for (const nfa::Node& any : pattern.nodes) {
        digest.add(static_cast<std::uint64_t>(any.index()));
        if (const auto* take = std::get_if<nfa::Take>(&any)) {
            digest.add(static_cast<std::uint64_t>(take->step));
            digest.add(static_cast<std::uint64_t>(take->condition));
        } else if (const auto* absent = std::get_if<nfa::Absent>(&any)) {
            digest.add(static_cast<std::uint64_t>(absent->condition));
            digest.add(absent->in);
        } else if (const auto* sequence = std::get_if<nfa::Sequence>(&any)) {
            for (const nfa::Part& part : sequence->parts) {
                digest.add(static_cast<std::uint64_t>(part.arrow));
                digest.add(static_cast<std::uint64_t>(part.node));
            }
        } else if (const auto* either = std::get_if<nfa::Alternatives>(&any)) {
            digest.add(static_cast<std::uint64_t>(either->join));
            for (const nfa::NodeId item : either->items) {
                digest.add(static_cast<std::uint64_t>(item));
            }
        } else if (const auto* repeat = std::get_if<nfa::Repeat>(&any)) {
            digest.add(static_cast<std::uint64_t>(repeat->body));
            digest.add(std::uint64_t{repeat->times.min});
            digest.add(repeat->times.max ? std::to_string(*repeat->times.max) : std::string("-"));
            digest.add(static_cast<std::uint64_t>(repeat->times.between) * 8 + static_cast<std::uint64_t>(repeat->times.greed));
            digest.add(repeat->until ? std::uint64_t{1} + static_cast<std::uint64_t>(*repeat->until) : std::uint64_t{0});
            digest.add(repeat->in);
        }
    }
}

void add_window(Digest& digest, const plan::WindowPlan& window) {
    digest.add(static_cast<std::uint64_t>(window.kind));
    digest.add(std::optional(window.size));
    digest.add(std::optional(window.every));
    digest.add(window.keep);
}

void add_shown(Digest& digest, const plan::RulePlan& rule) {
    digest.add(rule.title);
    digest.add(static_cast<std::uint64_t>(rule.severity));
    for (const auto& [name, value] : rule.labels) {
        digest.add(name);
        digest.add(value);
    }
    for (const auto* values : {&rule.lets, &rule.returns}) {
        for (const plan::NamedValue& one : *values) {
            digest.add(one.name);
            digest.add(one.value);
        }
    }
    for (const auto& piece : rule.text) {
        std::visit([&](const auto& part) { digest.add(part); }, piece);
    }
}

}  // namespace

std::uint32_t version_of(const Load& load, const Draft& draft) {
    const plan::RulePlan& rule = draft.plan;
    Digest digest(load.builder.program);
    add_sources(digest, load.builder.program, draft);
    add_conditions(digest, load.builder.program, rule);
    add_pattern(digest, draft.pattern);
    for (const auto* registers : {&rule.run_registers, &rule.match_registers}) {
        for (const plan::Register& reg : *registers) {
            digest.add(reg);
        }
    }
    if (rule.window) {
        add_window(digest, *rule.window);
    }
    digest.add(rule.where);
    add_shown(digest, rule);
    digest.add(rule.within);
    digest.add(static_cast<std::uint64_t>(rule.overlap));
    if (rule.overlap == plan::Overlap::skip) {
        digest.add(static_cast<std::uint64_t>(rule.skip.to));
        digest.add(std::uint64_t{rule.skip.step_name});
    }
    return digest.result();
}

}  // namespace tocsin::compiler
