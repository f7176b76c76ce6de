#include <tocsin/matcher/predicate_index.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tocsin/plan/print.hpp>

#include "predicates/access.hpp"
#include "predicates/contents.hpp"
#include "predicates/order_table.hpp"
#include "predicates/pattern_table.hpp"
#include "value_hash.hpp"

namespace tocsin::matcher {

using event::Value;
using plan::ExprId;

namespace {

using Numbers = std::vector<std::uint32_t>;

/// All that is asked of one subject, by the numbers of the doors.
struct Subject {
    ExprId expr;
    std::optional<event::ColumnId> column;      ///< nothing: computed for each row, once for all who ask
    std::unordered_map<Value, Numbers, ValueHash, ValueEqual> equal;
    OrderTable order;
    PatternTable patterns;
};

/// The distinct doors of all conditions, and what stands behind each.
class Doors {
public:
    std::uint32_t number_of(const Door& door) {
        const auto [found, is_new] = numbers_.try_emplace(door.parts, static_cast<std::uint32_t>(doors_.size()));
        if (is_new) {
            doors_.push_back(door);
        }
        return found->second;
    }
    [[nodiscard]] const std::vector<Door>& all() const { return doors_; }

private:
    // The kind and the subject follow from the parts.
    std::map<std::vector<ExprId>, std::uint32_t> numbers_;
    std::vector<Door> doors_;
};

std::string_view way_of(Door::Kind kind) {
    switch (kind) {
        case Door::Kind::equality: return "the value of";
        case Door::Kind::order: return "the order of";
        case Door::Kind::pattern: return "a scan of";
    }
    return {};
}

}  // namespace

struct ConditionIndex::Workspace::Impl {
    ScanScratch scratch;
    Numbers open;           ///< doors
    Numbers several;        ///< entries behind an open door that have more than one
};

struct ConditionIndex::Impl {
    struct Reached {
        std::uint32_t id;
        bool conditional;
        Access access;
    };

    std::vector<Reached> entries;
    std::vector<Subject> subjects;
    std::vector<Numbers> behind;        ///< entries, by door
    Numbers always;                     ///< ids
    Numbers evaluated;                  ///< entries without a door
    Scratch made;                       ///< constants that the program does not have

    /// Gives the doors that no table takes.
    Numbers make_tables(const plan::Program& program, const std::vector<Door>& doors);
};

Numbers ConditionIndex::Impl::make_tables(const plan::Program& program, const std::vector<Door>& doors) {
    std::map<ExprId, std::size_t> index;
    for (std::uint32_t number = 0; number < doors.size(); ++number) {
        const Door& door = doors[number];
        const auto [place, is_new] = index.try_emplace(door.subject, subjects.size());
        if (is_new) {
            const auto* column = std::get_if<plan::ColumnRef>(&program.pool[door.subject].node);
            subjects.push_back({door.subject, column != nullptr ? std::optional(column->column) : std::nullopt, {}, {}, {}});
        }
        Subject& subject = subjects[place->second];
        switch (door.kind) {
            case Door::Kind::equality:
                for (const Value& value : values_of(program, door)) {
                    Numbers& numbers = subject.equal[value];
                    if (numbers.empty() || numbers.back() != number) {
                        numbers.push_back(number);
                    }
                }
                break;
            case Door::Kind::order:
                for (const Range& range : ranges_of(program, door, made)) {
                    subject.order.add(range, number);
                }
                break;
            case Door::Kind::pattern:
                std::visit([&](const auto& pattern) { subject.patterns.add(pattern, number); }, pattern_of(program, door));
                break;
        }
    }
    Numbers refused;
    for (Subject& subject : subjects) {
        subject.order.seal();
        const Numbers of_subject = subject.patterns.seal();
        refused.insert(refused.end(), of_subject.begin(), of_subject.end());
    }
    return refused;
}

ConditionIndex::ConditionIndex(const plan::Program& program, const std::vector<Entry>& entries) : impl_(std::make_unique<Impl>()) {
    Doors doors;
    std::vector<Numbers> doors_of;          // by entry
    for (const Entry& entry : entries) {
        impl_->entries.push_back({entry.id, entry.expr.has_value(), entry.expr ? access_of(program, *entry.expr) : Access{}});
        Numbers numbers;
        for (const Door& door : impl_->entries.back().access.doors) {
            numbers.push_back(doors.number_of(door));
        }
        std::ranges::sort(numbers);
        const auto repeated = std::ranges::unique(numbers);
        numbers.erase(repeated.begin(), repeated.end());
        doors_of.push_back(std::move(numbers));
    }
    const Numbers refused = impl_->make_tables(program, doors.all());
    impl_->behind.resize(doors.all().size());
    for (std::uint32_t e = 0; e < entries.size(); ++e) {
        if (!entries[e].expr) {
            impl_->always.push_back(entries[e].id);
            continue;
        }
        if (std::ranges::find_first_of(doors_of[e], refused) != doors_of[e].end()) {
            impl_->entries[e].access = {{}, {*entries[e].expr}};
            doors_of[e].clear();
        }
        for (const std::uint32_t door : doors_of[e]) {
            impl_->behind[door].push_back(e);
        }
        if (doors_of[e].empty()) {
            impl_->evaluated.push_back(e);
        }
    }
}

ConditionIndex::~ConditionIndex() = default;
ConditionIndex::ConditionIndex(ConditionIndex&&) noexcept = default;
ConditionIndex& ConditionIndex::operator=(ConditionIndex&&) noexcept = default;

ConditionIndex::Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
ConditionIndex::Workspace::~Workspace() = default;
ConditionIndex::Workspace::Workspace(Workspace&&) noexcept = default;
ConditionIndex::Workspace& ConditionIndex::Workspace::operator=(Workspace&&) noexcept = default;

void ConditionIndex::Workspace::serve(const ConditionIndex& index) {
    for (const Subject& subject : index.impl_->subjects) {
        subject.patterns.fit(impl_->scratch);
    }
}

void ConditionIndex::find(const event::Batch& batch, std::size_t row, Evaluator::Session& session, Workspace& workspace,
                          std::vector<std::uint32_t>& out) const {
    Scope scope;
    scope.batch = &batch;
    scope.row = row;
    auto& [scratch, open, several] = *workspace.impl_;
    open.clear();
    several.clear();
    for (const Subject& subject : impl_->subjects) {
        const Value value = subject.column ? batch.column(*subject.column).value(row) : session.value(subject.expr, scope);
        if (value.is_null()) {
            continue;
        }
        if (const auto found = subject.equal.find(value); found != subject.equal.end()) {
            open.insert(open.end(), found->second.begin(), found->second.end());
        }
        subject.order.find(value, open);
        if (value.type() == event::Type::string) {
            subject.patterns.find(value.as_string(), scratch, open);
        }
    }
    out.insert(out.end(), impl_->always.begin(), impl_->always.end());
    const auto ask = [&](std::uint32_t entry) {
        const Impl::Reached& reached = impl_->entries[entry];
        if (std::ranges::all_of(reached.access.rest, [&](ExprId part) { return session.condition(part, scope); })) {
            out.push_back(reached.id);
        }
    };
    for (const std::uint32_t door : open) {
        for (const std::uint32_t entry : impl_->behind[door]) {
            if (impl_->entries[entry].access.doors.size() > 1) {
                several.push_back(entry);
            } else {
                ask(entry);
            }
        }
    }
    std::ranges::sort(several);
    const auto repeated = std::ranges::unique(several);
    std::for_each(several.begin(), repeated.begin(), ask);
    std::ranges::for_each(impl_->evaluated, ask);
    session.release();
}

std::string ConditionIndex::access(std::size_t entry, const plan::Program& program) const {
    const Impl::Reached& reached = impl_->entries[entry];
    if (!reached.conditional) {
        return "holds for every event of the stream";
    }
    if (reached.access.doors.empty()) {
        return "evaluated for each event of the stream";
    }
    std::vector<std::string> ways;
    for (const Door& door : reached.access.doors) {
        std::string way = fmt::format("{} {}", way_of(door.kind), plan::print_expr(program, nullptr, door.subject));
        if (std::ranges::find(ways, way) == ways.end()) {
            ways.push_back(std::move(way));
        }
    }
    return fmt::format("found by {}{}", fmt::join(ways, " or "), reached.access.rest.empty() ? "" : ", the rest evaluated on a hit");
}

}  // namespace tocsin::matcher
