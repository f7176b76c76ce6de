#include "json.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace reference {
namespace {

class Reader {
   public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<Json> document() {
        std::optional<Json> result = value();
        skip_space();
        if (!result || at_ != text_.size()) {
            return std::nullopt;
        }
        return result;
    }

   private:
    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    bool accept(char c) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }

    bool word(std::string_view w) {
        if (text_.substr(at_, w.size()) == w) {
            at_ += w.size();
            return true;
        }
        return false;
    }

    std::optional<Json> value() {
        skip_space();
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        switch (text_[at_]) {
            case '{': return object();
            case '[': return array();
            case '"': {
                std::optional<std::string> s = string();
                if (!s) {
                    return std::nullopt;
                }
                return Json{std::move(*s)};
            }
            case 't': return word("true") ? std::optional<Json>(Json{true}) : std::nullopt;
            case 'f': return word("false") ? std::optional<Json>(Json{false}) : std::nullopt;
            case 'n': return word("null") ? std::optional<Json>(Json{}) : std::nullopt;
            default: return number();
        }
    }

    std::optional<Json> number() {
        std::size_t end = at_;
        bool fraction = false;
        while (end < text_.size() && std::string_view("+-0123456789.eE").find(text_[end]) != std::string_view::npos) {
            fraction = fraction || text_[end] == '.' || text_[end] == 'e' || text_[end] == 'E';
            ++end;
        }
        const std::string digits(text_.substr(at_, end - at_));
        if (digits.empty()) {
            return std::nullopt;
        }
        at_ = end;
        if (!fraction) {
            std::int64_t i = 0;
            const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), i);
            if (error == std::errc() && stop == digits.data() + digits.size()) {
                return Json{i};
            }
        }
        return Json{std::strtod(digits.c_str(), nullptr)};
    }

    void put_utf8(std::string& out, unsigned code) {
        const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0 | (code >> 6));
            put(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            put(0xE0 | (code >> 12));
            put(0x80 | ((code >> 6) & 0x3F));
            put(0x80 | (code & 0x3F));
        } else {
            put(0xF0 | (code >> 18));
            put(0x80 | ((code >> 12) & 0x3F));
            put(0x80 | ((code >> 6) & 0x3F));
            put(0x80 | (code & 0x3F));
        }
    }

    std::optional<unsigned> hex4() {
        unsigned code = 0;
        if (at_ + 4 > text_.size()) {
            return std::nullopt;
        }
        const auto [stop, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        if (error != std::errc() || stop != text_.data() + at_ + 4) {
            return std::nullopt;
        }
        at_ += 4;
        return code;
    }

    std::optional<std::string> string() {
        std::string out;
        ++at_;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] != '\\') {
                out.push_back(text_[at_++]);
                continue;
            }
            if (++at_ >= text_.size()) {
                return std::nullopt;
            }
            const char c = text_[at_++];
            if (c == 'u') {
                std::optional<unsigned> code = hex4();
                if (code && *code >= 0xD800 && *code < 0xDC00 && word("\\u")) {
                    const std::optional<unsigned> low = hex4();
                    code = low ? std::optional<unsigned>(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)) : std::nullopt;
                }
                if (!code) {
                    return std::nullopt;
                }
                put_utf8(out, *code);
            } else {
                const std::size_t known = std::string_view("nrtbf").find(c);
                out.push_back(known == std::string_view::npos ? c : "\n\r\t\b\f"[known]);
            }
        }
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        ++at_;
        return out;
    }

    std::optional<Json> array() {
        JsonArray items;
        ++at_;
        if (accept(']')) {
            return Json{std::move(items)};
        }
        do {
            std::optional<Json> item = value();
            if (!item) {
                return std::nullopt;
            }
            items.push_back(std::move(*item));
        } while (accept(','));
        return accept(']') ? std::optional<Json>(Json{std::move(items)}) : std::nullopt;
    }

    std::optional<Json> object() {
        JsonObject members;
        ++at_;
        if (accept('}')) {
            return Json{std::move(members)};
        }
        do {
            skip_space();
            if (at_ >= text_.size() || text_[at_] != '"') {
                return std::nullopt;
            }
            std::optional<std::string> name = string();
            if (!name || !accept(':')) {
                return std::nullopt;
            }
            std::optional<Json> member = value();
            if (!member) {
                return std::nullopt;
            }
            members.emplace_back(std::move(*name), std::move(*member));
        } while (accept(','));
        return accept('}') ? std::optional<Json>(Json{std::move(members)}) : std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
    const JsonObject* members = object();
    if (members == nullptr) {
        return nullptr;
    }
    for (const auto& [key, member] : *members) {
        if (key == name) {
            return &member;
        }
    }
    return nullptr;
}

const Json* Json::find_path(std::string_view dotted) const {
    if (const Json* whole = find(dotted)) {
        return whole;
    }
    const std::size_t dot = dotted.find('.');
    if (dot == std::string_view::npos) {
        return nullptr;
    }
    const Json* head = find(dotted.substr(0, dot));
    return head == nullptr ? nullptr : head->find_path(dotted.substr(dot + 1));
}

std::optional<std::int64_t> Json::integer() const {
    if (const auto* i = std::get_if<std::int64_t>(&value)) {
        return *i;
    }
    return std::nullopt;
}

std::optional<Json> parse_json(std::string_view text) { return Reader(text).document(); }

std::string quote_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
            out += buffer;
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

}  // namespace reference
