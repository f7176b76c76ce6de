// Whatever the text is, reading a time or a duration ends, and what was read is written so that it reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <tocsin/base/time.hpp>

namespace {

[[noreturn]] void give_up(const char* what, const std::string& text) {
    std::fprintf(stderr, "%s: %s\n", what, text.c_str());
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    if (const auto time = tocsin::parse_rfc3339(text)) {
        const std::string written = tocsin::format_rfc3339(*time);
        if (tocsin::parse_rfc3339(written) != time) {
            give_up("a time reads back differently", text);
        }
    }
    if (const auto duration = tocsin::parse_duration(text)) {
        if (tocsin::parse_duration(tocsin::format_duration(*duration)) != duration) {
            give_up("a duration reads back differently", text);
        }
    }
    return 0;
}
