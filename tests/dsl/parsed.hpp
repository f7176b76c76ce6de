#pragma once

#include <string>
#include <utility>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/dsl/parser.hpp>

namespace tocsin::test {

/// A text and what the parser made of it.
struct Parsed {
    SourceMap sources;
    dsl::ParseResult result;

    explicit Parsed(std::string text, const Limits& limits = {}) {
        const SourceId id = sources.add("t", std::move(text));
        result = dsl::parse(sources, id, limits);
    }

    [[nodiscard]] std::string errors() const { return render(result.diagnostics, sources); }
    [[nodiscard]] const dsl::File& file() const { return result.file; }

    template <class T>
    [[nodiscard]] const T& declaration(std::size_t index = 0) const {
        return std::get<T>(result.file.declarations.at(index));
    }
};

}  // namespace tocsin::test
