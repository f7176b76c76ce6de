#include "text_form.hpp"

#include <algorithm>

namespace tocsin::matcher {

namespace {

constexpr std::string_view kWildcards = "*?";

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

bool only_stars(std::string_view text) { return text.find_first_not_of('*') == std::string_view::npos; }

std::optional<TextForm> like_form(std::string_view pattern) {
    if (pattern.find_first_of(kWildcards) == std::string_view::npos) {
        return TextForm{TextForm::At::whole, pattern, true};
    }
    std::size_t begin = 0;
    std::size_t size = 0;
    for (std::size_t at = 0; at <= pattern.size();) {
        const std::size_t end = std::min(pattern.find_first_of(kWildcards, at), pattern.size());
        if (end - at > size) {
            begin = at;
            size = end - at;
        }
        at = end + 1;
    }
    if (size == 0) {
        return std::nullopt;
    }
    TextForm form{TextForm::At::anywhere, pattern.substr(begin, size), false};
    if (begin == 0) {
        form.at = TextForm::At::start;
    } else if (begin + size == pattern.size()) {
        form.at = TextForm::At::end;
    }
    // `*` goes from one code point to the next, so behind it bytes from the middle of one are found at some places only.
    form.exact = only_stars(pattern.substr(0, begin)) && only_stars(pattern.substr(begin + size)) &&
                 (begin == 0 || !continues_code_point(form.literal.front()));
    return form;
}

}  // namespace

std::optional<TextForm> text_form(plan::Op op, std::string_view pattern) {
    if (op == plan::Op::like) {
        return like_form(pattern);
    }
    if (pattern.empty()) {
        return std::nullopt;
    }
    switch (op) {
        case plan::Op::starts_with: return TextForm{TextForm::At::start, pattern, true};
        case plan::Op::ends_with: return TextForm{TextForm::At::end, pattern, true};
        case plan::Op::contains: return TextForm{TextForm::At::anywhere, pattern, true};
        default: return std::nullopt;
    }
}

}  // namespace tocsin::matcher
