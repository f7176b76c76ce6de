// A join of two sets of alerts that come interleaved. Ids find what a retraction or a correction of one side is about; identities
// find the other side's alert. What is the same on both sides and for good gives its alert back at once, so that memory follows
// what differs.
#include <tocsin/backtest/comparer.hpp>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <tocsin/matcher/matcher.hpp>

namespace tocsin::backtest {

namespace {

Side other(Side side) { return side == Side::before ? Side::after : Side::before; }

bool has_rule(const plan::Program& program, const std::string& name) {
    return std::ranges::any_of(program.rules, [&](const plan::RulePlan& rule) { return rule.name == name; });
}

Result<void> check_renames(const Comparer::Rules& rules) {
    std::set<std::string> targets;
    for (const auto& [from, to] : rules.renames) {
        if (!has_rule(*rules.before, from)) {
            return fail(Errc::invalid, fmt::format("--rename {}={}: the old rules have no rule {}", from, to, from));
        }
        if (!has_rule(*rules.after, to)) {
            return fail(Errc::invalid, fmt::format("--rename {}={}: the new rules have no rule {}", from, to, to));
        }
        if (has_rule(*rules.before, to) && !rules.renames.contains(to)) {
            return fail(Errc::invalid, fmt::format("--rename {}={}: the old rules have a rule {} too", from, to, to));
        }
        if (!targets.insert(to).second) {
            return fail(Errc::invalid, fmt::format("--rename: two rules cannot both be {}", to));
        }
    }
    return {};
}

}  // namespace

Result<Comparer> Comparer::create(Rules rules, const Labels* labels) {
    return check_renames(rules).map([&] { return Comparer(std::move(rules), labels); });
}

Comparer::Comparer(Rules rules, const Labels* labels) : rules_(std::move(rules)), labels_(labels) {
    readers_[Side::before].emplace(*rules_.before, rules_.renames);
    readers_[Side::after].emplace(*rules_.after, Renames{});
    add_rules(Side::before, *rules_.before);
    add_rules(Side::after, *rules_.after);
}

void Comparer::add_rules(Side side, const plan::Program& program) {
    for (const plan::RulePlan& plan : program.rules) {
        const std::string& name = readers_[side]->rule(plan.name);
        auto at = std::ranges::lower_bound(all_, name, {},
                                           [](const Rule& rule) -> const std::string& { return rule.comparison.name; });
        if (at == all_.end() || at->comparison.name != name) {
            at = all_.insert(at, Rule{});
            at->comparison.name = name;
        }
        at->comparison.version[side] = plan.version;
        at->revisable[side] = matcher::is_revisable(plan);
        if (name != plan.name) {
            at->comparison.renamed_from = plan.name;
        }
    }
}

std::uint32_t Comparer::rule_of(Side side, const std::string& name) const {
    const std::string& known = readers_[side]->rule(name);
    const auto at =
        std::ranges::lower_bound(all_, known, {}, [](const Rule& rule) -> const std::string& { return rule.comparison.name; });
    assert(at != all_.end() && at->comparison.name == known);
    return static_cast<std::uint32_t>(at - all_.begin());
}

void Comparer::see(EventTime time) {
    first_ = std::min(first_, time);
    last_ = std::max(last_, time);
}

void Comparer::take(Side side, std::span<alerts::Output> outputs) {
    for (alerts::Output& output : outputs) {
        auto* const alert = std::get_if<alerts::Alert>(&output);
        if (alert == nullptr) {
            continue;
        }
        Rule& rule = all_[rule_of(side, alert->rule)];
        assert((alert->op == alerts::Op::alert || rule.revisable[side]) && "what is for good is not revised");
        Revisions& revisions = rule.comparison.revisions[side];
        switch (alert->op) {
            case alerts::Op::alert: stand(side, std::move(*alert)); break;
            case alerts::Op::correct:
                ++revisions.corrects;
                stand(side, std::move(*alert));
                break;
            case alerts::Op::retract:
                ++revisions.retracts;
                entries_[side].erase(alert->id);
                break;
        }
    }
}

void Comparer::stand(Side side, alerts::Alert alert) {
    const AlertReader& reader = *readers_[side];
    const std::uint64_t id = alert.id;
    Entry entry;
    entry.identity = reader.identity(alert);
    entry.content = hash_of(reader.parts(alert));
    entry.rule = rule_of(side, alert.rule);
    entry.time = alert.time;
    if (labels_ != nullptr) {
        entry.hits = labels_->hit_by(alert, all_[entry.rule].comparison.name);
    }
    alert.op = alerts::Op::alert;
    entry.alert = std::make_shared<const alerts::Alert>(std::move(alert));
    Entry& kept = entries_[side].insert_or_assign(id, std::move(entry)).first->second;
    const BySide<bool>& revisable = all_[kept.rule].revisable;
    if (!revisable[Side::before] && !revisable[Side::after]) {
        settle(side, id, kept);
    }
}

void Comparer::settle(Side side, std::uint64_t id, Entry& entry) {
    const Same same{entry.identity, entry.content};
    auto& theirs = waiting_[other(side)];
    if (const auto found = theirs.find(same); found != theirs.end()) {
        entries_[other(side)].at(found->second).alert.reset();
        entry.alert.reset();
        theirs.erase(found);
        return;
    }
    waiting_[side].emplace(same, id);
}

std::size_t Comparer::held_alerts() const {
    std::size_t held = 0;
    for (const Entries& entries : entries_.of) {
        held += static_cast<std::size_t>(
            std::ranges::count_if(entries, [](const auto& one) { return one.second.alert != nullptr; }));
    }
    return held;
}

std::vector<Comparer::Entry*> Comparer::sorted(Side side) {
    std::vector<std::pair<std::uint64_t, Entry*>> with_ids;
    for (auto& [id, entry] : entries_[side]) {
        with_ids.emplace_back(id, &entry);
    }
    // Those that gave their alert back come first among equals: there are as many on the other side.
    std::ranges::sort(with_ids, {}, [](const auto& one) {
        const Entry& entry = *one.second;
        return std::tuple(entry.identity, entry.content, entry.alert != nullptr, entry.time, one.first);
    });
    std::vector<Entry*> result;
    std::ranges::transform(with_ids, std::back_inserter(result), [](const auto& one) { return one.second; });
    return result;
}

void Comparer::count(const Entry& entry, std::uint64_t Counts::* kind, const Entry* before) {
    RuleComparison& rule = all_[entry.rule].comparison;
    const auto add = [&](Counts& counts) {
        ++(counts.*kind);
        counts.before += before != nullptr ? 1U : 0U;
        counts.after += kind != &Counts::removed ? 1U : 0U;
    };
    add(rule.counts);
    add(rule.days[day_of(entry.time)]);
}

void Comparer::note_change(Entry& before, Entry& after, Comparison& out) {
    count(after, &Counts::changed, &before);
    out.changed.push_back({before.alert, after.alert,
                           changes(readers_[Side::before]->parts(*before.alert), readers_[Side::after]->parts(*after.alert))});
}

/// One identity stands for one alert a side but where an alert does not show all its events, and where two alerts of one rule,
/// key and time are events of a third. Then what is the same goes together first, and the others in their order.
void Comparer::compare(Group group, Comparison& out) {
    std::vector<Entry*> before;
    std::vector<Entry*> after;
    std::size_t b = 0;
    std::size_t a = 0;
    while (b < group.before.size() || a < group.after.size()) {
        const bool only_after =
            b == group.before.size() || (a < group.after.size() && group.after[a]->content < group.before[b]->content);
        if (only_after) {
            after.push_back(group.after[a++]);
        } else if (a == group.after.size() || group.before[b]->content < group.after[a]->content) {
            before.push_back(group.before[b++]);
        } else {
            count(*group.after[a++], &Counts::unchanged, group.before[b++]);
        }
    }
    const std::size_t pairs = std::min(before.size(), after.size());
    const auto by_time = [](const Entry* entry) { return std::tuple(entry->time, entry->alert->id); };
    std::ranges::sort(before, {}, by_time);
    std::ranges::sort(after, {}, by_time);
    for (std::size_t i = 0; i < pairs; ++i) {
        note_change(*before[i], *after[i], out);
    }
    for (std::size_t i = pairs; i < before.size(); ++i) {
        count(*before[i], &Counts::removed, before[i]);
        out.removed.push_back({before[i]->alert, nullptr, {}});
    }
    for (std::size_t i = pairs; i < after.size(); ++i) {
        count(*after[i], &Counts::added, nullptr);
        out.added.push_back({nullptr, after[i]->alert, {}});
    }
}

Comparison Comparer::finish() && {
    Comparison out;
    std::vector<Entry*> before = sorted(Side::before);
    std::vector<Entry*> after = sorted(Side::after);
    auto b = before.begin();
    auto a = after.begin();
    const auto same = [](auto at, auto end, const Identity& identity) {
        return std::find_if(at, end, [&](const Entry* entry) { return entry->identity != identity; });
    };
    while (b != before.end() || a != after.end()) {
        const Identity next =
            a == after.end() || (b != before.end() && (*b)->identity < (*a)->identity) ? (*b)->identity : (*a)->identity;
        const auto b_end = same(b, before.end(), next);
        const auto a_end = same(a, after.end(), next);
        compare({{b, b_end}, {a, a_end}}, out);
        b = b_end;
        a = a_end;
    }
    for (auto* list : {&out.added, &out.removed, &out.changed}) {
        // The lists are in order of identity, and stay so where time and rule are the same.
        std::ranges::stable_sort(*list, {}, [](const Difference& one) { return std::tie(one.shown().time, one.shown().rule); });
    }
    if (labels_ != nullptr) {
        out.score = score();
    }
    for (Rule& rule : all_) {
        out.rules.push_back(std::move(rule.comparison));
    }
    return out;
}

/// By label: whether it is of a time that the recording covers, or was hit.
std::vector<bool> Comparer::counted_labels(Score& score) const {
    std::vector<bool> counted;
    for (const Label& label : labels_->all()) {
        counted.push_back(label.from <= last_ && label.to + labels_->grace() >= first_);
        score.without_key += label.key.empty() ? 1U : 0U;
        if (label.rule && std::ranges::none_of(all_, [&](const Rule& rule) { return rule.comparison.name == *label.rule; }) &&
            std::ranges::find(score.unknown_rules, *label.rule) == score.unknown_rules.end()) {
            score.unknown_rules.push_back(*label.rule);
        }
    }
    for (const Entries& entries : entries_.of) {
        for (const auto& [id, entry] : entries) {
            for (const std::uint32_t hit : entry.hits) {
                counted[hit] = true;
            }
        }
    }
    score.outside = static_cast<std::uint64_t>(std::ranges::count(counted, false));
    return counted;
}

Score Comparer::score() const {
    Score score;
    score.labels = labels_->all().size();
    const std::vector<bool> counted = counted_labels(score);
    std::vector<RuleScore> rules(all_.size());
    // Of all rules together in front, then by rule.
    BySide<std::vector<std::set<std::uint32_t>>> caught;
    for (const Side side : {Side::before, Side::after}) {
        caught[side].resize(all_.size() + 1);
        const auto of = [&](std::size_t rule) -> SideScore& {
            RuleScore& both = rules[rule];
            return side == Side::before ? both.before : both.after;
        };
        SideScore& total = side == Side::before ? score.before : score.after;
        for (const auto& [id, entry] : entries_[side]) {
            for (SideScore* one : {&total, &of(entry.rule)}) {
                ++one->alerts;
                one->true_alerts += entry.hits.empty() ? 0U : 1U;
            }
            caught[side][0].insert(entry.hits.begin(), entry.hits.end());
            caught[side][entry.rule + 1].insert(entry.hits.begin(), entry.hits.end());
        }
        for (std::uint32_t l = 0; l < counted.size(); ++l) {
            const Label& label = labels_->all()[l];
            for (std::size_t r = 0; r <= all_.size() && counted[l]; ++r) {
                if (r > 0 && label.rule && *label.rule != all_[r - 1].comparison.name) {
                    continue;
                }
                SideScore& one = r == 0 ? total : of(r - 1);
                ++one.labels;
                one.amount += label.amount;
                if (caught[side][r].contains(l)) {
                    ++one.caught;
                    one.caught_amount += label.amount;
                }
            }
        }
    }
    for (std::size_t r = 0; r < rules.size(); ++r) {
        if (rules[r].before.alerts + rules[r].after.alerts > 0) {
            rules[r].rule = all_[r].comparison.name;
            score.rules.push_back(std::move(rules[r]));
        }
    }
    return score;
}

Counts& Counts::operator+=(const Counts& other) {
    before += other.before;
    after += other.after;
    added += other.added;
    removed += other.removed;
    changed += other.changed;
    unchanged += other.unchanged;
    return *this;
}

Revisions& Revisions::operator+=(const Revisions& other) {
    retracts += other.retracts;
    corrects += other.corrects;
    return *this;
}

Counts Comparison::total() const {
    Counts sum;
    for (const RuleComparison& rule : rules) {
        sum += rule.counts;
    }
    return sum;
}

BySide<Revisions> Comparison::revisions() const {
    BySide<Revisions> sum;
    for (const RuleComparison& rule : rules) {
        sum[Side::before] += rule.revisions[Side::before];
        sum[Side::after] += rule.revisions[Side::after];
    }
    return sum;
}

Day day_of(EventTime time) { return std::chrono::floor<std::chrono::days>(Duration(time.micros())).count(); }

std::string day_text(Day day) { return format_rfc3339(EventTime(Duration(std::chrono::days(day)).count())).substr(0, 10); }

}  // namespace tocsin::backtest
