// Rules that read the alerts of other rules: the order in which they are compiled, and the streams between them.

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "dependencies.hpp"
#include "draft.hpp"

namespace tocsin::compiler {

namespace {

using event::Type;

Duration lateness_of(const dsl::RuleDecl& rule) { return rule.lateness ? rule.lateness->value : Duration(0); }

void check_use(Load& load, const dsl::RuleDecl& reader, const dsl::Name& use, const dsl::RuleDecl& source) {
    if (source.mode && source.mode->value == dsl::Mode::off) {
        load.report.error("E0414", use.span, fmt::format("the rule `{}` is off: it gives no alerts to read", source.name.text),
                          "`mode shadow` lets it run", {{source.mode->span, "it is turned off here"}});
    }
    if (lateness_of(reader) < lateness_of(source)) {
        load.report.warning(
            "W0610", use.span,
            fmt::format("`{}` can take alerts back for {}, `{}` accepts late events for {}", source.name.text,
                        format_duration(lateness_of(source)), reader.name.text, format_duration(lateness_of(reader))),
            "what is taken back later than that is too late here: add `lateness " + format_duration(lateness_of(source)) + "`");
    }
}

void report_cycle(Load& load, const std::vector<RuleRef>& rules, const std::vector<std::size_t>& cycle) {
    std::string text;
    std::vector<Note> notes;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
        const dsl::Name& name = rules[cycle[i]].decl->name;
        text += name.text + " → ";
        if (i > 0) {
            notes.push_back({name.span, "through this one"});
        }
    }
    const dsl::Name& first = rules[cycle.front()].decl->name;
    load.report.error("E0413", first.span,
                      fmt::format("the rule `{}` reads its own alerts: {}{}", first.text, text, first.text), {},
                      std::move(notes));
}

}  // namespace

std::vector<RuleRef> rules_in_order(Load& load) {
    std::vector<RuleRef> rules;
    std::unordered_map<const dsl::RuleDecl*, std::size_t> numbers;
    for (const dsl::File& file : load.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            if (const auto* rule = std::get_if<dsl::RuleDecl>(&declaration)) {
                numbers.emplace(rule, rules.size());
                rules.push_back({&file, rule, rules.size(), false});
            }
        }
    }
    std::vector<std::vector<std::size_t>> needs(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        for (const dsl::Name* name : events_of(*rules[i].file, *rules[i].decl)) {
            const Symbol* symbol = load.symbols.peek(name->text);
            if (symbol != nullptr && symbol->kind == SymbolKind::rule) {
                const std::size_t source = numbers.at(&std::get<dsl::RuleDecl>(*symbol->declaration));
                check_use(load, *rules[i].decl, *name, *rules[source].decl);
                needs[i].push_back(source);
                rules[source].read = true;
            }
        }
    }
    const Dependencies found = dependencies(needs);
    std::vector<bool> broken(rules.size(), false);
    for (const auto& cycle : found.cycles) {
        report_cycle(load, rules, cycle);
        for (const std::size_t one : cycle) {
            broken[one] = true;
        }
    }
    std::vector<RuleRef> out;
    for (const std::size_t one : found.order) {
        if (!broken[one]) {
            out.push_back(rules[one]);
        }
    }
    return out;
}

/// `ts`, the parts of the key, the values of `return`.
Stream& make_alerts(Load& load, const Draft& draft) {
    const dsl::RuleDecl& decl = *draft.names.decl;
    Stream& stream = load.symbols.add_made(decl.name.text, decl.name.span);
    stream.origin = plan::StreamPlan::Origin::alerts;
    stream.version = draft.plan.version;
    static_cast<void>(stream.add({stream.time_path, Type::time, decl.name.span, decl.name.span}));
    const auto add = [&](std::vector<std::string> path, Type type, Span span) {
        if (type == Type::null) {
            stream.incomplete = true;  // it is wrong, or always null
            return;
        }
        const std::string text = join_path(path);
        if (const StreamField* first = stream.add({std::move(path), type, span, span})) {
            load.report.error(
                "E0415", span,
                fmt::format("the alerts of `{}` are read as a stream, in which `{}` would be two fields", stream.name, text),
                "rename the value of `return`",
                {{first->span,
                  first == stream.fields.data() ? "`ts` is the decision time of an alert" : "the key has it too"}});
        }
    };
    for (std::size_t i = 0; i < draft.plan.key.size(); ++i) {
        add(draft.names.keys[i].path, draft.plan.key[i].type, decl.by[i].path.span);
    }
    for (std::size_t i = 0; i < draft.plan.returns.size(); ++i) {
        add({draft.plan.returns[i].name}, load.builder.type(draft.plan.returns[i].value), draft.names.returns[i].span);
    }
    return stream;
}

}  // namespace tocsin::compiler
