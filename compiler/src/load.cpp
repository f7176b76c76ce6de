#include "load.hpp"

#include <tocsin/dsl/format.hpp>

namespace tocsin::compiler {

std::string quoted(const Load& load, Span span) {
    constexpr std::size_t kLongest = 60;
    std::string out;
    bool comment = false;
    for (const char c : load.sources.slice(span)) {
        comment = c == '\n' ? false : comment || (c == '#' && (out.empty() || out.back() == ' '));
        const bool blank = comment || c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    if (out.size() > kLongest) {
        std::size_t cut = kLongest;
        while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0U) == 0x80U) {
            --cut;
        }
        out = out.substr(0, cut) + "…";
    }
    return "`" + out + "`";
}

std::string condition_text(const dsl::File& file, const dsl::EventRef& event) {
    return event.condition ? event.stream.text + "[" + dsl::format_expr(file, *event.condition) + "]" : event.stream.text;
}

}  // namespace tocsin::compiler
