#include "builder.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace tocsin::dsl {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

void fail(std::string code, Span span, std::string message, std::string hint, std::vector<Note> notes) {
    throw SyntaxError{{std::move(code), Severity::error, span, std::move(message), std::move(hint), std::move(notes)}};
}

std::string in_backticks(std::string_view word) { return fmt::format("`{}`", word); }

Span join(Span first, Span last) { return {first.source, first.begin, last.end}; }

std::uint32_t Builder::depth_of(const decltype(Expr::node)& node) const {
    const auto deepest = [this](const std::vector<ExprId>& ids) {
        std::uint32_t most = 0;
        for (const ExprId id : ids) {
            most = std::max(most, depth(id));
        }
        return most;
    };
    const std::uint32_t below =
        std::visit(Overloaded{
                       [](const Literal&) { return 0U; },
                       [](const PathExpr&) { return 0U; },
                       [&](const Unary& unary) { return depth(unary.operand); },
                       [&](const Binary& binary) { return std::max(depth(binary.left), depth(binary.right)); },
                       [&](const Call& call) { return deepest(call.arguments); },
                       [&](const Member& member) { return depth(member.base); },
                       [&](const In& in) {
                           const auto* items = std::get_if<std::vector<ExprId>>(&in.set);
                           return std::max(depth(in.value), items != nullptr ? deepest(*items) : 0U);
                       },
                   },
                   node);
    return below + 1;
}

ExprId Builder::add(Span span, decltype(Expr::node) node) {
    const std::uint32_t depth = depth_of(node);
    if (depth > limits_.expression_depth) {
        fail("E0107", span, fmt::format("this expression has more than {} operators in a chain", limits_.expression_depth),
             "give parts of it a name with `define` or `let`; for many values use a `list` and `in`");
    }
    file_.exprs.push_back({span, false, std::move(node)});
    depths_.push_back(depth);
    return static_cast<ExprId>(file_.exprs.size() - 1);
}

PatternId Builder::add(Span span, decltype(Pattern::node) node) {
    file_.patterns.push_back({span, std::move(node)});
    return static_cast<PatternId>(file_.patterns.size() - 1);
}

ExprId Builder::add_lowest_magnitude(Span span) {
    lowest_magnitude_ = add(span, Literal{std::numeric_limits<std::int64_t>::min()});
    return lowest_magnitude_;
}

Builder::Nested::Nested(Builder& builder, Span place) : builder_(builder) {
    if (builder.nesting_ >= builder.limits_.nesting) {
        fail("E0106", place, fmt::format("brackets are nested more than {} deep", builder.limits_.nesting),
             "give the inner parts a name with `define`");
    }
    ++builder.nesting_;
}

}  // namespace tocsin::dsl
