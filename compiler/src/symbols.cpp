#include "symbols.hpp"

#include <fmt/format.h>

namespace tocsin::compiler {

namespace {

struct NamedKind {
    const dsl::Name* name;
    SymbolKind kind;
};

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
    Stream stream{plan::StreamId{static_cast<std::uint32_t>(index)}, &decl, &file, {}, {}, false};
    for (const dsl::Field& field : decl.fields) {
        const std::string path = join_path(field.path.parts);
        const auto type = event::type_from_name(field.type.text);
        if (!type) {
            report.error("E0209", field.type.span, fmt::format("`{}` is not a type", field.type.text),
                         did_you_mean(field.type.text, {"bool", "int", "float", "string", "time", "duration", "ip"},
                                      fmt::format("the types are {}", kTypeNames)));
            stream.incomplete = true;
            continue;
        }
        const auto [found, is_new] = stream.by_path.emplace(path, stream.fields.size());
        if (!is_new) {
            report.error("E0210", field.path.span, fmt::format("`{}` has two fields `{}`", decl.name.text, path), {},
                         {{stream.fields[found->second].decl->path.span, "the first is here"}});
            continue;
        }
        stream.fields.push_back({&field, *type});
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

const StreamField* Stream::field(const std::vector<std::string>& path) const {
    const auto found = by_path.find(join_path(path));
    return found == by_path.end() ? nullptr : &fields[found->second];
}

std::vector<std::string_view> Stream::field_names() const {
    std::vector<std::string_view> names;
    for (const StreamField& one : fields) {
        names.push_back(by_path.find(join_path(one.decl->path.parts))->first);
    }
    return names;
}

bool Stream::is_time_field(const std::vector<std::string>& path) const { return decl->time && decl->time->path.parts == path; }

event::ColumnSpec Stream::column(const StreamField& one) const {
    const bool counted = one.type == event::Type::time && is_time_field(one.decl->path.parts);
    return {one.decl->path.parts, one.type, counted ? decl->time->unit.value_or(TimeUnit::ms) : TimeUnit::ms};
}

Symbols::Symbols(std::span<const dsl::File> files, Report& report) {
    for (const dsl::File& file : files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            declare(file, declaration, report);
        }
    }
}

void Symbols::declare(const dsl::File& file, const dsl::Declaration& declaration, Report& report) {
    const auto [name, kind] = named_kind(declaration);
    if (name == nullptr) {
        return;
    }
    const auto [found, is_new] = table_.emplace(name->text, Symbol{kind, &file, &declaration, 0, name->span, false});
    if (!is_new) {
        report.error("E0201", name->span, fmt::format("`{}` is declared twice", name->text),
                     "all files of one load share one name space",
                     {{found->second.span, fmt::format("the first is this {}", kind_name(found->second.kind))}});
        return;
    }
    if (kind == SymbolKind::stream) {
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

const Stream* find_stream(Symbols& symbols, const dsl::Name& name, Report& report) {
    const Symbol* symbol = symbols.find(name.text);
    if (symbol == nullptr) {
        report.error("E0202", name.span, fmt::format("there is no stream `{}`", name.text),
                     did_you_mean(name.text, symbols.names(SymbolKind::stream), "declare it with `stream`"));
        return nullptr;
    }
    switch (symbol->kind) {
        case SymbolKind::stream: return &symbols.streams[symbol->stream];
        case SymbolKind::rule:
            report.error("E0508", name.span, fmt::format("not supported yet: the alerts of rule `{}` as a stream", name.text));
            return nullptr;
        case SymbolKind::table:
        case SymbolKind::view:
            report.error(
                "E0510", name.span,
                fmt::format("not supported yet: the changes of {} `{}` as a stream", kind_name(symbol->kind), name.text));
            return nullptr;
        case SymbolKind::list:
        case SymbolKind::define: break;
    }
    report.error("E0219", name.span, fmt::format("`{}` is a {}, not a stream", name.text, kind_name(symbol->kind)), {},
                 {{symbol->span, "it is declared here"}});
    return nullptr;
}

}  // namespace tocsin::compiler
