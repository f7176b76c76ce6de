#include "symbols.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tocsin::compiler {

namespace {

struct NamedKind {
    const dsl::Name* name;
    SymbolKind kind;
};

/// Nothing if it cannot be known.
std::optional<SymbolKind> kind_of(const dsl::BrokenDecl& broken) {
    switch (broken.kind) {
        case dsl::BrokenDecl::Kind::unknown: return std::nullopt;
        case dsl::BrokenDecl::Kind::stream: return SymbolKind::stream;
        case dsl::BrokenDecl::Kind::table: return SymbolKind::table;
        case dsl::BrokenDecl::Kind::view: return SymbolKind::view;
        case dsl::BrokenDecl::Kind::list: return SymbolKind::list;
        case dsl::BrokenDecl::Kind::define: return SymbolKind::define;
        case dsl::BrokenDecl::Kind::rule: return SymbolKind::rule;
    }
    return std::nullopt;
}

NamedKind named_kind(const dsl::Declaration& declaration) {
    if (const auto* stream = std::get_if<dsl::StreamDecl>(&declaration)) {
        return {&stream->name, stream->is_table ? SymbolKind::table : SymbolKind::stream};
    }
    if (const auto* view = std::get_if<dsl::ViewDecl>(&declaration)) {
        return {&view->name, SymbolKind::view};
    }
    if (const auto* list = std::get_if<dsl::ListDecl>(&declaration)) {
        return {&list->name, SymbolKind::list};
    }
    if (const auto* define = std::get_if<dsl::DefineDecl>(&declaration)) {
        return {&define->name, SymbolKind::define};
    }
    if (const auto* rule = std::get_if<dsl::RuleDecl>(&declaration)) {
        return {&rule->name, SymbolKind::rule};
    }
    return {nullptr, SymbolKind::rule};  // tests have titles, which are no names
}

constexpr std::string_view kTypeNames = "bool int float string time duration ip";

Stream make_stream(std::size_t index, const dsl::File& file, const dsl::StreamDecl& decl, Report& report) {
    Stream stream;
    stream.id = plan::StreamId{static_cast<std::uint32_t>(index)};
    stream.name = decl.name.text;
    stream.span = decl.name.span;
    stream.decl = &decl;
    stream.file = &file;
    if (decl.time) {
        stream.time_path = decl.time->path.parts;
        stream.time_unit = decl.time->unit.value_or(TimeUnit::ms);
    }
    for (const dsl::Field& field : decl.fields) {
        const auto type = event::type_from_name(field.type.text);
        if (!type) {
            report.error("E0209", field.type.span, fmt::format("`{}` is not a type", field.type.text),
                         did_you_mean(field.type.text, {"bool", "int", "float", "string", "time", "duration", "ip"},
                                      fmt::format("the types are {}", kTypeNames)));
            stream.incomplete = true;
            continue;
        }
        if (const StreamField* first = stream.add({field.path.parts, *type, field.path.span, field.type.span})) {
            report.error("E0210", field.path.span,
                         fmt::format("`{}` has two fields `{}`", decl.name.text, join_path(field.path.parts)), {},
                         {{first->span, "the first is here"}});
        }
    }
    return stream;
}

}  // namespace

std::string_view kind_name(SymbolKind kind) {
    switch (kind) {
        case SymbolKind::stream: return "stream";
        case SymbolKind::table: return "table";
        case SymbolKind::view: return "view";
        case SymbolKind::list: return "list";
        case SymbolKind::define: return "definition";
        case SymbolKind::rule: return "rule";
    }
    return "?";
}

const StreamField* Stream::add(StreamField field) {
    const auto [found, is_new] = by_path.emplace(join_path(field.path), fields.size());
    if (!is_new) {
        return &fields[found->second];
    }
    fields.push_back(std::move(field));
    return nullptr;
}

const StreamField* Stream::field(const std::vector<std::string>& path) const {
    const auto found = by_path.find(join_path(path));
    return found == by_path.end() ? nullptr : &fields[found->second];
}

std::vector<std::string_view> Stream::field_names() const {
    std::vector<std::string_view> names;
    for (const StreamField& one : fields) {
        names.push_back(by_path.find(join_path(one.path))->first);
    }
    return names;
}

event::ColumnSpec Stream::column(const StreamField& one) const {
    const bool is_time = one.type == event::Type::time && one.path == time_path;
    const bool of_row = decl != nullptr && decl->is_table;
    return {one.path, one.type, is_time ? time_unit : TimeUnit::ms,
            of_row ? event::ColumnSpec::Of::row : event::ColumnSpec::Of::record};
}

Symbols::Symbols(std::span<const dsl::File> files, Report& report) {
    for (const dsl::File& file : files) {
        auto broken = file.broken.begin();
        for (const dsl::Declaration& declaration : file.declarations) {
            const std::uint32_t begin = std::visit([](const auto& one) { return one.span.begin; }, declaration);
            for (; broken != file.broken.end() && broken->span.begin < begin; ++broken) {
                note_broken(*broken, report);
            }
            declare(file, declaration, report);
        }
        for (; broken != file.broken.end(); ++broken) {
            note_broken(*broken, report);
        }
    }
}

bool Symbols::is_new(const dsl::Name& name, SymbolKind kind, Report& report) {
    const auto [first, fresh] = declared_.emplace(name.text, Declared{kind, name.span});
    if (!fresh) {
        report.error("E0201", name.span, fmt::format("`{}` is declared twice", name.text),
                     "all files of one load share one name space",
                     {{first->second.span, fmt::format("the first is this {}", kind_name(first->second.kind))}});
    }
    return fresh;
}

void Symbols::note_broken(const dsl::BrokenDecl& broken, Report& report) {
    const auto kind = kind_of(broken);
    if (!broken.name || !kind || is_new(*broken.name, *kind, report)) {
        unread_.push_back({broken.name ? std::optional<std::string_view>(broken.name->text) : std::nullopt, kind});
    }
}

bool Symbols::unread(std::string_view name, std::initializer_list<SymbolKind> wanted, Report& report) const {
    const bool may_be = std::ranges::any_of(unread_, [&](const Unread& one) {
        return one.name ? *one.name == name : !one.kind || std::ranges::find(wanted, *one.kind) != wanted.end();
    });
    if (may_be) {
        report.follow_up();
    }
    return may_be;
}

void Symbols::declare(const dsl::File& file, const dsl::Declaration& declaration, Report& report) {
    const auto [name, kind] = named_kind(declaration);
    if (name == nullptr || !is_new(*name, kind, report)) {
        return;
    }
    Symbol symbol{kind, &file, &declaration};
    symbol.span = name->span;
    const auto found = table_.emplace(name->text, symbol).first;
    if (kind == SymbolKind::stream || kind == SymbolKind::table) {
        found->second.stream = streams.size();
        streams.push_back(make_stream(streams.size(), file, std::get<dsl::StreamDecl>(declaration), report));
    }
    order_.emplace_back(found->first, &found->second);
}

Symbol* Symbols::find(std::string_view name) {
    const auto found = table_.find(name);
    if (found == table_.end()) {
        return nullptr;
    }
    found->second.used = true;
    return &found->second;
}

const Symbol* Symbols::peek(std::string_view name) const {
    const auto found = table_.find(name);
    return found == table_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Symbols::names(SymbolKind kind) const {
    std::vector<std::string_view> out;
    for (const auto& [name, symbol] : order_) {
        if (symbol->kind == kind) {
            out.push_back(name);
        }
    }
    return out;
}

Stream& Symbols::add_made(std::string name, Span span) {
    Stream& stream = streams.emplace_back();
    stream.id = plan::StreamId{static_cast<std::uint32_t>(streams.size() - 1)};
    stream.name = std::move(name);
    stream.span = span;
    stream.time_path = {"ts"};
    return stream;
}

namespace {

const Symbol* find_named(Symbols& symbols, const dsl::Name& name, Report& report) {
    const Symbol* symbol = symbols.find(name.text);
    const auto kinds = {SymbolKind::stream, SymbolKind::table, SymbolKind::view, SymbolKind::rule};
    if (symbol == nullptr && !symbols.unread(name.text, kinds, report)) {
        report.error("E0202", name.span, fmt::format("there is no stream `{}`", name.text),
                     did_you_mean(name.text, symbols.names(SymbolKind::stream), "declare it with `stream`"));
    }
    return symbol;
}

void is_no_stream(const dsl::Name& name, const Symbol& symbol, std::string hint, Report& report) {
    report.error("E0219", name.span, fmt::format("`{}` is a {}, not a stream", name.text, kind_name(symbol.kind)),
                 std::move(hint), {{symbol.span, "it is declared here"}});
}

}  // namespace

const Stream* find_stream(Symbols& symbols, const dsl::Name& name, Report& report) {
    const Symbol* symbol = find_named(symbols, name, report);
    if (symbol == nullptr) {
        return nullptr;
    }
    switch (symbol->kind) {
        case SymbolKind::stream: return &symbols.streams[symbol->stream];
        case SymbolKind::table:
        case SymbolKind::view:
        case SymbolKind::rule: return symbol->events;
        case SymbolKind::list:
        case SymbolKind::define: break;
    }
    is_no_stream(name, *symbol, {}, report);
    return nullptr;
}

const Stream* find_fed_stream(Symbols& symbols, const dsl::Name& name, Report& report) {
    const Symbol* symbol = find_named(symbols, name, report);
    if (symbol == nullptr) {
        return nullptr;
    }
    if (symbol->kind == SymbolKind::stream || symbol->kind == SymbolKind::table) {
        return &symbols.streams[symbol->stream];
    }
    is_no_stream(name, *symbol,
                 symbol->kind == SymbolKind::view   ? "a view has no records of its own: write rows of its tables"
                 : symbol->kind == SymbolKind::rule ? "its alerts come from the records of its streams"
                                                    : "",
                 report);
    return nullptr;
}

}  // namespace tocsin::compiler
