#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tocsin/plan/program.hpp>

namespace tocsin::compiler {

/// What an expression looks at; decides where it can be evaluated.
struct Reads {
    bool columns{false};
    bool registers{false};
    bool match{false};  ///< lets and key
    bool tables{false};
    std::uint32_t nodes{1};  ///< as a tree, shared parts counted each time
};

/// A program in the making: everything in it is made once, so that equal things have equal ids.
class ProgramBuilder {
public:
    plan::ExprId add(plan::Expr expr);
    plan::ExprId constant(plan::Constant value);
    plan::ExprId apply(event::Type type, plan::Op op, std::vector<plan::ExprId> arguments);
    plan::ExprId column(event::ColumnSpec spec);
    event::ColumnId column_id(event::ColumnSpec spec);
    plan::ListId list(plan::List list);
    plan::RegexId regex(const std::string& text);
    plan::PredicateId predicate(plan::StreamId stream, std::optional<plan::ExprId> expr);

    [[nodiscard]] const plan::Expr& operator[](plan::ExprId id) const { return program.pool[id]; }
    [[nodiscard]] event::Type type(plan::ExprId id) const { return program.pool[id].type; }
    [[nodiscard]] const Reads& reads(plan::ExprId id) const { return reads_[static_cast<std::size_t>(id)]; }
    /// The value of a constant expression, else null.
    [[nodiscard]] const plan::Constant* constant_value(plan::ExprId id) const;

    plan::Program program;

private:
    [[nodiscard]] Reads reads_of(const plan::Expr& expr) const;

    std::vector<Reads> reads_;
    std::unordered_multimap<std::uint64_t, plan::ExprId> exprs_;
    std::unordered_multimap<std::uint64_t, event::ColumnId> columns_;
    std::unordered_multimap<std::uint64_t, plan::ListId> lists_;
    std::unordered_map<std::string, plan::RegexId> regexes_;
    std::unordered_map<std::uint64_t, plan::PredicateId> predicates_;
};

[[nodiscard]] event::Type type_of(const plan::Constant& constant);

}  // namespace tocsin::compiler
