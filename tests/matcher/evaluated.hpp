#pragma once

#include <optional>
#include <string>

#include <tocsin/event/decode.hpp>
#include <tocsin/matcher/evaluator.hpp>

#include "compiler/compiled.hpp"
#include "support/test.hpp"

namespace tocsin::test {

/// The fields that expressions of these tests may use; `to_…` only say which type a value has to have.
inline const std::string kFields =
    "list Staff = (\"ann\", \"bob\")\n"
    "stream E(i: int, j: int, x: float, y: float, s: string, u: string, t: time, t2: time, d: duration, d2: duration, a: ip, "
    "b: bool,"
    " to_int: int, to_float: float, to_string: string, to_time: time, to_duration: duration, ts: time)\n  time ts\n";

struct Evaluation {
    std::string json;  ///< of the value
    std::uint64_t overflows{0};
};

/// Evaluates one expression over the bytes of one record.
class Expression {
public:
    /// Requires: an expression over the fields of E, as one may stand in `[ ]`.
    explicit Expression(const std::string& text) {
        // A condition is the expression itself; another value is the other side of a comparison.
        const Compiled as_condition = compiled(kFields + "rule r when E[" + text + "]\n");
        if (as_condition.program != nullptr) {
            set(as_condition, std::nullopt);
            return;
        }
        for (const char* type : {"int", "float", "string", "time", "duration"}) {
            const Compiled made = compiled(kFields + "rule r when E[to_" + type + " = (" + text + ")]\n");
            if (made.program != nullptr) {
                set(made, std::string("to_") + type);
                return;
            }
        }
        FAIL("no expression: " << text << "\n" << as_condition.found);
    }

    [[nodiscard]] Evaluation over(const std::string& record) const {
        event::Decoder decoder(event::Format::ndjson, program_->projection, {});
        const event::Batch batch = decoder.decode(event::InputId{0}, event::make_block(record + "\n", 1));
        REQUIRE(batch.rows() == 1);
        const auto evaluator = matcher::Evaluator::create(program_);
        REQUIRE(evaluator.has_value());
        matcher::Evaluator::Session session(*evaluator);
        matcher::Scope scope;
        scope.batch = &batch;
        Evaluation result;
        event::append_json(result.json, session.value(expr_, scope));
        result.overflows = session.take_overflows();
        return result;
    }

private:
    void set(const Compiled& made, const std::optional<std::string>& target) {
        program_ = made.program;
        const plan::RulePlan& rule = program_->rules.front();
        const plan::Predicate& predicate =
            (*program_)[rule.conditions[static_cast<std::size_t>(rule.steps[0].condition)].predicate];
        REQUIRE(predicate.expr.has_value());
        expr_ = *predicate.expr;
        if (target) {
            const auto& apply = std::get<plan::Apply>(program_->pool[expr_].node);
            REQUIRE(apply.op == plan::Op::equal);
            expr_ = is_column(apply.arguments[0], *target) ? apply.arguments[1] : apply.arguments[0];
        }
    }
    [[nodiscard]] bool is_column(plan::ExprId id, const std::string& name) const {
        const auto* ref = std::get_if<plan::ColumnRef>(&program_->pool[id].node);
        return ref != nullptr && program_->projection[static_cast<std::size_t>(ref->column)].path.front() == name;
    }

    std::shared_ptr<const plan::Program> program_;
    plan::ExprId expr_{};
};

/// The value as JSON.
inline std::string value_of(const std::string& expression, const std::string& record = "{}") {
    INFO(expression << " over " << record);
    return Expression(expression).over(record).json;
}

inline std::uint64_t overflows_of(const std::string& expression, const std::string& record) {
    INFO(expression << " over " << record);
    return Expression(expression).over(record).overflows;
}

}  // namespace tocsin::test
