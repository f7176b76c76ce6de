#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "draft.hpp"

namespace tocsin::compiler {

namespace {

/// The definitions that `define` names.
std::vector<const Symbol*> named_in(Load& load, const Symbol& define) {
    std::vector<const Symbol*> out;
    std::vector<dsl::ExprId> open{std::get<dsl::DefineDecl>(*define.declaration).expr};
    const auto visit = [&](dsl::ExprId id) { open.push_back(id); };
    while (!open.empty()) {
        const dsl::Expr& node = (*define.file)[open.back()];
        open.pop_back();
        if (const auto* bare = std::get_if<dsl::PathExpr>(&node.node)) {
            const Symbol* symbol = bare->path.parts.size() == 1 ? load.symbols.peek(bare->path.parts.front()) : nullptr;
            if (symbol != nullptr && symbol->kind == SymbolKind::define) {
                out.push_back(symbol);
            }
        } else if (const auto* unary = std::get_if<dsl::Unary>(&node.node)) {
            visit(unary->operand);
        } else if (const auto* binary = std::get_if<dsl::Binary>(&node.node)) {
            visit(binary->left);
            visit(binary->right);
        } else if (const auto* call = std::get_if<dsl::Call>(&node.node)) {
            for (const dsl::ExprId argument : call->arguments) {
                visit(argument);
            }
        } else if (const auto* member = std::get_if<dsl::Member>(&node.node)) {
            visit(member->base);
        } else if (const auto* in = std::get_if<dsl::In>(&node.node)) {
            visit(in->value);
            if (const auto* items = std::get_if<std::vector<dsl::ExprId>>(&in->set)) {
                for (const dsl::ExprId item : *items) {
                    visit(item);
                }
            }
        }
    }
    return out;
}

}  // namespace

/// Depth first with a stack of its own: a chain of definitions can be as long as a file.
void check_definitions(Load& load) {
    enum class State { open, done };
    struct Frame {
        const Symbol* symbol;
        std::vector<const Symbol*> next;
    };
    std::unordered_map<const Symbol*, State> states;
    for (const auto& [name, start] : load.symbols.in_order()) {
        if (start->kind != SymbolKind::define || states.contains(start)) {
            continue;
        }
        std::vector<Frame> path{{start, named_in(load, *start)}};
        states[start] = State::open;
        while (!path.empty()) {
            if (path.back().next.empty()) {
                states[path.back().symbol] = State::done;
                path.pop_back();
                continue;
            }
            const Symbol* next = path.back().next.back();
            path.back().next.pop_back();
            const auto [state, is_new] = states.emplace(next, State::open);
            if (is_new) {
                path.push_back({next, named_in(load, *next)});
            } else if (state->second == State::open) {
                const auto& decl = std::get<dsl::DefineDecl>(*next->declaration);
                load.report.error("E0213", decl.name.span,
                                  fmt::format("the definition `{}` leads back to itself", decl.name.text), {},
                                  {{path.back().symbol->span, "through this one"}});
            }
        }
    }
}

}  // namespace tocsin::compiler
