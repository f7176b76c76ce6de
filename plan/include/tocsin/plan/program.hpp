#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/nfa/automaton.hpp>
#include <tocsin/plan/expr.hpp>

/// What the compiler hands to the matcher: all rules of one load as one printable value. Immutable once made; shared by
/// shared_ptr<const Program>.
namespace tocsin::plan {

enum class StreamId : std::uint32_t {};
enum class RuleId : std::uint32_t {};
enum class PredicateId : std::uint32_t {};

struct FieldPlan {
    std::vector<std::string> path;
    event::Type type;
};

/// A stream: declared, or made by the program itself.
struct StreamPlan {
    static constexpr std::uint32_t kNoMaker = 0xffffffff;   ///< the rule is not in this program: the stream is empty
    enum class Origin : std::uint8_t {
        records,    ///< of inputs
        changes,    ///< of a table or a view
        alerts,     ///< of a rule
    };
    std::string name;
    Origin origin{Origin::records};
    std::uint32_t maker{0};                     ///< changes: which table; alerts: the RuleId, or kNoMaker
    std::vector<FieldPlan> fields;              ///< as declared; what an alert shows of an event
    event::ColumnId time;                       ///< its event time, a column of type time
    TimeUnit time_unit{TimeUnit::ms};
    std::vector<std::string> time_path;
    Duration slack{0};
    std::optional<Duration> idle;
    std::optional<ExprId> where;                ///< over columns
    std::optional<std::string> from;            ///< name of the input that feeds it; nothing: any
    bool of_rows{false};                        ///< feeds a table: its records are rows, or envelopes of rows

    [[nodiscard]] bool made_by_rule() const { return origin == Origin::alerts && maker != kNoMaker; }
};

/// How a view is made of two tables: a row for each row of the left one.
struct JoinPlan {
    TableId left{};
    TableId right{};
    std::uint32_t on{0};                        ///< a field of the left table: equal to the right one's key
    bool keep_unmatched{false};                 ///< `left join`: without a row on the right its fields are null
    std::optional<ExprId> where;                ///< over FieldRefs of the view
};

/// A table: the latest row a key, fed by a stream of rows. Or a view, which is made of two tables.
struct TablePlan {
    std::string name;
    std::vector<FieldPlan> fields;              ///< of a view those of its left table, then those of its right one
    std::uint32_t key{0};                       ///< index into fields
    /// The fields in which a version of a row has to differ from the one before to be a change: all but its event time.
    std::vector<std::uint32_t> telling;
    std::vector<event::ColumnId> columns;       ///< of a table: where its fields are decoded, by field
    std::optional<JoinPlan> join;               ///< of a view
    std::vector<StreamId> feeds;                ///< the streams of rows that it is made of: its own, or those of a view's tables
};

/// True for a record that belongs to the stream and satisfies the expression over its columns (if any). Distinct over all
/// rules: equal predicates of two rules are one.
struct Predicate {
    StreamId stream;
    std::optional<ExprId> expr;
    friend bool operator==(const Predicate&, const Predicate&) = default;
};

/// A condition of a rule's automaton: the predicate, which does not look at the run, and what is left.
struct Condition {
    PredicateId predicate;
    std::optional<ExprId> residual;             ///< over columns and the run's registers
    std::string text;                           ///< `Login[status = "fail"]`, for explain
};

/// What a register holds: of the events that a step took (`prev` is `last` without a step), or of a window's events.
struct Register {
    enum class Kind : std::uint8_t {
        last, first, count, sum, avg, min, max, stddev, distinct, quantile,
        previous,                               ///< a window's: what a `let` came to in the window before
    };
    Kind kind{Kind::last};
    std::optional<std::uint32_t> step_name;     ///< index into RulePlan::step_names; nothing: any step (prev), or a window
    std::optional<ExprId> value;                ///< over the columns of the event taken; nothing for a bare count
    double parameter{0};                        ///< of a quantile
    bool approximate{false};                    ///< of a window: `distinct~`, `quantile~`
    std::uint32_t let{0};                       ///< of `previous`: index into RulePlan::lets
    friend bool operator==(const Register&, const Register&) = default;
};

struct StepPlan {
    std::uint32_t name;         ///< index into step_names; two steps share one only in branches of an `or`
    StreamId stream;
    nfa::ConditionId condition;
};

struct KeyPlan {
    std::string name;           ///< as the alert shows it: the path as written
    event::Type type;
};
/// A stream that the rule sees, with the columns of its key.
struct SourcePlan {
    StreamId stream;
    PredicateId seen;                           ///< the stream's bare predicate
    std::vector<event::ColumnId> key;           ///< one a KeyPlan
};

/// What a `window` rule judges: all events of its one stream that fit its one condition (number 0), cut by event time.
struct WindowPlan {
    enum class Kind : std::uint8_t { fixed, sliding, session } kind{Kind::fixed};
    Duration size{0};                           ///< of a session: the gap that ends it
    Duration every{0};                          ///< of a fixed window, from start to start; equal to the size when it tumbles
    std::optional<Duration> keep;               ///< `for`: how long a silent key has windows, empty ones
};

enum class Emit : std::uint8_t { final, early };
enum class Overlap : std::uint8_t { ends, all, none, skip };
struct SkipPlan {
    enum class To : std::uint8_t { past_last, next, first_of, last_of } to{To::past_last};
    std::uint32_t step_name{0};
};
/// Alerts less than `duration` away from one shown, of the same values of `per`, are held back.
struct ThrottlePlan {
    Duration duration{0};
    std::vector<std::string> per;               ///< parts of the key, lets or returns by name; empty: the whole key
};
enum class RuleSeverity : std::uint8_t { info, low, medium, high, critical };
enum class Mode : std::uint8_t { live, shadow, off };

struct NamedValue {
    std::string name;
    ExprId value;
};

/// One rule: a pattern as the automaton that the matcher runs, or a window.
struct RulePlan {
    std::string name;
    std::string title;
    RuleSeverity severity{RuleSeverity::medium};
    Mode mode{Mode::live};
    std::vector<std::pair<std::string, Constant>> labels;
    std::uint32_t version{0};                   ///< a hash of the rule's meaning, not of its layout

    std::vector<SourcePlan> sources;            ///< in order of first mention
    std::vector<StreamId> clock_streams;        ///< that its clock waits for besides: those of the tables it looks up
    std::vector<TableId> tables;                ///< those that it looks into
    /// How long before its watermark a look-up can still ask for a row.
    Duration look_back{0};
    std::vector<KeyPlan> key;                   ///< empty: one partition for all
    std::optional<WindowPlan> window;           ///< then there are no steps and no automaton
    nfa::Automaton automaton;
    std::vector<Condition> conditions;          ///< at most 64, by nfa::ConditionId
    std::vector<std::string> step_names;
    std::vector<StepPlan> steps;                ///< by nfa::StepId
    bool needs_every_event{false};
    std::vector<nfa::ConditionId> leading_absent;   ///< conditions of a `not` at the start

    std::vector<Register> run_registers;        ///< what residuals refer to
    std::vector<Register> match_registers;      ///< what lets, where, returns and text refer to
    std::vector<NamedValue> lets;
    std::optional<ExprId> where;
    std::vector<NamedValue> returns;
    std::vector<std::variant<std::string, ExprId>> text;

    std::optional<Duration> within;
    Overlap overlap{Overlap::ends};
    SkipPlan skip;
    Emit emit{Emit::final};
    Duration lateness{0};
    std::optional<ThrottlePlan> throttle;
};

struct Program {
    ExprPool pool;
    event::Projection projection;               ///< what the decoder extracts
    std::vector<StreamPlan> streams;
    std::vector<TablePlan> tables;              ///< a view comes after what it is made of
    std::vector<Predicate> predicates;
    std::vector<RulePlan> rules;
    /// Columns that residuals and registers read of an event after its batch is gone, by ColumnId: the slot in which the matcher
    /// keeps the value, or kNotKept.
    std::vector<std::uint32_t> kept_slot;
    std::uint32_t kept_count{0};
    static constexpr std::uint32_t kNotKept = 0xffffffff;

    [[nodiscard]] const StreamPlan& operator[](StreamId id) const { return streams[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const TablePlan& operator[](TableId id) const { return tables[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const RulePlan& operator[](RuleId id) const { return rules[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const Predicate& operator[](PredicateId id) const { return predicates[static_cast<std::size_t>(id)]; }
};

/// The program with this rule and those whose alerts it sees, directly or through others, alone; streams keep their ids. The
/// rule is the last one.
[[nodiscard]] Program only(const Program& whole, RuleId rule);

}  // namespace tocsin::plan
