#pragma once

#include <string>
#include <vector>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>

namespace tocsin::test {

/// Rule text, parsed and compiled. `found` holds the diagnostics of both, drawn.
struct Compiled {
    std::shared_ptr<const plan::Program> program;
    std::string found;
    std::vector<std::string> codes;
};

inline Compiled compiled(const std::vector<std::string>& texts, const std::string& name = "rules.tocsin") {
    SourceMap sources;
    std::vector<dsl::File> files;
    Diagnostics found;
    for (const std::string& text : texts) {
        dsl::ParseResult parsed = dsl::parse(sources, sources.add(name, text));
        found.insert(found.end(), parsed.diagnostics.begin(), parsed.diagnostics.end());
        files.push_back(std::move(parsed.file));
    }
    compiler::CompileResult result = compiler::compile(sources, files);
    found.insert(found.end(), result.diagnostics.begin(), result.diagnostics.end());
    sort_by_place(found);
    Compiled out{result.program, render(found, sources), {}};
    for (const Diagnostic& one : found) {
        out.codes.push_back(one.code);
    }
    return out;
}

inline Compiled compiled(const std::string& text) { return compiled(std::vector<std::string>{text}); }

}  // namespace tocsin::test
