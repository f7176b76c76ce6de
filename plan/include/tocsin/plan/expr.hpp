#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/event/value.hpp>

namespace tocsin::plan {

enum class ExprId : std::uint32_t {};
enum class RegisterId : std::uint32_t {};
enum class ListId : std::uint32_t {};
enum class RegexId : std::uint32_t {};
enum class TableId : std::uint32_t {};

/// A constant that owns its string.
struct Constant {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, EventTime, Duration, event::Ip> value;
    [[nodiscard]] event::Value view() const;
    /// A copy of the value, its string included.
    [[nodiscard]] static Constant of(const event::Value& value);
    friend bool operator==(const Constant&, const Constant&) = default;

    template <class Archive>
    void archive(Archive& a) {
        a(value);
    }
};

/// A field of the event at hand.
struct ColumnRef {
    event::ColumnId column;
    friend bool operator==(const ColumnRef&, const ColumnRef&) = default;
};
/// A value that the run (or the complete match, or the window) remembers.
struct RegisterRef {
    RegisterId index;
    friend bool operator==(const RegisterRef&, const RegisterRef&) = default;
};
/// The value of a `let` or of the key by its index, in where, return and alert.
struct LetRef {
    std::uint32_t index;
    friend bool operator==(const LetRef&, const LetRef&) = default;
};
struct KeyRef {
    std::uint32_t index;
    friend bool operator==(const KeyRef&, const KeyRef&) = default;
};

enum class Op : std::uint8_t {
    logical_and, logical_or, logical_not,
    equal, not_equal, less, less_equal, greater, greater_equal,
    is_null, is_not_null,
    add, subtract, multiply, divide, modulo, negate,
    like,                       ///< right side a constant; `*` any run, `?` one code point; no other meaning
    abs, floor, ceil, round, sqrt,
    lower, upper, length, contains, starts_with, ends_with, substring,
    coalesce, choose,           ///< choose: if(c, x, y)
    hour, weekday, date, km,
};
[[nodiscard]] std::string_view op_name(Op op);

struct Apply {
    Op op;
    std::vector<ExprId> arguments;
    friend bool operator==(const Apply&, const Apply&) = default;
};
/// `x in (…)`, `x in LIST`, `ip in "net"`; sets are lists too.
struct InList {
    ExprId value;
    ListId list;
    bool negated{false};
    friend bool operator==(const InList&, const InList&) = default;
};
struct Matches {
    ExprId value;
    RegexId regex;
    friend bool operator==(const Matches&, const Matches&) = default;
};
/// `c.tier`: a field of the row that a table or view has for a key as of Scope::time; null where it has none.
struct LookupRef {
    TableId table;
    std::uint32_t field;        ///< index into TablePlan::fields
    ExprId key;
    friend bool operator==(const LookupRef&, const LookupRef&) = default;
};
/// A field of the row at hand, in a view's `where`, by its index in TablePlan::fields.
struct FieldRef {
    std::uint32_t index;
    friend bool operator==(const FieldRef&, const FieldRef&) = default;
};

struct Expr {
    event::Type type{event::Type::null};
    std::variant<Constant, ColumnRef, RegisterRef, LetRef, KeyRef, Apply, InList, Matches, LookupRef, FieldRef> node;
    friend bool operator==(const Expr&, const Expr&) = default;
};

/// Calls `each` with the id of every expression that `expr`, const or not, is made of.
template <class AnyExpr, class Each>
void for_each_part(AnyExpr& expr, Each each) {
    if (auto* apply = std::get_if<Apply>(&expr.node)) {
        for (auto& argument : apply->arguments) {
            each(argument);
        }
    } else if (auto* in = std::get_if<InList>(&expr.node)) {
        each(in->value);
    } else if (auto* matches = std::get_if<Matches>(&expr.node)) {
        each(matches->value);
    } else if (auto* lookup = std::get_if<LookupRef>(&expr.node)) {
        each(lookup->key);
    }
}

/// A set of constants, or for ip of networks. The matcher makes its own look-up structure of it.
struct List {
    std::string name;       ///< empty for a set written in place
    event::Type type{event::Type::null};
    std::vector<Constant> values;
    std::vector<event::Network> networks;
    friend bool operator==(const List&, const List&) = default;
};

/// Expressions of a program. Ids are indices; an expression's parts have smaller ids than itself. Equal expressions get
/// equal ids, so ids can be compared.
struct ExprPool {
    std::vector<Expr> exprs;
    std::vector<List> lists;
    std::vector<std::string> regexes;

    [[nodiscard]] const Expr& operator[](ExprId id) const { return exprs[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const List& operator[](ListId id) const { return lists[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const std::string& operator[](RegexId id) const { return regexes[static_cast<std::size_t>(id)]; }
};

}  // namespace tocsin::plan
