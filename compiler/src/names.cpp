// What a path means. Every meaning it can have at its place is looked up; one is taken, two are an error, none is an
// error with a hint.

#include <algorithm>

#include <fmt/format.h>

#include "lowering.hpp"

namespace tocsin::compiler {

namespace {

std::vector<std::string> tail_of(const std::vector<std::string>& parts) { return {parts.begin() + 1, parts.end()}; }

}  // namespace

std::vector<Lowering::Meaning> Lowering::meanings(const dsl::Path& path) {
    std::vector<Meaning> found;
    const RuleNames* rule = scope_.rule;
    const std::string whole = join_path(path.parts);
    if (path.parts.size() > 1 && rule != nullptr) {
        if (const auto name = rule->shape.find_name(path.parts.front());
            name && (!scope_.aggregated || *scope_.aggregated == *name)) {
            const Stream* stream = rule->shape.names[*name].stream;
            const StreamField* field = stream == nullptr ? nullptr : stream->field(tail_of(path.parts));
            if (field != nullptr) {
                found.push_back({Meaning::Kind::step_field, fmt::format("a field of the step `{}`", path.parts.front()), *name,
                                 field, nullptr});
            } else if (stream == nullptr || stream->incomplete) {
                found.push_back({Meaning::Kind::unknown, {}, 0, nullptr, nullptr});
            }
        }
        for (std::uint32_t i = 0; i < rule->aliases.size(); ++i) {
            const Alias& alias = rule->aliases[i];
            if (alias.decl->as.text != path.parts.front()) {
                continue;
            }
            const StreamField* field = alias.table == nullptr ? nullptr : alias.table->row.field(tail_of(path.parts));
            if (field != nullptr) {
                found.push_back({Meaning::Kind::lookup_field, fmt::format("a field of the look-up `{}`", path.parts.front()), i,
                                 field, nullptr});
            } else if (alias.table == nullptr || alias.table->row.incomplete) {
                found.push_back({Meaning::Kind::unknown, {}, 0, nullptr, nullptr});
            }
        }
    }
    if (const StreamField* field = scope_.table == nullptr ? nullptr : scope_.table->row.field(path.parts)) {
        found.push_back({Meaning::Kind::view_field, fmt::format("a field of `{}`", scope_.table->row.name), 0, field, nullptr});
    }
    if (const StreamField* field = scope_.event == nullptr ? nullptr : scope_.event->field(path.parts)) {
        found.push_back({Meaning::Kind::field, fmt::format("a field of `{}`", scope_.event->name), 0, field, nullptr});
    }
    const bool judged = scope_.event == nullptr && rule != nullptr && !scope_.aggregated;
    for (std::uint32_t i = 0; judged && i < rule->keys.size(); ++i) {
        if (rule->keys[i].path == path.parts) {
            found.push_back({Meaning::Kind::key, "a part of the key", i, nullptr, nullptr});
        }
    }
    const auto named = [&](const std::vector<RuleNames::Named>& values, Meaning::Kind kind, const char* text) {
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            if (values[i].name == whole) {
                found.push_back({kind, text, i, nullptr, nullptr});
            }
        }
    };
    if (judged && path.parts.size() == 1) {
        named(rule->lets, Meaning::Kind::let, "a `let`");
        if (scope_.returns) {
            named(rule->returns, Meaning::Kind::returned, "a value of `return`");
        }
    }
    if (path.parts.size() == 1) {
        const Symbol* symbol = load_.symbols.peek(whole);
        if (symbol != nullptr && symbol->kind == SymbolKind::define) {
            found.push_back({Meaning::Kind::define, "a definition", 0, nullptr, load_.symbols.find(whole)});
        }
    }
    if (found.empty() && !looking_.empty()) {
        key_of_event(path, found);
    }
    return found;
}

/// In what a look-up finds its row by, a part of the rule's key is known at every event, whatever its stream calls it.
void Lowering::key_of_event(const dsl::Path& path, std::vector<Meaning>& found) const {
    const Stream* stream = scope_.aggregated ? scope_.rule->shape.names[*scope_.aggregated].stream : scope_.event;
    for (const RuleNames::Key& key : scope_.rule->keys) {
        for (const auto& [of, column] : key.columns) {
            if (key.path == path.parts && of == stream) {
                found.push_back({Meaning::Kind::key_column, "a part of the key", 0, nullptr, nullptr, &column});
            }
        }
    }
}

Lowering::Result Lowering::path(const dsl::Path& path) {
    if (path.parts.size() > 1 && path.parts.front() == "prev") {
        return previous(path);
    }
    const std::vector<Meaning> found = meanings(path);
    if (found.size() > 1 && std::ranges::none_of(found, [](const Meaning& one) { return one.text.empty(); })) {
        load_.report.error(
            "E0205", path.span,
            fmt::format("{} has two meanings: {}, and {}", quoted(load_, path.span), found[0].text, found[1].text),
            "rename one of them");
        return std::nullopt;
    }
    if (found.empty()) {
        unknown_name(path);
        return std::nullopt;
    }
    return make(found.front(), path);
}

Lowering::Result Lowering::make(const Meaning& meaning, const dsl::Path& path) {
    switch (meaning.kind) {
        case Meaning::Kind::unknown: return std::nullopt;
        case Meaning::Kind::field: return load_.builder.column(scope_.event->column(*meaning.field));
        case Meaning::Kind::step_field: return last_value(meaning.index, *meaning.field, path.span);
        case Meaning::Kind::lookup_field: return looked_up(scope_.rule->aliases[meaning.index], *meaning.field, path.span);
        case Meaning::Kind::view_field: {
            const auto index = static_cast<std::uint32_t>(meaning.field - scope_.table->row.fields.data());
            return load_.builder.add({meaning.field->type, plan::FieldRef{index}});
        }
        case Meaning::Kind::key_column: return load_.builder.column(*meaning.column);
        case Meaning::Kind::key: {
            const auto type = scope_.rule->keys[meaning.index].type;
            return type ? Result(load_.builder.add({*type, plan::KeyRef{meaning.index}})) : std::nullopt;
        }
        case Meaning::Kind::let: {
            const Result value = scope_.rule->lets[meaning.index].value;
            return value ? Result(load_.builder.add({load_.builder.type(*value), plan::LetRef{meaning.index}})) : std::nullopt;
        }
        case Meaning::Kind::returned: return scope_.rule->returns[meaning.index].value;
        case Meaning::Kind::define: return expand(*meaning.define, path.span);
    }
    return std::nullopt;
}

Lowering::Result Lowering::last_value(std::uint32_t name, const StreamField& field, Span use) {
    const Stream* stream = scope_.rule->shape.names[name].stream;
    const plan::ExprId column = load_.builder.column(stream->column(field));
    if (scope_.aggregated) {
        return column;
    }
    if (!visible(name, use)) {
        return std::nullopt;
    }
    return remember({plan::Register::Kind::last, name, column, 0}, field.type);
}

/// A step can be looked at from where it may have been taken already.
bool Lowering::visible(std::uint32_t name, Span use) {
    if (scope_.place == nullptr) {
        return true;
    }
    const StepName& step = scope_.rule->shape.names[name];
    if (scope_.place->kind == Place::Kind::absent && scope_.place->may_be_first) {
        load_.report.error("E0216", use, fmt::format("a `not` at the start cannot look at the step `{}`", step.text),
                           "nothing has been taken there yet: it sees its own event only");
        return false;
    }
    if (!scope_.rule->shape.name_may_precede(name, *scope_.place)) {
        load_.report.error("E0215", use, fmt::format("the step `{}` only comes later: here it is always null", step.text),
                           "compare the two in the later one, or in `where`", {{step.span, "the step is here"}});
        return false;
    }
    const bool itself = scope_.place->kind == Place::Kind::step && scope_.rule->shape.steps[scope_.place->step].name == name;
    if (itself && !scope_.rule->shape.steps[scope_.place->step].repeated) {
        load_.report.warning("W0605", use,
                             fmt::format("the step `{}` is not repeated: in its own condition it has taken nothing", step.text),
                             "a bare name is a field of the event at hand");
    }
    return true;
}

Lowering::Result Lowering::previous(const dsl::Path& path) {
    if (scope_.place == nullptr || scope_.aggregated || over_window()) {
        load_.report.error("E0216", path.span, "`prev` is known only in the conditions of `when`",
                           over_window() ? "a value of the window before is `prev(name)`, with the name of a `let`"
                                         : "name the step: `step.field`");
        return std::nullopt;
    }
    const Shape& shape = scope_.rule->shape;
    if (scope_.event != nullptr && scope_.event->field(path.parts) != nullptr) {
        load_.report.error("E0205", path.span,
                           fmt::format("{} has two meanings: a field of the event taken last, and a field of `{}`",
                                       quoted(load_, path.span), scope_.event->name),
                           "rename the field");
        return std::nullopt;
    }
    if (scope_.place->before.empty() || (scope_.place->kind == Place::Kind::absent && scope_.place->may_be_first)) {
        load_.report.error("E0215", path.span, "no event comes before this one: `prev` is always null here");
        return std::nullopt;
    }
    const std::vector<std::string> field_path = tail_of(path.parts);
    std::optional<event::ColumnSpec> spec;
    for (const std::uint32_t step : scope_.place->before) {
        const Stream* stream = shape.places[shape.steps[step].place].stream;
        const StreamField* field = stream == nullptr ? nullptr : stream->field(field_path);
        if (field == nullptr) {
            if (stream != nullptr && !stream->incomplete) {
                unknown_field(*stream, field_path, path.span, "prev.");
            }
            return std::nullopt;
        }
        const event::ColumnSpec one = stream->column(*field);
        if (spec && *spec != one) {
            load_.report.error(
                "E0305", path.span,
                fmt::format("`{}` can be a field of several streams, which declare it differently", join_path(path.parts)),
                "name the step: `step.field`");
            return std::nullopt;
        }
        spec = one;
    }
    const plan::ExprId column = load_.builder.column(*spec);
    return remember({plan::Register::Kind::last, std::nullopt, column, 0}, spec->type);
}

Lowering::Result Lowering::expand(const Symbol& define, Span use) {
    if (std::ranges::find(expanding_, &define) != expanding_.end()) {
        return std::nullopt;  // a cycle, reported with the definitions
    }
    const std::tuple key{&define, scope_.aggregated, scope_.window_aggregated, !looking_.empty()};
    if (const auto known = expanded_.find(key); known != expanded_.end()) {
        return known->second;
    }
    const auto& decl = std::get<dsl::DefineDecl>(*define.declaration);
    const std::size_t shown = load_.report.shown();
    expanding_.push_back(&define);
    const Result out = value({define.file, decl.expr});
    expanding_.pop_back();
    expanded_.emplace(key, out);
    if (!out && load_.report.shown() != shown && expanding_.empty()) {
        load_.report.error("E0221", use, fmt::format("the definition `{}` does not fit here", decl.name.text), {},
                           {{decl.name.span, "it is defined here"}});
    }
    return out;
}

void Lowering::unknown_field(const Stream& stream, const std::vector<std::string>& path, Span span, const std::string& prefix) {
    const std::string word = join_path(path);
    const std::string_view meant = nearest(word, stream.field_names());
    load_.report.error("E0203", span, fmt::format("`{}` has no field `{}`", stream.name, word),
                       meant.empty() ? std::string{} : fmt::format("did you mean `{}{}`?", prefix, meant),
                       {{stream.span, "it is declared here"}});
}

void Lowering::unknown_name(const dsl::Path& path) {
    const RuleNames* rule = scope_.rule;
    const std::string& head = path.parts.front();
    if (scope_.event != nullptr && scope_.event->incomplete) {
        return;
    }
    if (path.parts.size() == 1 && load_.symbols.unread(head, {SymbolKind::define}, load_.report)) {
        return;
    }
    if (path.parts.size() > 1 && rule != nullptr && !over_window()) {
        if (const auto name = rule->shape.find_name(head)) {
            if (const Stream* stream = rule->shape.names[*name].stream; stream != nullptr) {
                unknown_field(*stream, tail_of(path.parts), path.span, head + ".");
            }
            return;
        }
        for (const Alias& alias : rule->aliases) {
            if (alias.decl->as.text == head) {
                if (alias.table != nullptr) {
                    unknown_field(alias.table->row, tail_of(path.parts), path.span, head + ".");
                }
                return;
            }
        }
        const bool nested = scope_.event != nullptr &&
                            std::ranges::any_of(scope_.event->field_names(),
                                                [&](std::string_view field) { return field.starts_with(head + "."); });
        if (!nested) {
            load_.report.error("E0206", path.span, fmt::format("there is no step `{}`", head),
                               did_you_mean(head, rule->shape.step_names(),
                                            fmt::format("the steps are {}", fmt::join(rule->shape.step_names(), ", "))));
            return;
        }
    }
    if (scope_.table != nullptr) {
        unknown_field(scope_.table->row, path.parts, path.span, {});
        return;
    }
    if (scope_.event != nullptr && path.parts.size() > 1) {
        unknown_field(*scope_.event, path.parts, path.span, {});
        return;
    }
    unknown_bare_name(path);
}

/// A bare name that is no field, or stands where no event is at hand: say what could have been meant.
void Lowering::unknown_bare_name(const dsl::Path& path) {
    const RuleNames* rule = scope_.rule;
    const std::string word = join_path(path.parts);
    const Symbol* symbol = load_.symbols.peek(word);
    std::string hint;
    if (rule != nullptr && rule->shape.find_name(word)) {
        hint = fmt::format("`{}` is a step: write `{}.field`", word, word);
    } else if (symbol != nullptr && symbol->kind == SymbolKind::list) {
        hint = fmt::format("`{}` is a list: write `x in {}`", word, word);
    }
    if (scope_.event != nullptr && !scope_.aggregated) {
        std::vector<std::string_view> candidates = scope_.event->field_names();
        std::ranges::copy(load_.symbols.names(SymbolKind::define), std::back_inserter(candidates));
        load_.report.error("E0203", path.span, fmt::format("`{}` has no field `{}`", scope_.event->name, word),
                           hint.empty() ? did_you_mean(word, candidates) : hint, {{scope_.event->span, "it is declared here"}});
        return;
    }
    if (rule == nullptr) {
        load_.report.error("E0204", path.span, fmt::format("nothing is named `{}` here", word), hint);
        return;
    }
    std::vector<std::string_view> candidates = load_.symbols.names(SymbolKind::define);
    std::vector<std::string> owned;
    for (const StepName& step : rule->shape.names) {
        const bool open = !scope_.aggregated || &step == &rule->shape.names[*scope_.aggregated];
        if (hint.empty() && open && step.stream != nullptr && step.stream->field(path.parts) != nullptr) {
            hint = fmt::format("say which step's: `{}.{}`", step.text, word);
        }
    }
    if (hint.empty() && rule->window != nullptr && rule->window->field(path.parts) != nullptr) {
        hint = fmt::format("`{}` is a field of every event of the window: say of which, as in `last({})`", word, word);
    }
    for (const RuleNames::Key& key : rule->keys) {
        owned.push_back(join_path(key.path));
    }
    std::ranges::transform(rule->lets, std::back_inserter(owned), &RuleNames::Named::name);
    if (scope_.returns) {
        std::ranges::transform(rule->returns, std::back_inserter(owned), &RuleNames::Named::name);
    }
    std::ranges::copy(owned, std::back_inserter(candidates));
    load_.report.error("E0204", path.span, fmt::format("nothing is named `{}` here", word),
                       hint.empty()
                           ? did_you_mean(word, candidates,
                                          rule->window != nullptr
                                              ? "the key and each `let` have names here, fields are in aggregates: `last(field)`"
                                              : "the key and each `let` have names here, fields are `step.field`")
                           : hint);
}

}  // namespace tocsin::compiler
