#include "access.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "text_form.hpp"

namespace tocsin::matcher {

using event::Type;
using plan::ExprId;
using plan::Op;

namespace {

/// Lower is more selective.
struct Cost {
    enum class Rank : std::uint8_t { equality, pattern, range, bound, flag };
    Rank rank;
    bool computed;
    std::int64_t size;      ///< constants, or less the longer a text is
    friend auto operator<=>(const Cost&, const Cost&) = default;
};

struct Way {
    Access access;
    Cost cost;
};

class Chooser {
public:
    explicit Chooser(const plan::Program& program) : program_(program) {}

    /// Recursion is bounded by the nesting that the parser allows.
    [[nodiscard]] std::optional<Way> way(ExprId id) const {
        if (const auto* apply = node<plan::Apply>(id)) {
            switch (apply->op) {
                case Op::logical_and: return conjunction(*apply);
                case Op::logical_or: return disjunction(id, *apply);
                case Op::equal: return equality(id, *apply);
                case Op::less:
                case Op::less_equal:
                case Op::greater:
                case Op::greater_equal: return bound(id, *apply);
                default: return text(id, *apply);
            }
        }
        if (const auto* in = node<plan::InList>(id)) {
            return member(id, *in);
        }
        if (const auto* matches = node<plan::Matches>(id); matches != nullptr && is_subject(matches->value)) {
            return single(Door::Kind::pattern, id, matches->value, Cost::Rank::pattern, 0);
        }
        if (node<plan::ColumnRef>(id) != nullptr && program_.pool[id].type == Type::boolean) {
            return single(Door::Kind::equality, id, id, Cost::Rank::flag, 1);
        }
        return std::nullopt;
    }

private:
    template <class Node>
    [[nodiscard]] const Node* node(ExprId id) const {
        return std::get_if<Node>(&program_.pool[id].node);
    }
    [[nodiscard]] bool is_subject(ExprId id) const { return node<plan::Constant>(id) == nullptr; }

    [[nodiscard]] Way single(Door::Kind kind, ExprId id, ExprId subject, Cost::Rank rank, std::int64_t size) const {
        return {{{{kind, subject, {id}}}, {}}, {rank, node<plan::ColumnRef>(subject) == nullptr, size}};
    }

    /// The left side, where the right one is a constant that it can be compared with. The compiler turns comparisons so.
    [[nodiscard]] std::optional<ExprId> compared(const plan::Apply& apply) const {
        const ExprId subject = apply.arguments[0];
        const auto* constant = node<plan::Constant>(apply.arguments[1]);
        if (!is_subject(subject) || constant == nullptr) {
            return std::nullopt;
        }
        const Type type = program_.pool[subject].type;
        const event::Value value = constant->view();
        const bool number = type == Type::integer || type == Type::floating;
        const bool comparable = value.type() == type || (number && value.is_number());
        return comparable ? std::optional(subject) : std::nullopt;
    }

    [[nodiscard]] std::optional<Way> equality(ExprId id, const plan::Apply& apply) const {
        const auto subject = compared(apply);
        if (!subject) {
            return std::nullopt;
        }
        const bool flag = program_.pool[*subject].type == Type::boolean;
        return single(Door::Kind::equality, id, *subject, flag ? Cost::Rank::flag : Cost::Rank::equality, 1);
    }

    [[nodiscard]] std::optional<Way> bound(ExprId id, const plan::Apply& apply) const {
        const auto subject = compared(apply);
        return subject ? std::optional(single(Door::Kind::order, id, *subject, Cost::Rank::bound, 1)) : std::nullopt;
    }

    [[nodiscard]] std::optional<Way> member(ExprId id, const plan::InList& in) const {
        if (in.negated || !is_subject(in.value)) {
            return std::nullopt;
        }
        const plan::List& list = program_.pool[in.list];
        const auto size = static_cast<std::int64_t>(list.values.size() + list.networks.size());
        return list.networks.empty() ? single(Door::Kind::equality, id, in.value, Cost::Rank::equality, size)
                                     : single(Door::Kind::order, id, in.value, Cost::Rank::pattern, size);
    }

    [[nodiscard]] std::optional<Way> text(ExprId id, const plan::Apply& apply) const {
        const bool of_text = apply.op == Op::like || apply.op == Op::contains || apply.op == Op::starts_with ||
                             apply.op == Op::ends_with;
        if (!of_text || !is_subject(apply.arguments[0])) {
            return std::nullopt;
        }
        const auto* constant = node<plan::Constant>(apply.arguments[1]);
        if (constant == nullptr || constant->view().type() != Type::string) {
            return std::nullopt;
        }
        const auto form = text_form(apply.op, constant->view().as_string());
        if (!form) {
            return std::nullopt;
        }
        const ExprId subject = apply.arguments[0];
        if (form->at == TextForm::At::whole) {
            return single(Door::Kind::equality, id, subject, Cost::Rank::equality, 1);
        }
        Way found = single(form->at == TextForm::At::start ? Door::Kind::order : Door::Kind::pattern, id, subject,
                           Cost::Rank::pattern, -static_cast<std::int64_t>(form->literal.size()));
        if (!form->exact) {
            found.access.rest.push_back(id);
        }
        return found;
    }

    [[nodiscard]] bool is_lower_bound(ExprId id) const {
        const Op op = node<plan::Apply>(id)->op;
        return op == Op::greater || op == Op::greater_equal;
    }

    [[nodiscard]] std::optional<Way> conjunction(const plan::Apply& apply) const {
        std::optional<Way> best;
        std::vector<ExprId> without;                        // the conjuncts that `best` is made of
        std::map<ExprId, std::vector<ExprId>> bounds;       // by subject
        const auto consider = [&](Way way, const std::vector<ExprId>& of) {
            if (!best || way.cost < best->cost) {
                best = std::move(way);
                without = of;
            }
        };
        for (const ExprId part : apply.arguments) {
            std::optional<Way> found = way(part);
            if (!found) {
                continue;
            }
            const Door& first = found->access.doors.front();
            if (found->cost.rank == Cost::Rank::bound && first.parts.front() == part) {
                bounds[first.subject].push_back(part);
            }
            consider(std::move(*found), {part});
        }
        for (const auto& [subject, parts] : bounds) {
            const auto lower = std::ranges::count_if(parts, [&](ExprId part) { return is_lower_bound(part); });
            if (lower > 0 && lower < std::ranges::ssize(parts)) {
                Way range = single(Door::Kind::order, parts.front(), subject, Cost::Rank::range, 1);
                range.access.doors[0].parts = parts;
                consider(std::move(range), parts);
            }
        }
        if (best) {
            std::ranges::copy_if(apply.arguments, std::back_inserter(best->access.rest),
                                 [&](ExprId part) { return std::ranges::find(without, part) == without.end(); });
        }
        return best;
    }

    [[nodiscard]] std::optional<Way> disjunction(ExprId id, const plan::Apply& apply) const {
        Way all{{}, {Cost::Rank::equality, false, 0}};
        bool exact = true;
        for (const ExprId part : apply.arguments) {
            std::optional<Way> found = way(part);
            if (!found) {
                return std::nullopt;
            }
            std::ranges::move(found->access.doors, std::back_inserter(all.access.doors));
            exact = exact && found->access.rest.empty();
            all.cost.rank = std::max(all.cost.rank, found->cost.rank);
            all.cost.computed = all.cost.computed || found->cost.computed;
            all.cost.size += found->cost.size;
        }
        if (!exact) {
            all.access.rest.push_back(id);
        }
        return all;
    }

    const plan::Program& program_;
};

}  // namespace

Access access_of(const plan::Program& program, ExprId condition) {
    auto found = Chooser(program).way(condition);
    return found ? std::move(found->access) : Access{{}, {condition}};
}

}  // namespace tocsin::matcher
