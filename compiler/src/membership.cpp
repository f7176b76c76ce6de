#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

using event::Type;

Lowering::Result Lowering::membership(ExprRef expr, const dsl::In& in) {
    const auto value = operand({expr.file, in.value});
    if (!value) {
        return std::nullopt;
    }
    if (value->type == Type::null) {
        load_.report.error("E0314", value->span, "null is in no list", "`x = null` asks for null");
        return std::nullopt;
    }
    std::optional<plan::ListId> list;
    if (const auto* items = std::get_if<std::vector<dsl::ExprId>>(&in.set)) {
        return in_items(expr, in, *value, *items);
    }
    if (const auto* name = std::get_if<dsl::Name>(&in.set)) {
        const Symbol* symbol = load_.symbols.find(name->text);
        if (symbol == nullptr && load_.symbols.unread(name->text, {SymbolKind::list}, load_.report)) {
            return std::nullopt;
        }
        if (symbol == nullptr) {
            load_.report.error("E0207", name->span, fmt::format("there is no list `{}`", name->text),
                               did_you_mean(name->text, load_.symbols.names(SymbolKind::list),
                                            "declare it with `list`, or write the values in ( )"));
            return std::nullopt;
        }
        if (symbol->kind != SymbolKind::list) {
            load_.report.error("E0219", name->span,
                               fmt::format("`{}` is a {}, not a list", name->text, kind_name(symbol->kind)), {},
                               {{symbol->span, "it is declared here"}});
            return std::nullopt;
        }
        list = named_list(load_, name->text, *symbol, value->type, name->span);
    } else {
        const dsl::ExprId literal = std::get<dsl::ExprId>(in.set);
        const Span span = (*expr.file)[literal].span;
        const auto constant = literal_constant(*expr.file, literal);
        if (value->type != Type::ip || !constant) {
            load_.report.error("E0302", span,
                               fmt::format("`in` with one value is for addresses and networks; {} is {}",
                                           quoted(load_, value->span), a_type(value->type)),
                               "write the values in ( ), or use `=`");
            return std::nullopt;
        }
        list = make_list(load_, {}, value->type, {{*constant, span}});
    }
    if (!list) {
        return std::nullopt;
    }
    return load_.builder.add({Type::boolean, plan::InList{value->id, *list, in.negated}});
}

/// `x in (a, b)`: a list if all items are constants, else `x = a or x = b`.
Lowering::Result Lowering::in_items(ExprRef expr, const dsl::In& in, const Operand& value,
                                    const std::vector<dsl::ExprId>& items) {
    std::vector<Operand> operands;
    std::vector<ListItem> constants;
    for (const dsl::ExprId id : items) {
        if (const auto item = operand({expr.file, id})) {
            operands.push_back(*item);
            if (const plan::Constant* constant = load_.builder.constant_value(item->id)) {
                constants.push_back({*constant, item->span});
            }
        }
    }
    if (operands.size() != items.size()) {
        return std::nullopt;
    }
    if (constants.size() == items.size()) {
        const auto list = make_list(load_, {}, value.type, constants);
        return list ? Result(load_.builder.add({Type::boolean, plan::InList{value.id, *list, in.negated}})) : std::nullopt;
    }
    std::vector<plan::ExprId> equal;
    for (const Operand& item : operands) {
        if (const Result one = comparison(dsl::BinaryOp::equal, value, item)) {
            equal.push_back(*one);
        }
    }
    if (equal.size() != operands.size()) {
        return std::nullopt;
    }
    const plan::ExprId any = join_conditions(load_.builder, plan::Op::logical_or, equal);
    if (!in.negated) {
        return any;
    }
    const plan::ExprId none = load_.builder.apply(Type::boolean, plan::Op::logical_not, {any});
    const plan::ExprId there = load_.builder.apply(Type::boolean, plan::Op::is_not_null, {value.id});
    return join_conditions(load_.builder, plan::Op::logical_and, {there, none});
}

}  // namespace tocsin::compiler
