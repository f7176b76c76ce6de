#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// Finds, of many conditions over the columns of a row, those that hold. A condition that demands `field = constant` (or
/// `field in (…)`) among its conjuncts is reached by one look-up of the field's value; only then is the rest of it
/// evaluated. What demands no equality is evaluated for each row. Immutable; thread-safe.
class ConditionIndex {
public:
    struct Entry {
        std::uint32_t id;                       ///< what is reported
        std::optional<plan::ExprId> expr;       ///< nothing: holds always
    };
    ConditionIndex(const plan::Program& program, const std::vector<Entry>& entries);
    ~ConditionIndex();
    ConditionIndex(ConditionIndex&&) noexcept;
    ConditionIndex& operator=(ConditionIndex&&) noexcept;

    /// Appends the ids of the conditions that hold for the row, each once, in no particular order.
    void find(const event::Batch& batch, std::size_t row, Evaluator::Session& session, std::vector<std::uint32_t>& out) const;

    /// How a condition is reached, in words: "by status =", "always", "evaluated for each event".
    [[nodiscard]] std::string access(std::size_t entry, const plan::Program& program) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::matcher
