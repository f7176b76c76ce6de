#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tocsin/event/batch.hpp>
#include <tocsin/matcher/evaluator.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// Finds, of many conditions over the columns of a row, those that hold, at a cost that grows with what is found rather than with
/// what is loaded. Each distinct predicate that compares a field, or what is computed of fields, with constants is asked once
/// for all conditions:
///
/// - `f = c`, `f in (…)`: one look-up in a hash table of the constants of f;
/// - `f < c`, `c <= f and f < d`, `f like "abc*"`, `starts_with`, networks: binary search in the sorted constants of f;
/// - `f like "*abc*"`, `contains`, `ends_with`, `matches`: a scan of f's bytes for all patterns at once.
///
/// A condition is reached by the most selective of its conjuncts that is such a predicate, or by each side of an `or`; only then is
/// the rest of it evaluated. What has none of these is evaluated for each row. Immutable; thread-safe.
class ConditionIndex {
public:
    struct Entry {
        std::uint32_t id;                       ///< what is reported; each entry has its own
        std::optional<plan::ExprId> expr;       ///< nothing: holds always
    };
    /// Requires: the program outlives the index.
    ConditionIndex(const plan::Program& program, const std::vector<Entry>& entries);
    ~ConditionIndex();
    ConditionIndex(ConditionIndex&&) noexcept;
    ConditionIndex& operator=(ConditionIndex&&) noexcept;

    /// The memory of find(), for any number of indices. Owned by one thread.
    class Workspace {
    public:
        Workspace();
        ~Workspace();
        Workspace(Workspace&&) noexcept;
        Workspace& operator=(Workspace&&) noexcept;
        /// Before the first find() of the index with it.
        void serve(const ConditionIndex& index);

    private:
        friend class ConditionIndex;
        struct Impl;
        std::unique_ptr<Impl> impl_;
    };

    /// Appends the ids of the conditions that hold for the row, each once, in no particular order.
    void find(const event::Batch& batch, std::size_t row, Evaluator::Session& session, Workspace& workspace,
              std::vector<std::uint32_t>& out) const;

    /// How a condition is reached, in words: "found by the value of status, the rest evaluated on a hit".
    [[nodiscard]] std::string access(std::size_t entry, const plan::Program& program) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::matcher
