#include "lexer.hpp"

namespace tocsin::dsl {

namespace {

/// Length of the well-formed code point at `at` (Unicode 15, table 3-7), or 0.
std::size_t well_formed(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : static_cast<unsigned char>(0);
    };
    const auto within = [](unsigned char value, unsigned low, unsigned high) { return value >= low && value <= high; };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    if (within(lead, 0xC2, 0xDF)) {
        return within(byte(1), 0x80, 0xBF) ? 2 : 0;
    }
    if (within(lead, 0xE0, 0xEF)) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : 0xBF;
        return within(byte(1), low, high) && within(byte(2), 0x80, 0xBF) ? 3 : 0;
    }
    if (within(lead, 0xF0, 0xF4)) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
        return within(byte(1), low, high) && within(byte(2), 0x80, 0xBF) && within(byte(3), 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

}  // namespace

void check_encoding(std::string_view text, Report& report) {
    for (std::size_t i = 0; i < text.size() && !report.full();) {
        if (text[i] == '\0') {
            report.error("E0116", report.span(i, i + 1), "a NUL byte cannot stand in a rule file");
            i = std::min(text.find_first_not_of('\0', i), text.size());
            continue;
        }
        const std::size_t length = well_formed(text, i);
        if (length > 0) {
            i += length;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && well_formed(text, i) == 0) {
            ++i;
        }
        report.error("E0116", report.span(begin, i), "these bytes are not UTF-8", "save the file as UTF-8");
    }
}

}  // namespace tocsin::dsl
