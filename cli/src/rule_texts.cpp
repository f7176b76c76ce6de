#include "rule_texts.hpp"

#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include <tocsin/base/source.hpp>
#include <tocsin/dsl/parser.hpp>

#include "rules.hpp"
#include "text_file.hpp"

namespace tocsin::cli {

namespace {

std::vector<std::string> list_files_of(const state::RuleText& rules, const Limits& limits) {
    SourceMap sources;
    const dsl::ParseResult parsed = dsl::parse(sources, sources.add(rules.name, rules.text), limits);
    std::vector<std::string> paths;
    for (const dsl::Declaration& declaration : parsed.file.declarations) {
        const auto* const list = std::get_if<dsl::ListDecl>(&declaration);
        if (list != nullptr && std::holds_alternative<dsl::From>(list->items)) {
            const auto folder = std::filesystem::path(rules.name).parent_path();
            paths.push_back((folder / std::get<dsl::From>(list->items).source).string());
        }
    }
    return paths;
}

}  // namespace

Result<std::vector<state::RuleText>> read_rule_texts(const std::vector<std::string>& paths, const Limits& limits) {
    const auto files = find_rule_files(paths);
    if (!files) {
        return tl::unexpected(files.error());
    }
    std::vector<state::RuleText> texts;
    std::set<std::string> lists;
    for (const std::string& path : *files) {
        auto text = read_text(path, limits.rule_file_bytes);
        if (!text) {
            return tl::unexpected(text.error());
        }
        texts.push_back({path, std::move(*text)});
        for (const std::string& list : list_files_of(texts.back(), limits)) {
            lists.insert(list);
        }
    }
    for (const std::string& path : lists) {
        if (auto text = read_text(path, limits.rule_file_bytes)) {
            texts.push_back({path, std::move(*text), true});
        }
    }
    return texts;
}

}  // namespace tocsin::cli
