#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tocsin/base/source.hpp>
#include <tocsin/base/time.hpp>

/// The syntax tree: what was written, nothing of what it means. Values; nodes refer to each other by ids into
/// the vectors of their File, so that a tree is copyable and has no deep destructor. Every node knows its span.
namespace tocsin::dsl {

enum class ExprId : std::uint32_t {};
enum class PatternId : std::uint32_t {};

struct Name {
    std::string text;       ///< without backticks
    Span span;
};

struct Path {
    std::vector<std::string> parts;     ///< at least one
    Span span;
};

// ---- expressions ------------------------------------------------------------------------------------------

struct Null {};
struct Literal {
    std::variant<Null, bool, std::int64_t, double, std::string, Duration> value;
};
enum class UnaryOp { negate, logical_not };
enum class BinaryOp {
    logical_or, logical_and,
    equal, not_equal, less, less_equal, greater, greater_equal,
    like, matches,
    add, subtract, multiply, divide, modulo,
};
struct PathExpr {
    Path path;
};
struct Unary {
    UnaryOp op;
    ExprId operand;
};
struct Binary {
    BinaryOp op;
    ExprId left;
    ExprId right;
};
/// `count(b)`, `distinct~(x)`, `if(c, x, y)`.
struct Call {
    Name function;
    bool approximate{false};        ///< written with `~`
    std::vector<ExprId> arguments;
};
/// `first(b).price`: a field of what a call gives.
struct Member {
    ExprId base;
    Path path;
};
/// `x in (a, b)`, `x in LIST`, `ip in "10.0.0.0/8"`, each with `not in`.
struct In {
    ExprId value;
    bool negated{false};
    std::variant<std::vector<ExprId>, Name, ExprId> set;    ///< items, a list's name, or one literal
};
struct Expr {
    Span span;
    bool parenthesised{false};      ///< kept, so that the formatter keeps what a writer made plain
    std::variant<Literal, PathExpr, Unary, Binary, Call, Member, In> node;
};

// ---- patterns ---------------------------------------------------------------------------------------------

/// How an item follows the one before it.
enum class Arrow { follows, strict, any };  ///< `->`, `=>`, `~>`

struct EventRef {
    Name stream;
    std::optional<ExprId> condition;
    Span span;
};
struct Times {
    std::uint32_t min{1};
    std::optional<std::uint32_t> max;       ///< nothing: open
    enum class Form { plus, star, question, exactly, at_least, between } form{Form::plus};
    Arrow between{Arrow::follows};          ///< `strict` and `any` set it
    bool lazy{false};
    bool each{false};
    Span span;
};
struct Tail {
    std::optional<Times> times;
    std::optional<EventRef> until;
    std::optional<Duration> in;
};
struct Step {
    std::optional<Name> name;
    EventRef event;
    Tail tail;
};
struct Group {
    PatternId body;
    Tail tail;
};
struct NotItem {
    EventRef event;
    std::optional<Duration> in;
};
struct Sequence {
    struct Part {
        Arrow arrow;        ///< before the part; `follows` and without meaning for the first
        Span arrow_span;
        PatternId item;
    };
    std::vector<Part> parts;    ///< at least two; a lone part stands for itself
};
struct Alternatives {
    enum class Kind { all_of, one_of } kind;    ///< `and`, `or`
    std::vector<PatternId> items;               ///< at least two
};
struct Pattern {
    Span span;
    std::variant<Step, Group, NotItem, Sequence, Alternatives> node;
};

// ---- declarations -----------------------------------------------------------------------------------------

struct Field {
    Path path;
    Name type;
};
struct TimeClause {
    Path path;
    std::optional<TimeUnit> unit;
};
struct From {
    std::string source;
    Span span;
};
/// What `stream` and `table` share. `key` is a table's.
struct StreamDecl {
    Name name;
    bool is_table{false};
    std::vector<Field> fields;
    std::optional<Path> key;
    std::optional<TimeClause> time;
    std::optional<Duration> slack;
    std::optional<Duration> idle;
    std::optional<ExprId> where;
    std::optional<From> from;
    Span slack_span;        ///< of the clauses whose values know no place
    Span idle_span;
    Span span;
};
struct ViewDecl {
    Name name;
    Name left;
    Name right;
    bool left_join{false};
    Path on_left;
    Path on_right;
    std::optional<ExprId> where;
    Span span;
};
struct ListDecl {
    Name name;
    std::variant<std::vector<ExprId>, From> items;     ///< literals, or a file
    Span span;
};
struct DefineDecl {
    Name name;
    ExprId expr;
    Span span;
};

struct KeyPart {
    struct Other {
        Name stream;
        Path path;
    };
    Path path;
    std::vector<Other> others;
    Span span;
};
struct NamedExpr {
    Name name;
    ExprId expr;
};
struct Lookup {
    Name table;
    Name as;
    Path on;            ///< `c.id`: the whole path, the alias included
    ExprId equals;
    Span span;
};
struct Window {
    enum class Kind { tumbling, hopping, sliding, session } kind;
    Duration size;
    std::optional<Duration> every;
    std::optional<Duration> keep;       ///< `for 1h`
    EventRef on;
    Span span;
};
enum class RuleSeverity { info, low, medium, high, critical };
enum class Mode { live, shadow, off };
enum class Overlap { ends, all, none };
enum class Emit { final, early };
struct Skip {
    enum class Kind { past_last, to_next, to_first, to_last } kind;
    std::optional<Name> step;
    Span span;
};
struct Throttle {
    Duration duration;
    std::vector<Name> per;
    Span span;
};
struct Label {
    Name name;
    ExprId value;       ///< a literal
};
struct AlertText {
    /// Text and `{expr}` in turn, braces already resolved.
    std::vector<std::variant<std::string, ExprId>> pieces;
    std::string raw;    ///< as written between the quotes, for the formatter
    Span span;
};
template <class T>
struct Clause {
    T value;
    Span span;          ///< the whole clause, its keyword included
};
struct RuleDecl {
    Name name;
    std::optional<std::string> title;
    std::optional<Clause<RuleSeverity>> severity;
    std::vector<Label> labels;
    std::optional<Clause<Mode>> mode;
    std::vector<Lookup> lookups;
    std::optional<Clause<PatternId>> when;
    std::optional<Window> window;
    std::vector<KeyPart> by;
    std::optional<Clause<Duration>> within;
    std::vector<NamedExpr> lets;
    std::optional<Clause<ExprId>> where;
    std::optional<Clause<Overlap>> overlap;
    std::optional<Skip> skip;
    std::optional<Clause<Emit>> emit;
    std::optional<Clause<Duration>> lateness;
    std::optional<Throttle> throttle;
    std::vector<NamedExpr> returns;
    std::optional<AlertText> alert;
    Span span;
};

/// A time in a test: of day (the day is 1970-01-01) or a full RFC 3339 time.
struct TestTime {
    EventTime time;
    std::string raw;
};
struct Assignment {
    Path path;
    ExprId value;       ///< a literal
};
struct TestRow {
    TestTime time;
    Name stream;
    std::vector<Assignment> fields;
    Span span;
};
struct TestIdle {
    Name stream;
    Span span;
};
struct TestWatermark {
    Name stream;
    TestTime time;
    Span span;
};
struct TestExpect {
    enum class Kind { nothing, alert, retract, correct, late } kind;
    std::vector<Assignment> fields;
    std::optional<TestTime> at;
    Span span;
};
struct TestDecl {
    std::string title;
    Name rule;
    std::vector<std::variant<TestRow, TestIdle, TestWatermark, TestExpect>> lines;
    Span span;
};

using Declaration = std::variant<StreamDecl, ViewDecl, ListDecl, DefineDecl, RuleDecl, TestDecl>;

/// What could be read of a declaration in which there is an error of syntax: others may use its name.
struct BrokenDecl {
    enum class Kind { unknown, stream, table, view, list, define, rule } kind{Kind::unknown};
    std::optional<Name> name;  ///< nothing: it could not be read
    Span span;
};

struct Comment {
    Span span;              ///< from `#` to the end of the line, exclusive
    bool own_line{false};   ///< nothing but white space before it
};

struct File {
    SourceId source{};
    std::vector<Declaration> declarations;      ///< in the order written; broken ones are left out
    std::vector<BrokenDecl> broken;  ///< those, but tests, which have no names; in the order written
    bool whole{true};  ///< the text has no error of syntax: nothing was left out
    std::vector<Expr> exprs;
    std::vector<Pattern> patterns;
    std::vector<Comment> comments;              ///< in the order written

    [[nodiscard]] const Expr& operator[](ExprId id) const { return exprs[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const Pattern& operator[](PatternId id) const { return patterns[static_cast<std::size_t>(id)]; }
};

}  // namespace tocsin::dsl
