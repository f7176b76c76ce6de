#include "markup.hpp"

#include <algorithm>

#include <tocsin/alerts/terminal_text.hpp>

namespace tocsin::cli {

std::string markup_text(std::string_view text) {
    std::string out;
    for (const char c : alerts::printable(text)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string markup_lines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += markup_text(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace tocsin::cli
