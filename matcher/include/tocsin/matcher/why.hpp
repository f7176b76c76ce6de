#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/matcher/matcher.hpp>
#include <tocsin/plan/program.hpp>

/// Why a rule alerted for one key, or did not, told from all events that it saw for it.
namespace tocsin::matcher {

/// An event that the rule saw for the key. Its pool keeps the values of all columns, as predicates are judged again.
struct SeenEvent {
    EventId id{};
    Position position;
    std::vector<plan::StreamId> streams;        ///< those that it belongs to
    std::uint64_t hits{0};                      ///< by condition of the rule: its predicate holds
};

/// What a condition read: a field, what a run remembers, a field of a table; or what a side of a comparison came to.
struct Reading {
    std::string name;
    plan::Constant value;
};

/// A part of a condition, of those that `and` joins, that was not true.
struct Failure {
    std::string text;
    bool null{false};                           ///< it came to null, not to false
    std::vector<Reading> values;
    double gap{1};                              ///< of a comparison of numbers: how far apart, as a share of the larger
};

/// How an event stood to one condition that it did not fit.
struct Misfit {
    std::string step;
    std::string condition;                      ///< as written
    bool other_stream{false};                   ///< then nothing of the condition was asked
    std::vector<Failure> failures;              ///< empty: it fitted, but something else kept the event from being taken
    std::string blocked;                        ///< what else
};

struct TakenEvent {
    std::string step;
    Position event;
    std::vector<Reading> values;                ///< what the step's condition reads of it, and of tables by it
};

/// An event that a run could not go on with, and for each step that it waited for why.
struct PassedOver {
    Position event;
    std::vector<Misfit> misfits;
};

/// What a run waited for.
struct Awaited {
    std::string step;                           ///< empty: the end of the pattern
    std::string condition;
    std::optional<EventTime> deadline;          ///< nothing: it would have waited for ever
    std::string bound;                          ///< what sets the deadline: `within 5m`
};

struct Ending {
    enum class Kind : std::uint8_t {
        event,                                  ///< an event ended it
        time,                                   ///< time ran out
        open,                                   ///< it still waited at the last event of the inputs
        where,                                  ///< complete, but `where` was not true
        not_chosen,                             ///< complete, but `overlap` or `skip` took another
        given_up,                               ///< partial, and begun inside an alert: `overlap none`, `skip past last`
    } kind{Kind::open};
    EventTime time;                             ///< where it is `open`: when it would be over
    std::optional<Position> event;
    std::string clause;                         ///< what the event breaks or time lets run out: `not Logout[…]`, `within 5m`
    std::vector<Failure> failures;              ///< of `where`
};

/// A partial match, or a complete one that is no alert.
struct Attempt {
    std::vector<TakenEvent> taken;
    std::vector<Awaited> awaited;
    std::size_t passed{0};                      ///< events of streams that it waited for, and could not go on with
    std::size_t of_other_streams{0};            ///< events that it passed over besides
    std::vector<PassedOver> passed_over;        ///< of the former the nearest and the one asked about, in order
    Ending ending;
};

struct Match {
    std::vector<TakenEvent> taken;              ///< of a pattern
    EventTime decided;
};

/// A window that did not fire, and how near it came.
struct WindowAttempt {
    EventTime start;
    EventTime end;
    std::optional<Position> event;              ///< sliding: at which it was judged
    std::vector<Reading> lets;
    std::vector<Failure> failures;              ///< of `where`
};

struct Why {
    std::size_t events{0};
    EventTime inputs_end;                       ///< the time of the last event that the rule saw, of any key
    std::size_t matches{0};
    std::vector<Match> latest;                  ///< of the matches, the last few
    std::vector<Attempt> attempts;              ///< the best first
    std::optional<PassedOver> about;            ///< the event asked about, where it could not begin a match
    std::vector<PassedOver> nearest;            ///< where no run started: the events that came nearest to the first step
    std::vector<WindowAttempt> windows;         ///< of a window rule: the nearest to firing first
    std::size_t windows_refused{0};             ///< by `where`
    std::size_t fitting{0};                     ///< of a window rule: events that fit its condition
    std::uint64_t runs_refused{0};              ///< not looked at: the key had Limits::runs_per_key
};

/// What an explanation is asked about.
struct WhyQuestion {
    plan::RuleId rule{};
    std::string_view key;                       ///< encode_key
    std::span<const SeenEvent> events;          ///< of the key, in the order of events
    EventTime inputs_end;                       ///< see Why
    std::optional<Position> about;              ///< an event of special interest
};

/// Attempts that took the event asked about, or that it ended, are told first.
/// Requires: the memory's program keeps all columns. Cost: that of running the rule over the events twice.
[[nodiscard]] Why explain(ShardMemory& memory, const WhyQuestion& question, const Limits& limits);

/// The program with all columns kept of every event.
[[nodiscard]] plan::Program keeping_all_columns(plan::Program program);

}  // namespace tocsin::matcher
