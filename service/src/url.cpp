#include "url.hpp"

#include <charconv>

namespace tocsin::service {

namespace {

std::string decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const std::string_view digits = text.substr(i + 1 < text.size() ? i + 1 : text.size(), 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (text[i] == '%' && digits.size() == 2 && error == std::errc() && end == digits.data() + 2) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

void split_target(std::string_view target, std::string& path, std::map<std::string, std::string>& query) {
    const std::size_t mark = target.find('?');
    path = decoded(target.substr(0, mark), false);
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const std::size_t equals = pair.find('=');
        if (!pair.empty()) {
            query.emplace(decoded(pair.substr(0, equals), true),
                          equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1), true));
        }
    }
}

}  // namespace tocsin::service
