#include "rules.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>

#include "text_file.hpp"

namespace tocsin::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kExtension = ".tocsin";

Result<std::vector<std::string>> files_below(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code error;
    fs::recursive_directory_iterator at(folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        if (at->path().extension() == kExtension && !at->is_directory()) {
            found.push_back(at->path().string());
        }
    }
    if (error) {
        return fail(Errc::io, fmt::format("cannot read {}: {}", folder, error.message()));
    }
    if (found.empty()) {
        return fail(Errc::io, fmt::format("no {} file in {}", kExtension, folder));
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

Result<std::vector<std::string>> find_rule_files(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    std::set<fs::path> seen;
    for (const std::string& path : paths) {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (!fs::exists(status)) {
            return fail(Errc::io, fmt::format("cannot read {}: {}", path,
                                              error ? error.message() : std::string("No such file or directory")));
        }
        std::vector<std::string> found{path};
        if (fs::is_directory(status)) {
            auto below = files_below(path);
            if (!below) {
                return below;
            }
            found = std::move(*below);
        }
        for (std::string& file : found) {
            if (seen.insert(fs::weakly_canonical(file, error)).second) {
                files.push_back(std::move(file));
            }
        }
    }
    return files;
}

void move_rule_paths(std::vector<std::string>& arguments, std::vector<std::string>& rules) {
    const auto names_rules = [](const std::string& argument) {
        std::error_code error;
        return argument.ends_with(kExtension) || fs::is_directory(argument, error);
    };
    const auto kept = std::stable_partition(arguments.begin(), arguments.end(), std::not_fn(names_rules));
    std::move(kept, arguments.end(), std::back_inserter(rules));
    arguments.erase(kept, arguments.end());
}

Result<Rules> load_rules(const std::vector<std::string>& paths, const Limits& limits) {
    auto files = find_rule_files(paths);
    if (!files) {
        return tl::unexpected(files.error());
    }
    Rules rules;
    for (const std::string& path : *files) {
        auto text = read_text(path, limits.rule_file_bytes);
        if (!text) {
            return tl::unexpected(text.error());
        }
        const SourceId source = rules.sources.add(path, std::move(*text));
        dsl::ParseResult parsed = dsl::parse(rules.sources, source, limits);
        rules.files.push_back(std::move(parsed.file));
        std::move(parsed.diagnostics.begin(), parsed.diagnostics.end(), std::back_inserter(rules.diagnostics));
    }
    compiler::CompileResult compiled = compiler::compile(rules.sources, rules.files, limits);
    std::move(compiled.diagnostics.begin(), compiled.diagnostics.end(), std::back_inserter(rules.diagnostics));
    rules.program = std::move(compiled.program);
    sort_by_place(rules.diagnostics);
    return rules;
}

Diagnostics at_least(const Diagnostics& diagnostics, Severity severity) {
    Diagnostics chosen;
    std::copy_if(diagnostics.begin(), diagnostics.end(), std::back_inserter(chosen),
                 [severity](const Diagnostic& d) { return d.severity <= severity; });
    return chosen;
}

}  // namespace tocsin::cli
