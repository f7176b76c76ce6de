#pragma once

// What the programs here have in common: rules and events, read into memory.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::bench {

using Program = std::shared_ptr<const plan::Program>;

inline constexpr std::size_t kBatchRecords = 4096;  // as `tocsin replay` does it

[[noreturn]] inline void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(3);
}

inline std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        give_up("cannot read " + path);
    }
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline Program load(const std::string& path) {
    SourceMap sources;
    const SourceId source = sources.add(path, read(path));
    const dsl::ParseResult parsed = dsl::parse(sources, source);
    const std::array files{parsed.file};
    compiler::CompileResult compiled = compiler::compile(sources, files);
    if (has_errors(parsed.diagnostics) || !compiled.program) {
        give_up(path + " is not right: tocsin check says why");
    }
    return std::move(compiled.program);
}

inline std::vector<event::Block> blocks_of(const std::string& text) {
    std::vector<event::Block> blocks;
    std::uint64_t line = 1;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        std::uint64_t lines = 0;
        for (; lines < kBatchRecords && end < text.size(); ++lines) {
            const std::size_t found = text.find('\n', end);
            end = found == std::string::npos ? text.size() : found + 1;
        }
        blocks.push_back(event::make_block(text.substr(begin, end - begin), line));
        line += lines;
        begin = end;
    }
    return blocks;
}

}  // namespace tocsin::bench
