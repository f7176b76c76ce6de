// Decoding of NDJSON.
//
// simdjson finds the places of all structural characters, opening quotes and scalars of a block at once, checks UTF-8 and
// that every string is closed on its line (Langdale, Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 28,
// 2019, stage 1). The walk over these places is ours: it checks the whole grammar of each record and touches the text of
// wanted fields only, so whether a record can be read does not depend on what rules read. Because no string goes over
// a line's end, a bad line cannot spoil the next; a block that stage 1 refuses is read again line by line.

#include <algorithm>
#include <cstring>
#include <string>

#include <simdjson.h>

#include "json_string.hpp"
#include "record_decoder.hpp"

namespace tocsin::event {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool ends_scalar(char c) { return is_space(c) || c == ',' || c == '}' || c == ']'; }

std::string_view reason_of(simdjson::error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR: return "invalid UTF-8";
        case simdjson::UNCLOSED_STRING: return "a string is not closed";
        case simdjson::UNESCAPED_CHARS: return "a control character in a string, or a string that is not closed";
        default: return simdjson::error_message(error);
    }
}

/// The tokens of a text: places that count from `base`, and behind the last one the text's size, several times. Kept in
/// registers by the walk, so passed by value.
struct Cursor {
    const char* base{nullptr};
    const std::uint32_t* next{nullptr};  ///< the next token
    std::uint32_t limit{0};  ///< where the record under way ends

    /// The character at the token `ahead` of the next one, which may belong to the next line: places only grow, so it is
    /// enough to look at the limit once a field.
    [[nodiscard]] char at(std::size_t ahead = 0) const { return base[next[ahead]]; }
    [[nodiscard]] bool ended() const { return *next >= limit; }
    [[nodiscard]] const char* here() const { return base + *next; }
    [[nodiscard]] const char* end() const { return base + limit; }
    /// Where the token behind the next one starts, or the record's end.
    [[nodiscard]] const char* behind() const { return base + std::min(next[1], limit); }
    /// The string at the next token, between its quotes. Only white space can stand between its end and the token behind
    /// it, so the end is found from there. Requires: not ended().
    [[nodiscard]] std::string_view string() const {
        const char* const begin = here() + 1;
        const char* last = behind() - 1;
        while (last > begin && *last != '"') {
            --last;
        }
        return {begin, static_cast<std::size_t>(last - begin)};
    }
};

/// How often the text's size must stand behind the tokens: the walk looks three tokens ahead.
constexpr std::size_t kGuards = 4;

/// The scalar at the next token: where it ends, null if it is malformed. Requires: not ended().
const char* scalar_end(const Cursor& cursor, Decimal& number) {
    const char* const begin = cursor.here();
    const char* end = cursor.behind();
    if (scan_whole_number(begin, static_cast<std::size_t>(end - begin), number)) {
        return end;
    }
    const char* const limit = cursor.end();
    if (*begin == '-' || (*begin >= '0' && *begin <= '9')) {
        end = scan_json_number(begin, limit, number);
    } else {
        const std::string_view rest(begin, static_cast<std::size_t>(limit - begin));
        const std::string_view word = *begin == 't' ? "true" : *begin == 'f' ? "false" : "null";
        end = rest.starts_with(word) ? begin + word.size() : nullptr;
    }
    return end != nullptr && (end == limit || ends_scalar(*end)) ? end : nullptr;
}

class NdjsonDecoder final : public RecordDecoder {
public:
    NdjsonDecoder(Projection projection, const Limits& limits)
        : writer_(std::move(projection)),
          table_(writer_.paths()),
          seen_(table_.entries()),
          record_bytes_(limits.record_bytes),
          record_nesting_(limits.record_nesting) {}

    void decode(Batch& batch, const Block& block) override;

private:
    using Entry = FieldTable::Entry;

    /// An object or array that the walk is in. Names of an object without a node are of no interest.
    struct Frame {
        bool array{false};
        FieldTable::NodeId node{FieldTable::kNoNode};
        std::uint64_t visit{0};
    };

    [[nodiscard]] simdjson::error_code find_structure(std::string_view text);
    void decode_line(std::string_view line, std::uint64_t number, bool structure_known);
    void decode_record(std::string_view record, std::uint64_t number);
    [[nodiscard]] std::string_view check_escapes(std::string_view record);
    [[nodiscard]] std::string_view walk(Cursor& ended);
    [[nodiscard]] const Entry* field_named(std::string_view raw, const Frame& frame);
    [[nodiscard]] bool read_scalar(const Cursor& cursor, const Entry* field);
    [[nodiscard]] std::string_view text_of(std::string_view raw);

    RecordWriter writer_;
    FieldTable table_;
    std::vector<std::uint64_t> seen_;  ///< by entry: the last visit of its object that had it
    std::uint64_t visits_{0};
    std::size_t record_bytes_;
    std::size_t record_nesting_;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> structure_;
    std::vector<Frame> frames_;  ///< those around the innermost

    Cursor cursor_;  ///< over a block, or one line of it
    bool escapes_{false};  ///< some string of it has a backslash
    const char* next_backslash_{nullptr};  ///< the first that is not checked yet; null: not searched yet
    const char* text_end_{nullptr};  ///< of the block
};

simdjson::error_code NdjsonDecoder::find_structure(std::string_view text) {
    constexpr std::size_t kFewest = 4096;
    if (!structure_ || structure_->capacity() < text.size()) {
        const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
            std::max(text.size() + text.size() / 4, kFewest), 1, structure_);
        if (error != simdjson::SUCCESS) {
            return error;
        }
    }
    const auto error =
        structure_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular);
    std::uint32_t* const tokens = structure_->structural_indexes.get();
    cursor_ = {text.data(), tokens, 0};
    if (error == simdjson::SUCCESS) {
        // simdjson allocates room for more than these.
        std::fill_n(tokens + structure_->n_structural_indexes, kGuards, static_cast<std::uint32_t>(text.size()));
    }
    return error == simdjson::EMPTY ? simdjson::SUCCESS : error;
}

void NdjsonDecoder::decode(Batch& batch, const Block& block) {
    std::string_view text = block.text();
    if (block.first_line == 1 && text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    writer_.begin_batch(batch);
    text_end_ = text.data() + text.size();
    next_backslash_ = nullptr;
    const bool known = !text.empty() && find_structure(text) == simdjson::SUCCESS;
    std::uint64_t number = block.first_line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        decode_line(text.substr(0, end), number++, known);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    writer_.end_batch();
}

void NdjsonDecoder::decode_line(std::string_view line, std::uint64_t number, bool structure_known) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    if (line.empty()) {
        return;
    }
    auto error = simdjson::SUCCESS;
    if (line.size() > record_bytes_) {
        error = simdjson::CAPACITY;
    } else if (!structure_known) {
        error = find_structure(line);
    }
    if (error != simdjson::SUCCESS) {
        writer_.begin_record(line, number);
        writer_.give_up(error == simdjson::CAPACITY ? "longer than " + std::to_string(record_bytes_) + " bytes"
                                                    : std::string(reason_of(error)));
    }
    cursor_.limit = static_cast<std::uint32_t>(line.data() + line.size() - cursor_.base);
    const std::uint32_t* const first = cursor_.next;
    if (error == simdjson::SUCCESS && !cursor_.ended()) {
        decode_record(line, number);
    }
    if (structure_known) {
        // To the first token of the next line: a bad record ends before its line does, or is noticed only behind it.
        while (cursor_.next > first && cursor_.next[-1] >= cursor_.limit) {
            --cursor_.next;
        }
        while (!cursor_.ended()) {
            ++cursor_.next;
        }
    }
}

void NdjsonDecoder::decode_record(std::string_view record, std::uint64_t number) {
    writer_.begin_record(record, number);
    std::string_view reason = check_escapes(record);
    if (reason.empty()) {
        reason = walk(cursor_);
    }
    if (reason.empty()) {
        writer_.end_record();
    } else {
        writer_.give_up(cursor_.ended() ? "it ends in the middle" : reason);
    }
}

/// Each backslash of the record starts a valid escape; strings that nobody reads are checked with it too.
std::string_view NdjsonDecoder::check_escapes(std::string_view record) {
    escapes_ = false;
    const char* const end = record.data() + record.size();
    const auto search = [&](const char* from) {
        const void* const found = std::memchr(from, '\\', static_cast<std::size_t>(text_end_ - from));
        return found == nullptr ? text_end_ : static_cast<const char*>(found);
    };
    if (next_backslash_ == nullptr || next_backslash_ < record.data()) {
        next_backslash_ = search(record.data());
    }
    while (next_backslash_ < end) {
        escapes_ = true;
        const std::size_t length = escape_length(next_backslash_, end);
        if (length == 0) {
            return "an escape that JSON does not know";
        }
        next_backslash_ = search(next_backslash_ + length);
    }
    return {};
}

/// One pass over the record's tokens; no recursion, and no token is looked at twice.
std::string_view NdjsonDecoder::walk(Cursor& ended) {
    Cursor cursor = ended;
    Frame frame{false, FieldTable::kRoot, ++visits_};
    frames_.clear();
    std::string_view reason;
    bool inside = cursor.at() == '{';
    if (!inside) {
        return "not a JSON object";
    }
    ++cursor.next;
    if (cursor.at() == '}' && !cursor.ended()) {
        ++cursor.next;
        inside = false;
    }
    while (inside) {
        // At a field or an element.
        if (cursor.ended()) {
            break;
        }
        const Entry* field = nullptr;
        if (!frame.array) {
            if (cursor.at() != '"') {
                reason = "a field name in quotes was expected";
                break;
            }
            if (cursor.at(1) != ':') {
                ++cursor.next;
                reason = "a colon was expected behind a field name";
                break;
            }
            field = frame.node == FieldTable::kNoNode ? nullptr : field_named(cursor.string(), frame);
            cursor.next += 2;
        }
        const char first = cursor.at();
        if (first == '"') {
            if (field != nullptr && !cursor.ended()) {
                writer_.put_string(field->slots, text_of(cursor.string()));
            }
            ++cursor.next;
        } else if (first == '{' || first == '[') {
            if (field != nullptr) {
                writer_.put_container(field->slots, first == '{');
            }
            if (frames_.size() + 1 >= record_nesting_) {
                reason = "nested too deeply";
                break;
            }
            ++cursor.next;
            if (cursor.at() != (first == '{' ? '}' : ']')) {
                frames_.push_back(frame);
                frame = {first == '[', field != nullptr && first == '{' ? field->child : FieldTable::kNoNode, ++visits_};
                continue;
            }
            ++cursor.next;
        } else {
            if (cursor.ended() || !read_scalar(cursor, field)) {
                reason = "a value was expected, or this one is malformed";
                break;
            }
            ++cursor.next;
        }
        // Behind a value.
        char separator = cursor.at();
        if (separator == ',') {
            ++cursor.next;
            continue;
        }
        while (inside && separator == (frame.array ? ']' : '}') && !cursor.ended()) {
            ++cursor.next;
            separator = cursor.at();
            inside = !frames_.empty();
            if (inside) {
                frame = frames_.back();
                frames_.pop_back();
            }
        }
        if (inside) {
            if (separator != ',') {
                reason = "a comma or a closing bracket was expected";
                break;
            }
            ++cursor.next;
        }
    }
    ended = cursor;
    if (inside && reason.empty()) {
        reason = "it ends in the middle";
    }
    return reason.empty() && !cursor.ended() ? "something follows the object" : reason;
}

/// Where the value of a name goes, or null.
const FieldTable::Entry* NdjsonDecoder::field_named(std::string_view raw, const Frame& frame) {
    const Entry* const field = table_.find(frame.node, text_of(raw));
    if (field == nullptr || seen_[field->index] == frame.visit) {
        return nullptr;  // of duplicate names the first counts
    }
    seen_[field->index] = frame.visit;
    return field;
}

bool NdjsonDecoder::read_scalar(const Cursor& cursor, const Entry* field) {
    const char* const begin = cursor.here();
    if (field == nullptr && is_short_whole_number(begin, static_cast<std::size_t>(cursor.behind() - begin))) {
        return true;
    }
    Decimal number;
    const char* const end = scalar_end(cursor, number);
    if (end == nullptr || field == nullptr) {
        return end != nullptr;
    }
    switch (*begin) {
        case 't':
        case 'f': writer_.put_bool(field->slots, *begin == 't'); break;
        case 'n': writer_.put_null(field->slots); break;
        default: writer_.put_number(field->slots, number, {begin, static_cast<std::size_t>(end - begin)});
    }
    return true;
}

std::string_view NdjsonDecoder::text_of(std::string_view raw) {
    if (!escapes_ || raw.find('\\') == std::string_view::npos) {
        return raw;
    }
    char* const out = writer_.batch().allocate(raw.size() + kBlockPadding);
    return {out, unescape(raw, out)};
}

}  // namespace

std::unique_ptr<RecordDecoder> make_ndjson_decoder(Projection projection, const Limits& limits) {
    return std::make_unique<NdjsonDecoder>(std::move(projection), limits);
}

}  // namespace tocsin::event
