#include "body.hpp"

#include <algorithm>

#include <tocsin/event/value.hpp>

namespace tocsin::service {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// Splits a JSON array at the commas of its outermost level.
class ArraySplitter {
public:
    explicit ArraySplitter(std::string_view text) : text_(text) {}

    [[nodiscard]] Result<std::string> split() {
        place_ = text_.find('[') + 1;
        skip_blank();
        if (ended() || text_[place_] != ']') {
            do {
                if (!take_element()) {
                    return fail(Errc::bad_data, "the array is not closed, or an element of it is missing");
                }
            } while (text_[place_++] == ',');
        } else {
            ++place_;
        }
        skip_blank();
        if (!ended()) {
            return fail(Errc::bad_data, "something follows the array");
        }
        return std::move(lines_);
    }

private:
    [[nodiscard]] bool ended() const { return place_ >= text_.size(); }
    void skip_blank() { place_ = std::min(text_.find_first_not_of(kBlank, place_), text_.size()); }

    /// An element as a line; place_ is at the comma or bracket behind it then. False where there is none.
    [[nodiscard]] bool take_element() {
        const std::size_t begin = lines_.size();
        std::size_t depth = 0;
        bool in_string = false;
        for (; !ended(); ++place_) {
            const char c = text_[place_];
            if (!in_string && depth == 0 && (c == ',' || c == ']')) {
                break;
            }
            if (in_string && c == '\\' && place_ + 1 < text_.size()) {
                lines_ += c;
                ++place_;
            } else if (c == '"') {
                in_string = !in_string;
            } else if (!in_string) {
                depth += c == '{' || c == '[' ? 1 : 0;
                depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
            }
            // White space like a line end outside of strings, and as forbidden as one inside.
            lines_ += text_[place_] == '\n' ? '\t' : text_[place_];
        }
        const bool blank = lines_.find_first_not_of(kBlank, begin) == std::string::npos;
        lines_ += '\n';
        return !ended() && !blank;
    }

    std::string_view text_;
    std::size_t place_{0};
    std::string lines_;
};

template <class Visit>
void each_line(std::string_view text, Visit&& visit) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

Result<std::string> records_of(std::string body) {
    const std::size_t first = body.find_first_not_of(kBlank);
    if (first == std::string::npos || body[first] != '[') {
        return body;
    }
    return ArraySplitter(body).split();
}

std::string with_origin(std::string_view lines, std::string_view stream, std::string_view partition) {
    std::string fields;
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) {
            fields += fields.empty() ? "" : ",";
            event::append_json_string(fields, name);
            fields += ':';
            event::append_json_string(fields, value);
        }
    };
    add("$stream", stream);
    add("$partition", partition);

    std::string out;
    out.reserve(lines.size() + lines.size() / 4);
    each_line(lines, [&](std::string_view line) {
        const std::size_t open = line.find_first_not_of(kBlank);
        if (open != std::string_view::npos && line[open] == '{') {
            const std::size_t next = line.find_first_not_of(kBlank, open + 1);
            const bool empty = next == std::string_view::npos || line[next] == '}';
            out.append("{").append(fields).append(empty ? "" : ",").append(line.substr(open + 1));
        } else {
            out += line;
        }
        out += '\n';
    });
    return out;
}

std::size_t index_of_line(std::string_view lines, std::size_t number) {
    std::size_t index = 0;
    std::size_t line = 0;
    each_line(lines, [&](std::string_view text) {
        if (++line < number && text.find_first_not_of(kBlank) != std::string_view::npos) {
            ++index;
        }
    });
    return index;
}

}  // namespace tocsin::service
