#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "load.hpp"
#include "rule_names.hpp"

namespace tocsin::compiler {

/// Where an expression stands, which decides what its names mean.
struct Scope {
    const Stream* event{nullptr};  ///< bare paths are its fields; null in where, let, return, alert
    const RuleNames* rule{nullptr};  ///< null in a stream's `where`
    const Place* place{nullptr};  ///< of a condition in a pattern
    std::vector<plan::Register>* registers{nullptr};
    bool returns{false};  ///< the values of `return` have names too (in an alert's text)
    std::optional<std::uint32_t> aggregated{};  ///< inside `sum(…)`: the step name whose fields it reads, and nothing else
    const Table* table{nullptr};  ///< in a view's `where`: the view
    bool window_aggregated{false};  ///< inside `sum(…)` of a window: `event` is what it is over
};

/// An operand: what it was made from, for messages, and what it became.
struct Operand {
    Span span;
    plan::ExprId id;
    event::Type type;
};

/// Gives expressions their types and meanings. Everything that is wrong goes to the report; what depends on something wrong
/// gives nothing, without a word. The recursion is bounded by Limits::expression_depth.
class Lowering {
public:
    Lowering(Load& load, Scope scope) : load_(load), scope_(scope) {}

    std::optional<plan::ExprId> value(ExprRef expr);
    /// A value that must be a bool.
    std::optional<plan::ExprId> condition(ExprRef expr);

private:
    using Result = std::optional<plan::ExprId>;

    // lowering.cpp
    std::optional<Operand> operand(ExprRef expr);
    Result logic(ExprRef expr, dsl::BinaryOp op);
    Result negation(ExprRef expr, const dsl::Unary& unary);
    Result binary(ExprRef expr, const dsl::Binary& binary);
    bool is_condition(const Operand& operand);

    // names.cpp
    struct Meaning {
        enum class Kind { field, step_field, lookup_field, view_field, key, key_column, let, returned, define, unknown } kind;
        std::string text;
        std::uint32_t index{0};
        const StreamField* field{nullptr};
        const Symbol* define{nullptr};
        const event::ColumnSpec* column{nullptr};
    };
    Result path(const dsl::Path& path);
    std::vector<Meaning> meanings(const dsl::Path& path);
    Result make(const Meaning& meaning, const dsl::Path& path);
    Result previous(const dsl::Path& path);
    Result expand(const Symbol& define, Span use);
    Result last_value(std::uint32_t name, const StreamField& field, Span use);
    bool visible(std::uint32_t name, Span use);
    void unknown_name(const dsl::Path& path);
    void unknown_bare_name(const dsl::Path& path);
    void unknown_field(const Stream& stream, const std::vector<std::string>& path, Span span, const std::string& prefix);
    void key_of_event(const dsl::Path& path, std::vector<Meaning>& found) const;

    // lookups.cpp
    Result looked_up(const Alias& alias, const StreamField& field, Span use);

    // comparisons.cpp
    Result comparison(dsl::BinaryOp op, Operand left, Operand right);
    Result pattern_match(dsl::BinaryOp op, const Operand& left, const Operand& right);
    bool coerce(Operand& side, const Operand& other);
    void cannot_compare(const Operand& left, const Operand& right);

    // arithmetic.cpp
    Result arithmetic(dsl::BinaryOp op, const Operand& left, const Operand& right);
    Result minus(const Operand& operand, Span span);
    Result finish(event::Type type, plan::Op op, std::vector<plan::ExprId> arguments, Span span);

    // functions.cpp
    Result call(ExprRef expr, const dsl::Call& call);
    Result function(ExprRef expr, const dsl::Call& call);

    // aggregates.cpp
    Result aggregate(ExprRef expr, const dsl::Call& call);
    Result member(ExprRef expr, const dsl::Member& member);
    std::optional<std::uint32_t> aggregated_step(const dsl::File& file, const dsl::Call& call);
    struct NamedSteps {
        std::vector<std::uint32_t> steps;
        const dsl::Path* unknown{nullptr};  ///< the first `x.y` whose x is no step
        void add(const dsl::Path& path, std::optional<std::uint32_t> name);
    };
    NamedSteps named_steps(ExprRef expr);
    std::optional<std::uint32_t> whole_step(const dsl::File& file, dsl::ExprId id) const;
    Result remember(plan::Register reg, event::Type type);
    bool share_of_quantile(ExprRef share, plan::Register& reg);

    // window_aggregates.cpp
    bool over_window() const;
    Result window_aggregate(ExprRef expr, const dsl::Call& call);
    Result window_before(ExprRef expr, const dsl::Call& call);
    bool may_approximate(const dsl::Call& call);

    // membership.cpp
    Result membership(ExprRef expr, const dsl::In& in);
    Result in_items(ExprRef expr, const dsl::In& in, const Operand& value, const std::vector<dsl::ExprId>& items);

    Load& load_;
    Scope scope_;
    std::vector<const Symbol*> expanding_;  ///< definitions being expanded, outermost first
    std::vector<const Alias*> looking_;  ///< look-ups whose key is being read, outermost first
    /// What definitions came to, here, inside an aggregate over a step or a window, and in the key of a look-up: each is
    /// expanded once.
    std::map<std::tuple<const Symbol*, std::optional<std::uint32_t>, bool, bool>, Result> expanded_;
    std::size_t depth_{0};
};

[[nodiscard]] bool is_aggregate(std::string_view function);
[[nodiscard]] std::optional<plan::Register::Kind> aggregate_kind(std::string_view function);
/// The type of the aggregate over values of `type`; nothing if it has none.
[[nodiscard]] std::optional<event::Type> aggregate_type(plan::Register::Kind kind, event::Type type);
[[nodiscard]] bool is_number(event::Type type);
/// `a float`, `an int`
[[nodiscard]] std::string a_type(event::Type type);

/// The same expression, or the constant that it comes to. Nothing if a constant is out of range.
[[nodiscard]] std::optional<plan::ExprId> fold(ProgramBuilder& builder, plan::ExprId expr);
/// `and`/`or` over conditions, flat, without constants and repetitions.
[[nodiscard]] plan::ExprId join_conditions(ProgramBuilder& builder, plan::Op op, const std::vector<plan::ExprId>& parts);
/// What a regular expression uses that is not supported, or nothing.
[[nodiscard]] std::optional<std::string> unsupported_in_regex(std::string_view regex);

}  // namespace tocsin::compiler
