// Tables and views. A table is fed by a stream of rows, which has its name; a view is made of two tables, each of which can be a
// view. Where a rule's pattern names either, it means the stream of its changes.

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "dependencies.hpp"
#include "draft.hpp"
#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;

Table& add_table(Load& load, Symbol& symbol, plan::TablePlan plan) {
    Table& table = load.tables.emplace_back();
    table.id = plan::TableId{static_cast<std::uint32_t>(load.builder.program.tables.size())};
    table.row.name = plan.name;
    table.row.span = symbol.span;
    table.key = plan.key;
    load.builder.program.tables.push_back(std::move(plan));
    symbol.table = &table;
    return table;
}

void lower_table(Load& load, Symbol& symbol) {
    const Stream& feed = load.symbols.streams[symbol.stream];
    const dsl::StreamDecl& decl = *feed.decl;
    if (!decl.key) {
        return;  // the parser has asked for it
    }
    const StreamField* key = feed.field(decl.key->parts);
    if (key == nullptr) {
        if (!feed.incomplete) {
            const std::string text = join_path(decl.key->parts);
            load.report.error("E0203", decl.key->span, fmt::format("`{}` has no field `{}`", feed.name, text),
                              did_you_mean(text, feed.field_names()));
        }
        return;
    }
    plan::TablePlan plan;
    plan.name = feed.name;
    plan.key = static_cast<std::uint32_t>(key - feed.fields.data());
    for (const StreamField& field : feed.fields) {
        if (field.path != feed.time_path) {
            plan.telling.push_back(static_cast<std::uint32_t>(plan.fields.size()));
        }
        plan.fields.push_back({field.path, field.type});
        plan.columns.push_back(load.builder.column_id(feed.column(field)));
    }
    plan.feeds = {feed.id};
    Table& table = add_table(load, symbol, std::move(plan));
    for (const StreamField& field : feed.fields) {
        static_cast<void>(table.row.add(field));
    }
    table.row.incomplete = feed.incomplete;
}

/// What a view joins: the table of that name, or null after saying what is wrong.
const Symbol* find_part(Load& load, const dsl::Name& name) {
    const Symbol* symbol = load.symbols.find(name.text);
    if (symbol == nullptr && load.symbols.unread(name.text, {SymbolKind::table, SymbolKind::view}, load.report)) {
        return nullptr;
    }
    if (symbol == nullptr) {
        load.report.error("E0228", name.span, fmt::format("there is no table `{}`", name.text),
                          did_you_mean(name.text, load.symbols.names(SymbolKind::table), "declare it with `table`"));
        return nullptr;
    }
    if (symbol->kind != SymbolKind::table && symbol->kind != SymbolKind::view) {
        load.report.error("E0219", name.span, fmt::format("`{}` is a {}, not a table", name.text, kind_name(symbol->kind)), {},
                          {{symbol->span, "it is declared here"}});
        return nullptr;
    }
    return symbol;
}

/// The field of a joined table that one side of `on` names.
const StreamField* joined_field(Load& load, const Table& table, const dsl::Path& path) {
    const std::vector<std::string> rest(path.parts.begin() + 1, path.parts.end());
    const StreamField* field = table.row.field(rest);
    if (field == nullptr && !table.row.incomplete) {
        load.report.error("E0203", path.span, fmt::format("`{}` has no field `{}`", table.row.name, join_path(rest)),
                          did_you_mean(join_path(rest), table.row.field_names()), {{table.row.span, "it is declared here"}});
    }
    return field;
}

struct Joined {
    const StreamField* left;
    const StreamField* right;
};

/// `on A.x = B.y`, written either way round; y is B's key.
std::optional<Joined> lower_on(Load& load, const dsl::ViewDecl& decl, const Table& left, const Table& right) {
    const dsl::Path* a = &decl.on_left;
    const dsl::Path* b = &decl.on_right;
    if (a->parts.front() == right.row.name && b->parts.front() == left.row.name) {
        std::swap(a, b);
    }
    for (const auto& [path, table] : {std::pair{a, &left}, std::pair{b, &right}}) {
        if (path->parts.size() < 2 || path->parts.front() != table->row.name) {
            load.report.error("E0224", path->span,
                              fmt::format("{} is not a field of `{}`", quoted(load, path->span), table->row.name),
                              fmt::format("write `on {}.FIELD = {}.{}`", left.row.name, right.row.name,
                                          join_path(right.row.fields[right.key].path)));
            return std::nullopt;
        }
    }
    const Joined out{joined_field(load, left, *a), joined_field(load, right, *b)};
    if (out.left == nullptr || out.right == nullptr) {
        return std::nullopt;
    }
    const StreamField& key = right.row.fields[right.key];
    if (out.right != &key) {
        load.report.error("E0225", b->span,
                          fmt::format("a view joins by the key of `{}`, which is `{}`", right.row.name, join_path(key.path)),
                          fmt::format("write `on {} = {}.{}`", join_path(a->parts), right.row.name, join_path(key.path)),
                          {{right.row.span, "the table is declared here"}});
        return std::nullopt;
    }
    if (out.left->type != key.type) {
        load.report.error("E0319", a->span,
                          fmt::format("`{}` is {} and `{}` is {}: they never join", join_path(a->parts), a_type(out.left->type),
                                      join_path(b->parts), a_type(key.type)));
        return std::nullopt;
    }
    return out;
}

void add_fields(Table& view, plan::TablePlan& plan, const Table& part, const plan::TablePlan& of) {
    for (const std::uint32_t field : of.telling) {
        plan.telling.push_back(static_cast<std::uint32_t>(plan.fields.size()) + field);
    }
    for (StreamField field : part.row.fields) {
        field.path.insert(field.path.begin(), part.row.name);
        plan.fields.push_back({field.path, field.type});
        static_cast<void>(view.row.add(std::move(field)));
    }
    view.row.incomplete = view.row.incomplete || part.row.incomplete;
}

void lower_view(Load& load, Symbol& symbol) {
    const auto& decl = std::get<dsl::ViewDecl>(*symbol.declaration);
    const Symbol* left = find_part(load, decl.left);
    const Symbol* right = find_part(load, decl.right);
    if (left == nullptr || right == nullptr || left->table == nullptr || right->table == nullptr) {
        return;
    }
    if (left == right) {
        load.report.error("E0224", decl.right.span,
                          fmt::format("`{}` is joined with itself: its fields would have two names", decl.right.text),
                          "a view joins two different tables");
        return;
    }
    const auto on = lower_on(load, decl, *left->table, *right->table);
    if (!on) {
        return;
    }
    plan::TablePlan plan;
    plan.name = decl.name.text;
    plan.key = static_cast<std::uint32_t>(left->table->key);
    plan.join =
        plan::JoinPlan{left->table->id, right->table->id, static_cast<std::uint32_t>(on->left - left->table->row.fields.data()),
                       decl.left_join, std::nullopt};
    for (const Symbol* part : {left, right}) {
        const auto& feeds = load.builder.program[part->table->id].feeds;
        std::ranges::copy_if(feeds, std::back_inserter(plan.feeds),
                             [&](plan::StreamId feed) { return std::ranges::find(plan.feeds, feed) == plan.feeds.end(); });
    }
    Table& view = add_table(load, symbol, std::move(plan));
    std::vector<plan::TablePlan>& tables = load.builder.program.tables;
    for (const Symbol* part : {left, right}) {
        add_fields(view, tables.back(), *part->table, tables[static_cast<std::size_t>(part->table->id)]);
    }
    if (decl.where) {
        Scope scope;
        scope.table = &view;
        const auto where = Lowering(load, scope).condition({symbol.file, *decl.where});
        load.builder.program.tables.back().join->where = where;
    }
}

/// Views in an order in which each comes after those that it is made of. A cycle is reported and left out.
std::vector<Symbol*> views_in_order(Load& load) {
    std::vector<Symbol*> views;
    std::unordered_map<const Symbol*, std::size_t> numbers;
    for (const auto& [name, symbol] : load.symbols.in_order()) {
        if (symbol->kind == SymbolKind::view) {
            numbers.emplace(symbol, views.size());
            views.push_back(symbol);
        }
    }
    std::vector<std::vector<std::size_t>> needs(views.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        const auto& decl = std::get<dsl::ViewDecl>(*views[i]->declaration);
        for (const dsl::Name* part : {&decl.left, &decl.right}) {
            if (const auto found = numbers.find(load.symbols.peek(part->text)); found != numbers.end()) {
                needs[i].push_back(found->second);
            }
        }
    }
    const Dependencies found = dependencies(needs);
    std::vector<bool> broken(views.size(), false);
    for (const auto& cycle : found.cycles) {
        std::string text;
        for (const std::size_t one : cycle) {
            broken[one] = true;
            text += std::get<dsl::ViewDecl>(*views[one]->declaration).name.text + " → ";
        }
        const auto& first = std::get<dsl::ViewDecl>(*views[cycle.front()]->declaration);
        load.report.error("E0226", first.name.span,
                          fmt::format("the view `{}` is made of itself: {}{}", first.name.text, text, first.name.text));
    }
    std::vector<Symbol*> out;
    for (const std::size_t one : found.order) {
        if (!broken[one]) {
            out.push_back(views[one]);
        }
    }
    return out;
}

/// The stream of a table's changes: what happened (`op`), the row before and after, and when (`ts`).
void make_changes(Load& load, Symbol& symbol) {
    const Table& table = *symbol.table;
    Stream& stream = load.symbols.add_made(table.row.name, symbol.span);
    stream.origin = plan::StreamPlan::Origin::changes;
    stream.incomplete = table.row.incomplete;
    static_cast<void>(stream.add({{"op"}, Type::string, symbol.span, symbol.span}));
    for (const char* side : {"before", "after"}) {
        for (StreamField field : table.row.fields) {
            field.path.insert(field.path.begin(), side);
            static_cast<void>(stream.add(std::move(field)));
        }
    }
    static_cast<void>(stream.add({stream.time_path, Type::time, symbol.span, symbol.span}));
    lower_made(load, stream, static_cast<std::uint32_t>(table.id));
    symbol.events = &stream;
}

}  // namespace

void lower_tables(Load& load) {
    for (const auto& [name, symbol] : load.symbols.in_order()) {
        if (symbol->kind == SymbolKind::table) {
            lower_table(load, *symbol);
        }
    }
    for (Symbol* view : views_in_order(load)) {
        lower_view(load, *view);
    }
    for (const dsl::File& file : load.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            const auto* rule = std::get_if<dsl::RuleDecl>(&declaration);
            for (const dsl::Name* name : rule == nullptr ? std::vector<const dsl::Name*>{} : events_of(file, *rule)) {
                Symbol* symbol = load.symbols.find(name->text);
                if (symbol != nullptr && symbol->table != nullptr && symbol->events == nullptr) {
                    make_changes(load, *symbol);
                }
            }
        }
    }
}

std::vector<const dsl::Name*> events_of(const dsl::File& file, const dsl::RuleDecl& rule) {
    std::vector<const dsl::Name*> out;
    std::vector<dsl::PatternId> open;
    if (rule.window) {
        out.push_back(&rule.window->on.stream);
    }
    if (rule.when) {
        open.push_back(rule.when->value);
    }
    while (!open.empty()) {
        const dsl::Pattern& pattern = file[open.back()];
        open.pop_back();
        if (const dsl::Tail* tail = tail_of(pattern); tail != nullptr && tail->until) {
            out.push_back(&tail->until->stream);
        }
        if (const auto* step = std::get_if<dsl::Step>(&pattern.node)) {
            out.push_back(&step->event.stream);
        } else if (const auto* absent = std::get_if<dsl::NotItem>(&pattern.node)) {
            out.push_back(&absent->event.stream);
        } else if (const auto* group = std::get_if<dsl::Group>(&pattern.node)) {
            open.push_back(group->body);
        } else if (const auto* sequence = std::get_if<dsl::Sequence>(&pattern.node)) {
            std::ranges::transform(sequence->parts, std::back_inserter(open), &dsl::Sequence::Part::item);
        } else if (const auto* either = std::get_if<dsl::Alternatives>(&pattern.node)) {
            std::ranges::copy(either->items, std::back_inserter(open));
        }
    }
    return out;
}

}  // namespace tocsin::compiler
