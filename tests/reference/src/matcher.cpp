// One start after the other, one event after the other, every run of the start.
#include "matcher.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "alternatives.hpp"

namespace reference {
namespace {

enum class State { kWaiting, kNothingLeft, kComplete };

struct Outcome {
    State state = State::kWaiting;
    Moment moment;
    History history;
};

class Search {
   public:
    Search(const MatchInput& input, bool& too_big) : input_(input), expander_(input), too_big_(too_big) {}

    Start from(int start) {
        start_ = Start{};
        start_.event = start;
        runs_.clear();
        waiting_.clear();
        began_ = false;
        const Event& first = event(start);
        for (const Way& way : expander_.start()) {
            bool passed_over = false;
            for (const Way& next : take(look_at_until(way.tree, first), start, passed_over)) {
                began_ = true;
                settle(next.tree);
            }
        }
        for (std::size_t i = static_cast<std::size_t>(start) + 1; i < input_.events->size() && !runs_.empty(); ++i) {
            step(static_cast<int>(i));
        }
        std::vector<TreePtr> left;
        left.swap(runs_);
        for (const TreePtr& tree : left) {  // the end of time
            settle(expire(tree, INT64_MAX));
        }
        if (!runs_.empty()) {
            start_.over = {INT64_MAX, true};
        }
        std::sort(start_.candidates.begin(), start_.candidates.end(), comes_first);
        return std::move(start_);
    }

    bool began() const { return began_; }

   private:
    const Event& event(int index) const { return (*input_.events)[static_cast<std::size_t>(index)]; }

    bool fits(const EventSpec& spec, const Event& e, const History& history) const {
        if (!e.as.contains(spec.stream)) {
            return false;
        }
        if (spec.condition == nullptr) {
            return true;
        }
        Scope scope = scope_of_run(input_, *history);
        scope.current = &e;
        scope.current_stream = spec.stream;
        return holds(spec.condition, scope);
    }

    void step(int index) {
        const Event& e = event(index);
        std::vector<TreePtr> before;
        before.swap(runs_);
        waiting_.clear();
        for (const TreePtr& run : before) {
            const TreePtr in_time = expire(run, e.time);
            if (outcome(*in_time).state != State::kWaiting) {
                settle(in_time);
                continue;
            }
            const TreePtr offered = look_at_until(in_time, e);
            bool passed_over = false;
            const std::vector<Way> taken = take(offered, index, passed_over);
            for (const Way& way : taken) {
                settle(way.tree);
            }
            if (taken.empty() || passed_over) {
                settle(pass(offered, e));
            }
            if (runs_.size() > input_.max_runs) {
                too_big_ = true;
                runs_.clear();
                return;
            }
        }
    }

    // A run goes on, is complete, or is over.
    void settle(const TreePtr& tree) {
        Outcome now = outcome(*tree);
        if (now.state == State::kWaiting) {
            if (waiting_.insert(describe(*tree)).second) {
                runs_.push_back(tree);
            }
            return;
        }
        if (now.state == State::kComplete && judged(*now.history)) {
            add({*now.history, now.moment});
        }
        start_.over.later_of(now.moment);
    }

    bool judged(const std::vector<Taken>& taken) const {
        if (input_.rule->where == nullptr) {
            return true;
        }
        Scope scope = scope_of_run(input_, taken);
        const Fields lets = lets_of(input_, scope);
        scope.lets = &lets;
        return holds(input_.rule->where, scope);
    }

    void add(Candidate candidate) {
        for (Candidate& known : start_.candidates) {
            const bool same = std::equal(
                known.taken.begin(), known.taken.end(), candidate.taken.begin(), candidate.taken.end(),
                [](const Taken& a, const Taken& b) { return a.event == b.event && a.step == b.step; });
            if (same) {
                Moment latest = known.decided;
                latest.later_of(candidate.decided);
                if (latest.at == known.decided.at && latest.by_time == known.decided.by_time) {
                    known.decided = candidate.decided;
                }
                return;
            }
        }
        start_.candidates.push_back(std::move(candidate));
    }

    Outcome outcome(const Tree& tree) const {
        switch (tree.kind) {
            case Tree::Kind::kLeaf:
                return tree.open ? Outcome{} : Outcome{State::kNothingLeft, tree.closed, nullptr};
            case Tree::Kind::kEnd: {
                if (!tree.open) {
                    return {State::kNothingLeft, tree.closed, nullptr};
                }
                Outcome end{State::kComplete, {expander_.last_time(tree.history), false}, tree.history};
                for (const Watch& w : tree.watches) {
                    if (!w.settled) {
                        return {};
                    }
                    end.moment.later_of(w.settled_at);
                }
                return end;
            }
            case Tree::Kind::kPrefer:
            case Tree::Kind::kUnderWay: {
                Outcome result{State::kNothingLeft, {}, nullptr};
                for (const TreePtr& child : tree.children) {
                    Outcome next = outcome(*child);
                    next.moment.later_of(result.moment);
                    result = next;
                    if (next.state != State::kNothingLeft) {
                        break;
                    }
                }
                return result;
            }
            case Tree::Kind::kBoth: {
                Outcome result{State::kNothingLeft, {}, nullptr};
                for (const TreePtr& child : tree.children) {
                    const Outcome next = outcome(*child);
                    if (next.state != State::kNothingLeft) {
                        return next;
                    }
                    result.moment.later_of(next.moment);
                }
                return result;
            }
        }
        return {};
    }

    // A copy of the tree in which every open leaf and end has been changed.
    template <class Change>
    TreePtr changed(const TreePtr& tree, const Change& change) const {
        auto copy = std::make_shared<Tree>(*tree);
        if (copy->kind == Tree::Kind::kLeaf || copy->kind == Tree::Kind::kEnd) {
            if (copy->open) {
                change(*copy);
            }
            return copy;
        }
        for (TreePtr& child : copy->children) {
            child = changed(child, change);
        }
        return copy;
    }

    static void close(Tree& tree, Moment moment) {
        tree.open = false;
        tree.closed = moment;
    }

    // The clock stands at `time`: limits that ended before it are over.
    TreePtr expire(const TreePtr& tree, std::int64_t time) const {
        return changed(tree, [time](Tree& t) {
            for (Watch& w : t.watches) {
                if (!w.settled && w.until < time) {
                    w.settled = true;
                    w.settled_at = {w.until, true};
                }
            }
            if (t.kind == Tree::Kind::kLeaf && t.limit < time) {
                close(t, {t.limit, true});
            }
        });
    }

    TreePtr look_at_until(const TreePtr& tree, const Event& e) const {
        return changed(tree, [&](Tree& t) {
            for (const EventSpec* until : t.untils) {
                if (fits(*until, e, t.history)) {
                    close(t, {e.time, false});
                    return;
                }
            }
        });
    }

    // The event was not taken.
    TreePtr pass(const TreePtr& tree, const Event& e) const {
        return changed(tree, [&](Tree& t) {
            for (Watch& w : t.watches) {
                if (w.settled) {
                    continue;
                }
                if (fits(w.node->event, e, t.history)) {
                    close(t, {e.time, false});
                    return;
                }
                if (w.next_only) {
                    w.settled = true;
                    w.settled_at = {e.time, false};
                }
            }
            if (t.kind == Tree::Kind::kLeaf && t.link == Link::kStrict) {
                close(t, {e.time, false});
            }
        });
    }

    // `not X` in front of a run's first event.
    bool looked_back(const Tree& leaf, int index) const {
        const Event& first = event(index);
        for (const Watch& w : leaf.watches) {
            const std::int64_t reach = w.node->in_us.value_or(input_.rule->within_us.value_or(INT64_MAX / 2));
            for (int i = index - 1; i >= 0 && event(i).time >= first.time - reach; --i) {
                if (fits(w.node->event, event(i), leaf.history)) {
                    return false;
                }
            }
        }
        return true;
    }

    std::vector<Way> take(const TreePtr& tree, int index, bool& passed_over) const {
        switch (tree->kind) {
            case Tree::Kind::kEnd: return {};
            case Tree::Kind::kLeaf: {
                if (!tree->open || !fits(tree->step->event, event(index), tree->history) ||
                    (tree->history->empty() && !looked_back(*tree, index))) {
                    return {};
                }
                passed_over = passed_over || tree->link == Link::kAny;
                std::vector<Taken> longer = *tree->history;
                longer.push_back({index, tree->step->step, tree->step->event.stream});
                return expander_.after(*tree, std::make_shared<const std::vector<Taken>>(std::move(longer)));
            }
            case Tree::Kind::kBoth: {
                std::vector<Way> all;
                for (const TreePtr& child : tree->children) {
                    std::vector<Way> ways = take(child, index, passed_over);
                    all.insert(all.end(), ways.begin(), ways.end());
                }
                return all;
            }
            case Tree::Kind::kPrefer:
            case Tree::Kind::kUnderWay: break;
        }
        for (std::size_t i = 0; i < 2; ++i) {
            std::vector<Way> ways = take(tree->children[i], index, passed_over);
            if (!ways.empty()) {
                return i == tree->turn_child ? with_way_back(*tree, std::move(ways), event(index)) : ways;
            }
        }
        return {};
    }

    // Where the turn is not complete yet, what follows the loop stays as it stood before the turn, in case the turn is
    // given up. A turn that began the run cannot be given up: nothing would be left of the run.
    std::vector<Way> with_way_back(const Tree& choice, std::vector<Way> ways, const Event& e) const {
        if (choice.turn->second == 0) {
            return ways;
        }
        const TreePtr follow = pass(choice.children[1 - choice.turn_child], e);
        for (Way& way : ways) {
            if (!way.complete.contains(*choice.turn)) {
                auto under_way = std::make_shared<Tree>();
                under_way->kind = Tree::Kind::kUnderWay;
                under_way->turn = choice.turn;
                under_way->children = {way.tree, follow};
                way.tree = under_way;
            }
        }
        return ways;
    }

    const MatchInput& input_;
    Expander expander_;
    bool& too_big_;
    Start start_;
    std::vector<TreePtr> runs_;
    std::set<std::string> waiting_;  // descriptions of runs_
    bool began_ = false;
};

}  // namespace

Fields lets_of(const MatchInput& input, Scope scope) {
    Fields lets;
    if (input.key != nullptr) {
        lets = *input.key;
    }
    scope.lets = &lets;
    for (const auto& [name, value] : input.rule->lets) {
        lets[name] = evaluate(*value, scope);
    }
    return lets;
}

Scope scope_of_run(const MatchInput& input, const std::vector<Taken>& taken) {
    Scope scope;
    scope.program = input.program;
    scope.rule = input.rule;
    scope.events = input.events;
    scope.tables = input.tables;
    scope.taken = &taken;
    return scope;
}

std::vector<Start> find_candidates(const MatchInput& input, bool& too_big) {
    std::vector<Start> starts;
    Search search(input, too_big);
    for (std::size_t i = 0; i < input.events->size() && !too_big; ++i) {
        Start start = search.from(static_cast<int>(i));
        if (search.began()) {
            starts.push_back(std::move(start));
        }
    }
    return starts;
}

}  // namespace reference
