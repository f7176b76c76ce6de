#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::matcher {

/// Strings that an evaluation makes live here until the next clear().
class Scratch {
public:
    std::string_view keep(std::string text) { return strings_.emplace_back(std::move(text)); }
    void clear() { strings_.clear(); }

private:
    std::deque<std::string> strings_;
};

class Row;
class TableSet;

/// What an expression can see. Either a row of a batch or the kept values of an event; registers, lets and key where the
/// expression refers to them.
struct Scope {
    const event::Batch* batch{nullptr};
    std::size_t row{0};
    std::span<const event::Value> kept;         ///< by slot of Program::kept_slot; used when there is no batch
    std::span<const event::Value> registers;
    std::span<const event::Value> lets;
    std::span<const event::Value> key;
    const TableSet* tables{nullptr};            ///< of a rule that looks into tables
    EventTime time;                             ///< as of which their rows are found
    const Row* table_row{nullptr};              ///< the row at hand, in a view's `where`
};

/// Evaluates the expressions of a program. Holds what they need at run time (compiled regular expressions, hashed sets).
/// The evaluator is immutable and thread-safe; a Session of it belongs to one thread.
class Evaluator {
public:
    /// Fails where a regular expression does not compile.
    [[nodiscard]] static Result<std::shared_ptr<const Evaluator>> create(std::shared_ptr<const plan::Program> program);
    ~Evaluator();

    class Session {
    public:
        explicit Session(std::shared_ptr<const Evaluator> evaluator);
        ~Session();
        Session(Session&&) noexcept;
        Session& operator=(Session&&) noexcept;

        /// Strings in the result live until release(), or as long as what they come from.
        [[nodiscard]] event::Value value(plan::ExprId expr, const Scope& scope);
        [[nodiscard]] bool condition(plan::ExprId expr, const Scope& scope) { return value(expr, scope).truthy(); }
        void release() { scratch_.clear(); }
        /// Integer overflows since the last call: each gave null.
        [[nodiscard]] std::uint64_t take_overflows();

    private:
        friend struct Interpreter;
        struct Scanner;
        std::shared_ptr<const Evaluator> evaluator_;
        std::unique_ptr<Scanner> scanner_;
        Scratch scratch_;
        std::uint64_t overflows_{0};
    };

private:
    friend struct Interpreter;
    struct Impl;
    explicit Evaluator(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Whether a regular expression is one that `matches` can run: nothing, or the reason in words.
[[nodiscard]] std::optional<std::string> regex_problem(const std::string& pattern);

}  // namespace tocsin::matcher
