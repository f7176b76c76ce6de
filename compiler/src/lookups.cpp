// Look-ups: what `lookup T as c on c.KEY = expr` declares, and what `c.field` means.

#include <algorithm>

#include <fmt/format.h>

#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

/// The table that a look-up names, or null after saying what is wrong.
const Table* find_table(Load& load, const dsl::Name& name) {
    const Symbol* symbol = load.symbols.find(name.text);
    if (symbol == nullptr) {
        if (load.symbols.unread(name.text, {SymbolKind::table, SymbolKind::view}, load.report)) {
            return nullptr;
        }
        std::vector<std::string_view> known = load.symbols.names(SymbolKind::table);
        std::ranges::copy(load.symbols.names(SymbolKind::view), std::back_inserter(known));
        load.report.error("E0228", name.span, fmt::format("there is no table `{}`", name.text),
                          did_you_mean(name.text, known, "declare it with `table`"));
        return nullptr;
    }
    if (symbol->kind != SymbolKind::table && symbol->kind != SymbolKind::view) {
        load.report.error(
            "E0219", name.span, fmt::format("`{}` is a {}, not a table", name.text, kind_name(symbol->kind)),
            symbol->kind == SymbolKind::stream ? "a look-up wants the latest row a key: declare it with `table`" : "",
            {{symbol->span, "it is declared here"}});
        return nullptr;
    }
    return symbol->table;
}

/// The alias is new in its rule, whose steps have names too.
void check_alias(Load& load, const Draft& draft, const dsl::Lookup& lookup) {
    const std::string& alias = lookup.as.text;
    if (const auto step = draft.names.shape.find_name(alias)) {
        load.report.error("E0223", lookup.as.span, fmt::format("`{}` is a step and a look-up", alias), "rename one of them",
                          {{draft.names.shape.names[*step].span, "the step is here"}});
    }
    for (const Alias& other : draft.names.aliases) {
        if (other.decl->as.text == alias) {
            load.report.error("E0223", lookup.as.span, fmt::format("two look-ups are named `{}`", alias), "rename one of them",
                              {{other.decl->as.span, "the first is here"}});
        }
    }
    if (alias == "prev") {
        load.report.error("E0220", lookup.as.span, "`prev` cannot be a look-up's name: it is the event taken last");
    }
}

/// `c.KEY`: the row is found by the table's key, and by nothing else.
bool check_on(Load& load, const dsl::Lookup& lookup, const Table& table) {
    const std::string& alias = lookup.as.text;
    const std::string key = join_path(table.row.fields[table.key].path);
    if (lookup.on.parts.size() < 2 || lookup.on.parts.front() != alias) {
        load.report.error("E0225", lookup.on.span, fmt::format("the left side says which field of `{}` is looked up", alias),
                          fmt::format("write `on {}.{} = …`", alias, key));
        return false;
    }
    const std::vector<std::string> path(lookup.on.parts.begin() + 1, lookup.on.parts.end());
    if (path == table.row.fields[table.key].path) {
        return true;
    }
    load.report.error("E0225", lookup.on.span,
                      fmt::format("a row is looked up by the key of `{}`, which is `{}`", table.row.name, key),
                      fmt::format("write `on {}.{} = …`", alias, key), {{table.row.span, "it is declared here"}});
    return false;
}

}  // namespace

void lower_lookups(Load& load, Draft& draft) {
    for (const dsl::Lookup& lookup : draft.names.decl->lookups) {
        check_alias(load, draft, lookup);
        const Table* table = find_table(load, lookup.table);
        if (table != nullptr && !check_on(load, lookup, *table)) {
            table = nullptr;
        }
        draft.names.aliases.push_back({&lookup, table});
        if (table != nullptr && std::ranges::find(draft.plan.tables, table->id) == draft.plan.tables.end()) {
            draft.plan.tables.push_back(table->id);
        }
    }
}

void settle_clock(Load& load, Draft& draft) {
    std::vector<plan::StreamId>& clock = draft.plan.clock_streams;
    const auto wait_for = [&](plan::TableId table) {
        for (const plan::StreamId feed : load.builder.program[table].feeds) {
            if (std::ranges::find(clock, feed) == clock.end()) {
                clock.push_back(feed);
            }
        }
    };
    std::ranges::for_each(draft.plan.tables, wait_for);
    for (const Stream* stream : draft.streams) {
        if (stream->origin == plan::StreamPlan::Origin::changes) {
            wait_for(plan::TableId{load.builder.program[stream->id].maker});
        }
    }
}

/// The row's field, where the row is found by what the look-up's expression means at this place.
Lowering::Result Lowering::looked_up(const Alias& alias, const StreamField& field, Span use) {
    if (std::ranges::find(looking_, &alias) != looking_.end()) {
        load_.report.error("E0227", alias.decl->as.span,
                           fmt::format("the look-up `{}` needs itself to find its row", alias.decl->as.text));
        return std::nullopt;
    }
    const Table& table = *alias.table;
    const StreamField& wanted = table.row.fields[table.key];
    const std::size_t shown = load_.report.shown();
    looking_.push_back(&alias);
    auto key = operand({scope_.rule->file, alias.decl->equals});
    looking_.pop_back();
    if (!key) {
        if (load_.report.shown() != shown && looking_.empty()) {
            load_.report.error("E0221", use, fmt::format("the look-up `{}` does not fit here", alias.decl->as.text), {},
                               {{alias.decl->span, "its row is found by what stands here"}});
        }
        return std::nullopt;
    }
    if (!coerce(*key, Operand{use, {}, wanted.type})) {
        return std::nullopt;
    }
    if (key->type != wanted.type && !(is_number(key->type) && is_number(wanted.type))) {
        load_.report.error("E0319", key->span,
                           fmt::format("{} is {}; the key `{}` of `{}` is {}", quoted(load_, key->span), a_type(key->type),
                                       join_path(wanted.path), table.row.name, a_type(wanted.type)),
                           {}, {{wanted.span, "the key is declared here"}});
        return std::nullopt;
    }
    const auto index = static_cast<std::uint32_t>(&field - table.row.fields.data());
    return load_.builder.add({field.type, plan::LookupRef{table.id, index, key->id}});
}

}  // namespace tocsin::compiler
