// Whatever the bytes are, the parser ends and says what is wrong; what it takes, the formatter writes so that it reads
// back as the same text again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/dsl/format.hpp>
#include <tocsin/dsl/parser.hpp>

namespace {

[[noreturn]] void give_up(const char* what, const std::string& first, const std::string& second) {
    std::fprintf(stderr, "%s\n---- first\n%s\n---- second\n%s\n", what, first.c_str(), second.c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tocsin::SourceMap sources;
    const std::string text(data, data + size);
    const auto first = tocsin::dsl::parse(sources, sources.add("input", text));
    const std::string rendered = tocsin::render(first.diagnostics, sources);
    if (!first.diagnostics.empty()) {
        return 0;
    }
    const std::string once = tocsin::dsl::format(first.file, sources);
    const auto again = tocsin::dsl::parse(sources, sources.add("formatted", once));
    if (!again.diagnostics.empty()) {
        give_up("the formatted text has errors", once, tocsin::render(again.diagnostics, sources));
    }
    if (again.file.declarations.size() != first.file.declarations.size()) {
        give_up("declarations got lost", text, once);
    }
    const std::string twice = tocsin::dsl::format(again.file, sources);
    if (once != twice) {
        give_up("formatting twice is not formatting once", once, twice);
    }
    return 0;
}
