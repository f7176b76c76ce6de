#include "rule_set.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <xxhash.h>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>

namespace tocsin::service {

namespace {

/// The rules of these names get `mode off`; gives those that there are.
std::vector<std::string> switch_off(std::vector<dsl::File>& files, const std::vector<std::string>& names) {
    std::set<std::string> found;
    for (dsl::File& file : files) {
        for (dsl::Declaration& declaration : file.declarations) {
            auto* const rule = std::get_if<dsl::RuleDecl>(&declaration);
            if (rule != nullptr && std::find(names.begin(), names.end(), rule->name.text) != names.end()) {
                rule->mode = dsl::Clause<dsl::Mode>{dsl::Mode::off, rule->name.span};
                found.insert(rule->name.text);
            }
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace

RuleSet compile_rules(std::vector<state::RuleText> texts, const std::vector<std::string>& suspended, const Limits& limits) {
    RuleSet rules;
    rules.texts = std::move(texts);
    for (const state::RuleText& text : rules.texts) {
        if (!text.of_list) {
            const SourceId source = rules.sources.add(text.name, text.text);
            dsl::ParseResult parsed = dsl::parse(rules.sources, source, limits);
            rules.files.push_back(std::move(parsed.file));
            std::move(parsed.diagnostics.begin(), parsed.diagnostics.end(), std::back_inserter(rules.diagnostics));
        }
    }
    rules.suspended = switch_off(rules.files, suspended);
    const auto read_list = [&](const std::string& path) -> std::optional<std::string> {
        const auto found = std::find_if(rules.texts.begin(), rules.texts.end(),
                                        [&](const state::RuleText& text) { return text.of_list && text.name == path; });
        return found == rules.texts.end() ? std::nullopt : std::optional(found->text);
    };
    compiler::CompileResult compiled = compiler::compile(rules.sources, rules.files, limits, read_list);
    std::move(compiled.diagnostics.begin(), compiled.diagnostics.end(), std::back_inserter(rules.diagnostics));
    sort_by_place(rules.diagnostics);
    rules.program = std::move(compiled.program);
    return rules;
}

std::string hash_of(const std::vector<state::RuleText>& texts) {
    std::string all;
    for (const state::RuleText& text : texts) {
        all += fmt::format("{}:", text.text.size());
        all += text.text;
    }
    return fmt::format("{:016x}", XXH3_64bits(all.data(), all.size()));
}

WrittenRule find_rule(const RuleSet& rules, std::string_view name) {
    for (const dsl::File& file : rules.files) {
        for (const dsl::Declaration& declaration : file.declarations) {
            const auto* const rule = std::get_if<dsl::RuleDecl>(&declaration);
            if (rule != nullptr && rule->name.text == name) {
                return {std::string(rules.sources.name(file.source)), rules.sources.locate(file.source, rule->span.begin).line,
                        std::string(rules.sources.slice(rule->span))};
            }
        }
    }
    return {};
}

}  // namespace tocsin::service
