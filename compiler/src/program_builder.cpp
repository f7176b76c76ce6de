#include "program_builder.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <type_traits>

namespace tocsin::compiler {

namespace {

using plan::ExprId;

class Hasher {
public:
    void add(std::uint64_t word) {
        state_ ^= word + 0x9e3779b97f4a7c15ULL + (state_ << 12U) + (state_ >> 4U);
        state_ *= 0xff51afd7ed558ccdULL;
        state_ ^= state_ >> 32U;
    }
    void add(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
    void add(const plan::Constant& constant) {
        add(constant.value.index());
        add(event::hash(constant.view()));
    }
    [[nodiscard]] std::uint64_t result() const { return state_; }

private:
    std::uint64_t state_{0x243f6a8885a308d3ULL};
};

std::uint64_t hash_of(const plan::Expr& expr) {
    Hasher hasher;
    hasher.add(static_cast<std::uint64_t>(expr.type));
    hasher.add(expr.node.index());
    std::visit(
        [&](const auto& node) {
            using Node = std::decay_t<decltype(node)>;
            if constexpr (std::is_same_v<Node, plan::Constant>) {
                hasher.add(node);
            } else if constexpr (std::is_same_v<Node, plan::ColumnRef>) {
                hasher.add(static_cast<std::uint64_t>(node.column));
            } else if constexpr (std::is_same_v<Node, plan::Apply>) {
                hasher.add(static_cast<std::uint64_t>(node.op));
                for (const ExprId argument : node.arguments) {
                    hasher.add(static_cast<std::uint64_t>(argument));
                }
            } else if constexpr (std::is_same_v<Node, plan::InList>) {
                hasher.add(static_cast<std::uint64_t>(node.value));
                hasher.add(static_cast<std::uint64_t>(node.list) * 2 + (node.negated ? 1 : 0));
            } else if constexpr (std::is_same_v<Node, plan::Matches>) {
                hasher.add(static_cast<std::uint64_t>(node.value));
                hasher.add(static_cast<std::uint64_t>(node.regex));
            } else if constexpr (std::is_same_v<Node, plan::LookupRef>) {
                hasher.add(static_cast<std::uint64_t>(node.table));
                hasher.add(static_cast<std::uint64_t>(node.field));
                hasher.add(static_cast<std::uint64_t>(node.key));
            } else {
                hasher.add(static_cast<std::uint64_t>(node.index));
            }
        },
        expr.node);
    return hasher.result();
}

std::uint64_t hash_of(const event::ColumnSpec& spec) {
    Hasher hasher;
    hasher.add((static_cast<std::uint64_t>(spec.type) * 8 + static_cast<std::uint64_t>(spec.unit)) * 4 +
               static_cast<std::uint64_t>(spec.of));
    for (const std::string& part : spec.path) {
        hasher.add(part);
    }
    return hasher.result();
}

std::uint64_t hash_of(const plan::List& list) {
    Hasher hasher;
    hasher.add(list.name);
    hasher.add(static_cast<std::uint64_t>(list.type));
    for (const plan::Constant& value : list.values) {
        hasher.add(value);
    }
    for (const event::Network& network : list.networks) {
        hasher.add(event::hash(event::Value::of_ip(network.base)));
        hasher.add(network.prefix_bits);
    }
    return hasher.result();
}

/// The id of `thing` in `things`, which gets it if it is new.
template <class Id, class Thing>
std::pair<Id, bool> intern(std::unordered_multimap<std::uint64_t, Id>& index, std::vector<Thing>& things, Thing thing) {
    const std::uint64_t hash = hash_of(thing);
    const auto [begin, end] = index.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
        if (things[static_cast<std::size_t>(it->second)] == thing) {
            return {it->second, false};
        }
    }
    const Id id{static_cast<std::uint32_t>(things.size())};
    things.push_back(std::move(thing));
    index.emplace(hash, id);
    return {id, true};
}

}  // namespace

event::Type type_of(const plan::Constant& constant) { return constant.view().type(); }

ExprId ProgramBuilder::add(plan::Expr expr) {
    const Reads reads = reads_of(expr);
    const auto [id, is_new] = intern(exprs_, program.pool.exprs, std::move(expr));
    if (is_new) {
        reads_.push_back(reads);
    }
    return id;
}

ExprId ProgramBuilder::constant(plan::Constant value) {
    const event::Type type = type_of(value);
    return add({type, std::move(value)});
}

ExprId ProgramBuilder::apply(event::Type type, plan::Op op, std::vector<ExprId> arguments) {
    return add({type, plan::Apply{op, std::move(arguments)}});
}

ExprId ProgramBuilder::column(event::ColumnSpec spec) {
    const event::Type type = spec.type;
    return add({type, plan::ColumnRef{column_id(std::move(spec))}});
}

event::ColumnId ProgramBuilder::column_id(event::ColumnSpec spec) {
    return intern(columns_, program.projection, std::move(spec)).first;
}

plan::ListId ProgramBuilder::list(plan::List list) { return intern(lists_, program.pool.lists, std::move(list)).first; }

plan::RegexId ProgramBuilder::regex(const std::string& text) {
    const plan::RegexId next{static_cast<std::uint32_t>(program.pool.regexes.size())};
    const auto [found, is_new] = regexes_.emplace(text, next);
    if (is_new) {
        program.pool.regexes.push_back(text);
    }
    return found->second;
}

plan::PredicateId ProgramBuilder::predicate(plan::StreamId stream, std::optional<ExprId> expr) {
    const std::uint64_t low = expr ? static_cast<std::uint64_t>(*expr) + 1 : 0;
    const plan::PredicateId next{static_cast<std::uint32_t>(program.predicates.size())};
    const auto [found, is_new] = predicates_.emplace((static_cast<std::uint64_t>(stream) << 33U) | low, next);
    if (is_new) {
        program.predicates.push_back({stream, expr});
    }
    return found->second;
}

const plan::Constant* ProgramBuilder::constant_value(ExprId id) const {
    return std::get_if<plan::Constant>(&program.pool[id].node);
}

Reads ProgramBuilder::reads_of(const plan::Expr& expr) const {
    Reads all;
    const auto include = [&](ExprId part) {
        const Reads& one = reads(part);
        all.columns |= one.columns;
        all.registers |= one.registers;
        all.match |= one.match;
        all.tables |= one.tables;
        constexpr std::uint32_t kMost = 1U << 30U;
        all.nodes = std::min(kMost, all.nodes + one.nodes);
    };
    if (std::holds_alternative<plan::ColumnRef>(expr.node)) {
        all.columns = true;
    } else if (std::holds_alternative<plan::RegisterRef>(expr.node)) {
        all.registers = true;
    } else if (std::holds_alternative<plan::LetRef>(expr.node) || std::holds_alternative<plan::KeyRef>(expr.node)) {
        all.match = true;
    } else if (std::holds_alternative<plan::LookupRef>(expr.node)) {
        all.tables = true;
    }
    plan::for_each_part(expr, include);
    return all;
}

}  // namespace tocsin::compiler
