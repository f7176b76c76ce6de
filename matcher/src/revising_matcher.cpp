#include <tocsin/matcher/revising_matcher.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

#include "idle_events.hpp"
#include "key_table.hpp"
#include "revision_log.hpp"
#include "timers.hpp"

namespace tocsin::matcher {
namespace {

/// Events between two snapshots: at least this many, and as many as the state has runs, so that copying stays cheap beside stepping.
constexpr std::size_t kSnapshotEvery = 32;

/// So many events since a key's state was blank are kept even when they are for good: running them again is less work, and
/// seldom done, than a snapshot for each event that comes long after the one before.
constexpr std::size_t kKeptFromBlank = 8;

}  // namespace

struct RevisingMatcher::Impl {
    Impl(ShardMemory& shard, plan::RuleId id, const Limits& limits)
        : memory(shard),
          rule_id(id),
          early((*shard.program)[id].emit == plan::Emit::early),
          looks((*shard.program)[id].tables.size() > 0),
          stepper(shard, id, limits),
          pasts(shard.pasts) {}

    ShardMemory& memory;
    plan::RuleId rule_id;
    bool early;
    bool looks;                     ///< into tables
    PatternStepper stepper;
    PastPool& pasts;
    KeyTable<RevisionLog> keys;
    IdleEvents idle;                ///< of keys that have no log
    Timers shown_timers;            ///< on Progress::shown: deadlines, and matches that only time decides
    Timers settled_timers;          ///< on Progress::settled: when everything of a key is for good
    std::vector<std::uint32_t> touched;
    std::vector<Change> changes;
    std::vector<Candidate> chosen;
    Progress now{EventTime::lowest(), EventTime::lowest()};

    void save(StateWriter& out);
    void restore(StateReader& in);

    // ---- events that come and go

    void on_event(std::string_view key, EventId event, std::uint64_t hits) {
        const Incoming incoming{event, memory.events[event].position, hits};
        memory.events.retain(event);
        const auto found = keys.find(key);
        const std::uint32_t slot = found ? *found : begin(key);
        RevisionLog& log = keys[slot];
        const bool in_order = incoming.position.time >= log.head.now &&
                              (log.events.empty() || less(log.events.back().position, incoming.position));
        if (in_order) {
            append(log, slot, incoming);
        } else {
            forget_settled_rows(log);
            const auto place = std::lower_bound(log.events.begin(), log.events.end(), incoming.position,
                                                [&](const Incoming& one, const Position& at) { return less(one.position, at); });
            const auto index = static_cast<std::size_t>(place - log.events.begin());
            go_back(log, index, incoming.position.time);
            log.events.insert(log.events.begin() + static_cast<std::ptrdiff_t>(index), incoming);
            go_on(log, slot);
        }
        touch(slot);
    }

    bool set_aside(std::string_view key, EventId event, std::uint64_t hits) {
        if (stepper.may_begin(hits) || keys.contains(key)) {
            return false;
        }
        memory.events.retain(event);
        idle.add(key, {event, memory.events[event].position, hits});
        return true;
    }

    /// A key's log, with the events that came for it before. They leave a state without runs as it is.
    std::uint32_t begin(std::string_view key) {
        const std::uint32_t slot = keys.add(key);
        RevisionLog& log = keys[slot];
        stepper.begin(log.head);
        idle.take(key, [&](const Incoming& event) { log.events.push_back(event); });
        if (!log.events.empty()) {
            std::sort(log.events.begin(), log.events.end(),
                      [&](const Incoming& a, const Incoming& b) { return less(a.position, b.position); });
            log.head.now = log.events.back().position.time;
        }
        return slot;
    }

    void remove(std::string_view key, const Position& position) {
        const auto slot = keys.find(key);
        if (!slot) {
            idle.take_one(key, [&](const Incoming& one) { return same_place(one.position, position); },
                          [&](const Incoming& one) { memory.events.release(one.id); });
            return;
        }
        RevisionLog& log = keys[*slot];
        forget_settled_rows(log);
        const auto place = std::find_if(log.events.begin(), log.events.end(),
                                        [&](const Incoming& one) { return same_place(one.position, position); });
        if (place == log.events.end()) {
            return;
        }
        const auto index = static_cast<std::size_t>(place - log.events.begin());
        go_back(log, index, position.time);
        memory.events.release(log.events[index].id);
        log.events.erase(log.events.begin() + static_cast<std::ptrdiff_t>(index));
        go_on(log, *slot);
        touch(*slot);
    }

    /// Every event at or after `from` could find another row.
    void look_again(EventTime from) {
        keys.for_each([&](std::uint32_t slot) {
            RevisionLog& log = keys[slot];
            forget_settled_rows(log);
            const auto first = std::partition_point(log.events.begin(), log.events.end(),
                                                    [&](const Incoming& one) { return one.position.time < from; });
            if (first != log.events.end()) {
                go_back(log, static_cast<std::size_t>(first - log.events.begin()), first->position.time);
                go_on(log, slot);
                touch(slot);
            }
        });
    }

    [[nodiscard]] bool less(const Position& a, const Position& b) const { return compare(a, b, memory.partitions) < 0; }

    static bool same_place(const Position& a, const Position& b) {
        return a.time == b.time && a.input == b.input && a.partition == b.partition && a.offset == b.offset;
    }

    void touch(std::uint32_t slot) {
        if (!std::exchange(keys[slot].touched, true)) {
            touched.push_back(slot);
        }
    }

    void append(RevisionLog& log, std::uint32_t slot, const Incoming& incoming) {
        if (log.events.size() >= 2 * kSnapshotEvery || (settled(log) && log.events.size() >= kKeptFromBlank)) {
            forget_settled(log);
        }
        pass(log, slot, incoming.position.time);
        snapshot_in_time(log);
        log.events.push_back(incoming);
        step(log, slot, incoming);
    }

    /// A first one before the first event, then as often as is cheap. Before the first event a blank state needs none: that is what
    /// there is without one.
    void snapshot_in_time(RevisionLog& log) {
        const bool needed = log.for_good() ? !log.chosen.empty() || !stepper.blank(log.head)
                                           : log.events.size() - log.last_index() >= spacing(log);
        if (needed) {
            take_snapshot(log);
        }
    }

    /// A rule that looks into tables must not run on from before what is for good: the rows that it saw then may be gone.
    [[nodiscard]] std::size_t spacing(const RevisionLog& log) const {
        return looks ? 1 : std::max(kSnapshotEvery, log.head.runs.size());
    }

    void step(RevisionLog& log, std::uint32_t slot, const Incoming& incoming) {
        stepper.event(log.head, keys.key(slot), incoming, chosen);
        take_chosen(log);
    }

    /// Moves the head's time up to `to`.
    void pass(RevisionLog& log, std::uint32_t slot, EventTime to) {
        if (stepper.deadline(log.head) >= to || to <= log.head.now) {
            return;
        }
        if (settled(log)) {
            forget_settled(log);
        }
        if (log.for_good()) {
            pass_on(log, slot, std::min(to, now.settled));
            if (stepper.deadline(log.head) >= to) {
                return;
            }
        }
        // An event may still come for the time that is passed now.
        if (log.snapshots.empty() || log.snapshots.back().index != log.events.size()) {
            take_snapshot(log);
        }
        pass_on(log, slot, to);
    }

    void pass_on(RevisionLog& log, std::uint32_t slot, EventTime to) {
        if (stepper.deadline(log.head) < to && log.head.now < to) {
            stepper.pass(log.head, keys.key(slot), to, chosen);
            take_chosen(log);
        }
    }

    void take_chosen(RevisionLog& log) {
        for (const Candidate& match : chosen) {
            log.chosen.push_back({match, false});
        }
        chosen.clear();
    }

    // ---- going back

    void take_snapshot(RevisionLog& log) {
        log.snapshots.push_back({log.events.size(), log.chosen.size(), stepper.copy(log.head)});
        thin_out(log);
    }

    /// Keeps few snapshots of long ago and many of late: of three in a row the middle one goes if the other two are at most as far apart
    /// as the last of them is from now. Most events that are late are late by little.
    void thin_out(RevisionLog& log) {
        if (looks) {
            return;
        }
        const std::size_t end = log.events.size();
        for (std::size_t i = 1; i + 1 < log.snapshots.size(); ++i) {
            if (log.snapshots[i + 1].index - log.snapshots[i - 1].index <= end - log.snapshots[i + 1].index) {
                stepper.release(log.snapshots[i].state);
                log.snapshots.erase(log.snapshots.begin() + static_cast<std::ptrdiff_t>(i));
                --i;
            }
        }
    }

    void ensure_base(RevisionLog& log) {
        if (log.for_good()) {
            take_snapshot(log);
        } else if (log.snapshots.empty() || log.snapshots.front().index > 0) {
            log.snapshots.insert(log.snapshots.begin(), {0, 0, stepper.initial()});
        }
    }

    /// The head becomes what it was before the event at `index`, or before, and before `time`.
    void go_back(RevisionLog& log, std::size_t index, EventTime time) {
        ensure_base(log);
        while (log.snapshots.size() > 1 && (log.snapshots.back().index > index || log.snapshots.back().state.now > time)) {
            stepper.release(log.snapshots.back().state);
            log.snapshots.pop_back();
        }
        const Snapshot& from = log.snapshots.back();
        assert(from.state.now <= time && "what is for good was asked to change");
        stepper.release(log.head);
        log.head = stepper.copy(from.state);
        for (std::size_t i = from.chosen; i < log.chosen.size(); ++i) {
            withdraw(log, log.chosen[i]);
        }
        log.chosen.resize(from.chosen);
    }

    void withdraw(RevisionLog& log, const Chosen& one) {
        if (one.shown) {
            log.withdrawn.push_back(one.match);
        } else {
            pasts.release(one.match.past);
        }
    }

    /// Runs the head through the events behind the last snapshot again.
    void go_on(RevisionLog& log, std::uint32_t slot) {
        for (std::size_t i = log.snapshots.back().index; i < log.events.size(); ++i) {
            if (i - log.snapshots.back().index >= spacing(log)) {
                log.snapshots.push_back({i, log.chosen.size(), stepper.copy(log.head)});
            }
            step(log, slot, log.events[i]);
        }
        thin_out(log);
    }

    void forget_settled_rows(RevisionLog& log) {
        if (looks) {
            forget_settled(log);
        }
    }

    /// No event can change the head any more.
    [[nodiscard]] bool settled(const RevisionLog& log) const { return log.head.now < now.settled; }

    /// It goes with its state: at the deadline that this has, which is shown.
    [[nodiscard]] bool kept_from_blank(const RevisionLog& log) const {
        return !looks && log.snapshots.empty() && log.events.size() < kKeptFromBlank && !stepper.blank(log.head);
    }

    /// Nothing is left of the key but what is for good.
    [[nodiscard]] bool over(const RevisionLog& log) const {
        return log.for_good() && log.chosen.empty() && log.provisional.empty() && stepper.blank(log.head);
    }

    /// Drops what no event can change any more.
    void forget_settled(RevisionLog& log) {
        if (settled(log)) {
            for (Snapshot& snapshot : log.snapshots) {
                stepper.release(snapshot.state);
            }
            log.snapshots.clear();
            forget_before(log, log.events.size());
            drop_chosen(log, log.chosen.size());
            return;
        }
        std::size_t base = log.snapshots.size();
        while (base > 0 && !(log.snapshots[base - 1].state.now < now.settled)) {
            --base;
        }
        if (base == 0 || log.snapshots[base - 1].index == 0) {
            return;
        }
        for (std::size_t i = 0; i + 1 < base; ++i) {
            stepper.release(log.snapshots[i].state);
        }
        log.snapshots.erase(log.snapshots.begin(), log.snapshots.begin() + static_cast<std::ptrdiff_t>(base - 1));
        forget_before(log, log.snapshots.front().index);
        drop_chosen(log, log.snapshots.front().chosen);
    }

    void forget_before(RevisionLog& log, std::size_t index) {
        for (std::size_t i = 0; i < index; ++i) {
            memory.events.release(log.events[i].id);
        }
        log.events.erase(log.events.begin(), log.events.begin() + static_cast<std::ptrdiff_t>(index));
        for (Snapshot& snapshot : log.snapshots) {
            snapshot.index -= std::min(snapshot.index, index);
        }
    }

    /// Of the first `count` matches, those that were shown are for good; the others wait for their time.
    void drop_chosen(RevisionLog& log, std::size_t count) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (log.chosen[i].shown) {
                pasts.release(log.chosen[i].match.past);
            } else {
                log.chosen[kept++] = log.chosen[i];
            }
        }
        log.chosen.erase(log.chosen.begin() + static_cast<std::ptrdiff_t>(kept),
                         log.chosen.begin() + static_cast<std::ptrdiff_t>(count));
        for (Snapshot& snapshot : log.snapshots) {
            snapshot.chosen = snapshot.chosen - count + kept;
        }
    }

    // ---- what is shown

    void pass_time(const Progress& progress) {
        if (progress == now && touched.empty()) {
            return;
        }
        now = progress;
        while (const auto slot = shown_timers.due(now.shown)) {
            pass(keys[*slot], *slot, now.shown);
            touch(*slot);
        }
        if (now.shown == EventTime::highest()) {
            keys.for_each([&](std::uint32_t slot) {
                stepper.end(keys[slot].head, keys.key(slot), chosen);
                take_chosen(keys[slot]);
                touch(slot);
            });
        }
        for (const std::uint32_t slot : touched) {
            pass(keys[slot], slot, now.shown);
            show(keys[slot], slot);
            keys[slot].touched = false;
            if (over(keys[slot])) {
                forget(slot);
            } else {
                set_timers(slot);
            }
        }
        touched.clear();
        if (now.settled == EventTime::highest()) {
            keys.for_each([&](std::uint32_t slot) { forget(slot); });
            idle.take_all([&](const Incoming& one) { memory.events.release(one.id); });
            return;
        }
        idle.take_before(now.settled, [&](const Incoming& one) { memory.events.release(one.id); });
        while (const auto slot = settled_timers.due(now.settled)) {
            settle(*slot);
        }
    }

    /// Lets go of what is for good, and of the key if nothing is left of it.
    void settle(std::uint32_t slot) {
        RevisionLog& log = keys[slot];
        if (kept_from_blank(log) && stepper.deadline(log.head) >= now.settled) {
            set_timers(slot);
            return;
        }
        forget_settled(log);
        if (log.for_good() && stepper.ends_silently(log.head)) {
            pass_on(log, slot, now.settled);
        }
        if (looks) {
            bring_base_up(log, slot);
        }
        if (over(log)) {
            forget(slot);
        } else {
            set_timers(slot);
        }
    }

    /// The first snapshot passes what time has decided for good, while the rows that were seen then are still there: going back to it
    /// must not look for them again. The matches that this gives are those that were chosen behind it.
    void bring_base_up(RevisionLog& log, std::uint32_t slot) {
        if (log.snapshots.empty() || stepper.deadline(log.snapshots.front().state) >= now.settled) {
            return;
        }
        Snapshot& base = log.snapshots.front();
        stepper.pass(base.state, keys.key(slot), now.settled, chosen);
        base.chosen += chosen.size();
        assert(base.chosen <= log.chosen.size() && "the state after all events has passed that time, too");
        for (const Candidate& match : chosen) {
            pasts.release(match.past);
        }
        chosen.clear();
        drop_chosen(log, base.chosen);
    }

    void forget(std::uint32_t slot) {
        RevisionLog& log = keys[slot];
        for (Snapshot& snapshot : log.snapshots) {
            stepper.release(snapshot.state);
        }
        log.snapshots.clear();
        forget_before(log, log.events.size());
        drop_chosen(log, log.chosen.size());
        assert(log.chosen.empty() && log.provisional.empty() && "everything is shown before it is for good");
        stepper.release(log.head);
        shown_timers.forget(slot);
        settled_timers.forget(slot);
        keys.erase(slot);
    }

    [[nodiscard]] bool visible(const Candidate& match) const {
        return match.decided.time < now.shown || (early && !match.decided.by_time);
    }

    /// Writes the difference between what was shown of the key and what is to be seen of it now.
    void show(RevisionLog& log, std::uint32_t slot) {
        for (const Chosen& one : log.provisional) {
            withdraw(log, one);
        }
        log.provisional.clear();
        std::vector<Candidate*> fresh;
        for (Chosen& one : log.chosen) {
            if (!one.shown && visible(one.match)) {
                one.shown = true;
                fresh.push_back(&one.match);
            }
        }
        if (early) {
            peek(log, slot);
            for (Chosen& one : log.provisional) {
                fresh.push_back(&one.match);
            }
        }
        write(log, slot, fresh);
    }

    void peek(RevisionLog& log, std::uint32_t slot) {
        stepper.peek(log.head, keys.key(slot), chosen);
        for (const Candidate& match : chosen) {
            if (visible(match)) {
                log.provisional.push_back({match, true});
            } else {
                pasts.release(match.past);
            }
        }
        chosen.clear();
    }

    void write(RevisionLog& log, std::uint32_t slot, std::vector<Candidate*>& fresh) {
        for (Candidate* match : fresh) {
            bool changed = false;
            if (looks) {
                match->shown = shown_values(memory, (*memory.program)[rule_id], decision_of(slot, *match));
                memory.session.release();
            }
            const auto same = std::find_if(log.withdrawn.begin(), log.withdrawn.end(),
                                           [&](const Candidate& old) { return same_alert(old, *match, changed); });
            if (same == log.withdrawn.end()) {
                add(Change::Op::alert, slot, *match);
                continue;
            }
            if (changed || same->decided.time != match->decided.time || !shows_the_same(*same, *match)) {
                add(Change::Op::correct, slot, *match);
            }
            pasts.release(same->past);
            log.withdrawn.erase(same);
        }
        for (const Candidate& gone : log.withdrawn) {
            add(Change::Op::retract, slot, gone);
            pasts.release(gone.past);
        }
        log.withdrawn.clear();
    }

    /// The same steps took what stands at the same places. `changed`: something that stands there is not what it was.
    [[nodiscard]] bool same_alert(const Candidate& old, const Candidate& match, bool& changed) const {
        changed = false;
        if (old.length != match.length) {
            return false;
        }
        PastId x = old.past;
        PastId y = match.past;
        while (x != y) {
            const PastNode& left = pasts[x];
            const PastNode& right = pasts[y];
            if (!stepper.same_name(left.step, right.step)) {
                return false;
            }
            if (left.event != right.event) {
                const Position& a = memory.events[left.event].position;
                const Position& b = memory.events[right.event].position;
                if (a.input != b.input || a.partition != b.partition || a.offset != b.offset || a.arrival != b.arrival) {
                    return false;
                }
                changed = true;
            }
            x = left.before;
            y = right.before;
        }
        return true;
    }

    [[nodiscard]] Decision decision_of(std::uint32_t slot, const Candidate& match) const {
        return {rule_id, keys.key(slot), match.decided.time, match.past, std::nullopt, match.shown};
    }

    [[nodiscard]] bool shows_the_same(const Candidate& a, const Candidate& b) const { return !looks || *a.shown == *b.shown; }

    void add(Change::Op op, std::uint32_t slot, const Candidate& match) {
        pasts.retain(match.past);
        changes.push_back({op, decision_of(slot, match), 0});
    }

    /// What shows nothing waits until it is for good, so that nothing need be kept to go back behind it.
    void set_timers(std::uint32_t slot) {
        const RevisionLog& log = keys[slot];
        const EventTime deadline = stepper.deadline(log.head);
        EventTime next = EventTime::highest();
        for (const Chosen& one : log.chosen) {
            if (!one.shown) {
                next = std::min(next, one.match.decided.time);
            }
        }
        const bool silent = stepper.ends_silently(log.head);
        shown_timers.set(slot, silent ? next : std::min(next, deadline));
        if (looks && !log.snapshots.empty()) {
            settled_timers.set(slot, std::min(log.head.now, stepper.deadline(log.snapshots.front().state)));
        } else if (!kept_from_blank(log) && !log.for_good()) {
            settled_timers.set(slot, log.head.now);
        } else if (silent && deadline != EventTime::highest()) {
            settled_timers.set(slot, deadline);
        }
    }
};

void RevisingMatcher::Impl::save(StateWriter& out) {
    assert(touched.empty() && "what changed has been looked at");
    keys.save(out, [&](std::uint32_t slot) {
        RevisionLog& log = keys[slot];
        stepper.save(out, log.head);
        out(log.events, log.chosen, log.provisional, log.withdrawn);
        out.number(log.snapshots.size());
        for (Snapshot& snapshot : log.snapshots) {
            out(snapshot.index, snapshot.chosen);
            stepper.save(out, snapshot.state);
        }
    });
    idle.save(out);
    out(shown_timers, settled_timers, now, stepper);
}

void RevisingMatcher::Impl::restore(StateReader& in) {
    keys.restore(in, [&](std::uint32_t slot) {
        RevisionLog& log = keys[slot];
        stepper.restore(in, log.head);
        in(log.events, log.chosen, log.provisional, log.withdrawn);
        for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
            Snapshot& snapshot = log.snapshots.emplace_back();
            in(snapshot.index, snapshot.chosen);
            stepper.restore(in, snapshot.state);
        }
    });
    idle.restore(in);
    in(shown_timers, settled_timers, now, stepper);
}

void RevisingMatcher::save(StateWriter& out) { impl_->save(out); }
void RevisingMatcher::restore(StateReader& in) { impl_->restore(in); }

RevisingMatcher::RevisingMatcher(ShardMemory& memory, plan::RuleId rule, const Limits& limits)
    : impl_(std::make_unique<Impl>(memory, rule, limits)) {}
RevisingMatcher::~RevisingMatcher() = default;

void RevisingMatcher::on_event(std::string_view key, EventId event, std::uint64_t hits) { impl_->on_event(key, event, hits); }
bool RevisingMatcher::set_aside(std::string_view key, EventId event, std::uint64_t hits) {
    return impl_->set_aside(key, event, hits);
}
void RevisingMatcher::remove(std::string_view key, const Position& position) { impl_->remove(key, position); }
void RevisingMatcher::look_again(EventTime from) { impl_->look_again(from); }
void RevisingMatcher::pass_time(const Progress& now) { impl_->pass_time(now); }
std::vector<Change>& RevisingMatcher::changes() { return impl_->changes; }
const MatcherCounters& RevisingMatcher::counters() const { return impl_->stepper.counters(); }
std::size_t RevisingMatcher::live_keys() const { return impl_->keys.size(); }

std::size_t RevisingMatcher::live_runs() const {
    std::size_t runs = 0;
    impl_->keys.for_each_state([&](const RevisionLog& log) { runs += log.head.runs.size(); });
    return runs;
}

}  // namespace tocsin::matcher
