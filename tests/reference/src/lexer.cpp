#include "lexer.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>

namespace reference {
namespace {

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t unit_us(std::string_view unit) {
    return unit == "us"   ? 1
           : unit == "ms" ? 1000
           : unit == "s"  ? 1'000'000
           : unit == "m"  ? 60'000'000
           : unit == "h"  ? 3'600'000'000
           : unit == "d"  ? 86'400'000'000
                          : 0;
}

std::string escaped(std::string_view text, std::size_t& at, int line) {
    std::string out;
    while (at < text.size() && text[at] != '"') {
        if (text[at] != '\\') {
            out.push_back(text[at++]);
            continue;
        }
        ++at;
        const char c = at < text.size() ? text[at++] : '\0';
        if (c == 'u' && at < text.size() && text[at] == '{') {
            const std::size_t close = text.find('}', at);
            const std::string hex(text.substr(at + 1, close - at - 1));
            char json[32];
            const unsigned long code = std::strtoul(hex.c_str(), nullptr, 16);
            if (code < 0x10000) {
                std::snprintf(json, sizeof json, "\"\\u%04lx\"", code);
            } else {
                std::snprintf(json, sizeof json, "\"\\u%04lx\\u%04lx\"", 0xD800 + ((code - 0x10000) >> 10),
                              0xDC00 + ((code - 0x10000) & 0x3FF));
            }
            out += *parse_json(json)->text();
            at = close + 1;
        } else if (c == 'n' || c == 't' || c == '"' || c == '\\') {
            out.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c);
        } else {
            throw std::runtime_error("line " + std::to_string(line) + ": unknown escape");
        }
    }
    ++at;
    return out;
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
    std::vector<Token> tokens;
    int line = 1;
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '\n') {
            ++line;
            ++at;
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at;
            continue;
        }
        if (c == '#') {
            while (at < text.size() && text[at] != '\n') {
                ++at;
            }
            continue;
        }
        Token token;
        token.line = line;
        if (c == '"') {
            token.kind = Token::Kind::kString;
            token.text = escaped(text, ++at, line);
        } else if (c == 'r' && at + 1 < text.size() && text[at + 1] == '"') {
            const std::size_t close = text.find('"', at + 2);
            token.kind = Token::Kind::kString;
            token.text = std::string(text.substr(at + 2, close - at - 2));
            at = close + 1;
        } else if (c == '`') {
            const std::size_t close = text.find('`', at + 1);
            token.kind = Token::Kind::kName;
            token.quoted = true;
            token.text = std::string(text.substr(at + 1, close - at - 1));
            at = close + 1;
        } else if (is_digit(c)) {
            std::size_t end = at;
            while (end < text.size() && is_digit(text[end])) {
                ++end;
            }
            bool real = false;
            if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
                real = true;
                ++end;
                while (end < text.size() && is_digit(text[end])) {
                    ++end;
                }
            }
            std::size_t stop = end;
            while (stop < text.size() && is_name(text[stop])) {
                ++stop;
            }
            const std::string_view suffix = text.substr(end, stop - end);
            const std::string number(text.substr(at, end - at));
            if (const std::int64_t unit = unit_us(suffix); unit != 0) {
                token.kind = Token::Kind::kDuration;
                token.value = Duration{static_cast<std::int64_t>(std::strtold(number.c_str(), nullptr) * static_cast<long double>(unit))};
                end = stop;
            } else if (!suffix.empty() && (suffix[0] == 'e' || suffix[0] == 'E')) {
                char* after = nullptr;
                token.kind = Token::Kind::kFloat;
                token.value = std::strtod(std::string(text.substr(at, 40)).c_str(), &after);
                end = stop;
                if (stop == at + number.size() + 1 && stop < text.size() && (text[stop] == '-' || text[stop] == '+')) {
                    for (++end; end < text.size() && is_digit(text[end]); ++end) {
                    }
                }
            } else if (real) {
                token.kind = Token::Kind::kFloat;
                token.value = std::strtod(number.c_str(), nullptr);
            } else {
                std::int64_t i = 0;
                std::from_chars(number.data(), number.data() + number.size(), i);
                token.kind = Token::Kind::kInt;
                token.value = i;
            }
            token.text = std::string(text.substr(at, end - at));
            at = end;
        } else if (is_name(c)) {
            std::size_t end = at;
            while (end < text.size() && is_name(text[end])) {
                ++end;
            }
            token.kind = Token::Kind::kName;
            token.text = std::string(text.substr(at, end - at));
            at = end;
        } else {
            static constexpr std::string_view kTwo[] = {"->", "=>", "~>", "!=", "<=", ">="};
            token.kind = Token::Kind::kSymbol;
            token.text = std::string(1, c);
            for (const std::string_view two : kTwo) {
                if (text.substr(at, 2) == two) {
                    token.text = std::string(two);
                }
            }
            at += token.text.size();
        }
        tokens.push_back(std::move(token));
    }
    Token end;
    end.line = line;
    tokens.push_back(end);
    return tokens;
}

}  // namespace reference
