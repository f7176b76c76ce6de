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

class NdjsonDecoder final : public RecordDecoder {
public:
    NdjsonDecoder(Projection projection, const Limits& limits)
        : writer_(std::move(projection)), table_(slot_paths(writer_.projection())), seen_(table_.entries()),
          record_bytes_(limits.record_bytes), record_nesting_(limits.record_nesting) {}

    void decode(Batch& batch, const Block& block) override;

private:
    /// An object or array that the walk is in. Names of an object without a node are of no interest.
    struct Frame {
        bool array{false};
        FieldTable::NodeId node{FieldTable::kNoNode};
        std::uint64_t visit{0};
    };

    [[nodiscard]] simdjson::error_code find_structure(std::string_view text);
    void decode_line(std::string_view line, std::uint64_t number, bool structure_known);
    void decode_record(std::string_view record, std::uint64_t number);
    [[nodiscard]] std::string_view walk();
    [[nodiscard]] std::string_view open(char bracket, FieldTable::NodeId node);
    [[nodiscard]] std::string_view read_name();
    [[nodiscard]] std::string_view read_value();
    [[nodiscard]] std::string_view read_scalar(char first);
    [[nodiscard]] std::string_view check_escapes();
    [[nodiscard]] std::string_view read_separators();
    [[nodiscard]] std::string_view string_at(std::size_t token) const;
    [[nodiscard]] std::string_view text_of(std::string_view raw);

    /// The character at a token, NUL behind the record's last one.
    [[nodiscard]] char at(std::size_t token) const { return token < end_token_ ? base_[tokens_[token]] : '\0'; }

    RecordWriter writer_;
    FieldTable table_;
    std::vector<std::uint64_t> seen_;       ///< by entry: the last visit of its object that had it
    std::uint64_t visits_{0};
    std::size_t record_bytes_;
    std::size_t record_nesting_;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> structure_;

    // Of the text whose structure is known (a block, else a line):
    const char* base_{nullptr};
    const std::uint32_t* tokens_{nullptr};
    std::size_t token_count_{0};
    std::size_t token_{0};                  ///< the next one

    // Of the record under way:
    const char* record_end_{nullptr};
    std::size_t end_token_{0};
    bool escapes_{false};                   ///< some string of it has a backslash
    std::vector<Frame> frames_;
    const FieldTable::Entry* field_{nullptr};   ///< where the next value goes, or null
    const char* next_backslash_{nullptr};   ///< at or behind the next line's start; null: not searched yet
    const char* text_end_{nullptr};
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
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): simdjson reads unsigned bytes.
    const auto error = structure_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                          simdjson::stage1_mode::regular);
    base_ = text.data();
    tokens_ = structure_->structural_indexes.get();
    token_count_ = error == simdjson::SUCCESS ? structure_->n_structural_indexes : 0;
    token_ = 0;
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
    const bool known = find_structure(text) == simdjson::SUCCESS;
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
    record_end_ = line.data() + line.size();
    auto error = simdjson::SUCCESS;
    if (!structure_known) {
        const bool blank = std::all_of(line.begin(), line.end(), is_space);
        error = blank || line.size() > record_bytes_ ? simdjson::SUCCESS : find_structure(line);
        token_count_ = blank ? 0 : token_count_;
    }
    const auto limit = static_cast<std::size_t>(record_end_ - base_);
    std::size_t end = token_;
    while (end < token_count_ && tokens_[end] < limit) {
        ++end;
    }
    end_token_ = end;
    if (line.size() > record_bytes_) {
        writer_.begin_record(line, number);
        writer_.give_up("longer than " + std::to_string(record_bytes_) + " bytes");
    } else if (error != simdjson::SUCCESS) {
        writer_.begin_record(line, number);
        writer_.give_up(reason_of(error));
    } else if (token_ != end_token_) {
        decode_record(line, number);
    }
    token_ = end;
}

void NdjsonDecoder::decode_record(std::string_view record, std::uint64_t number) {
    writer_.begin_record(record, number);
    std::string_view reason = check_escapes();
    if (reason.empty()) {
        reason = walk();
    }
    if (reason.empty()) {
        writer_.end_record();
    } else {
        writer_.give_up(token_ >= end_token_ ? "the record ends in the middle" : reason);
    }
}

/// Each backslash of the record starts a valid escape; strings that nobody reads are checked with it too.
std::string_view NdjsonDecoder::check_escapes() {
    escapes_ = false;
    const char* const begin = writer_.raw().data();
    const auto search = [&](const char* from) {
        const void* const found = std::memchr(from, '\\', static_cast<std::size_t>(text_end_ - from));
        return found == nullptr ? text_end_ : static_cast<const char*>(found);
    };
    if (next_backslash_ == nullptr || next_backslash_ < begin) {
        next_backslash_ = search(begin);
    }
    while (next_backslash_ < record_end_) {
        escapes_ = true;
        const std::size_t length = escape_length(next_backslash_, record_end_);
        if (length == 0) {
            return "an escape that JSON does not know";
        }
        next_backslash_ = search(next_backslash_ + length);
    }
    return {};
}

std::string_view NdjsonDecoder::walk() {
    frames_.clear();
    if (at(token_) != '{') {
        return "not a JSON object";
    }
    std::string_view reason = open('{', FieldTable::kRoot);
    while (reason.empty() && !frames_.empty()) {
        field_ = nullptr;
        if (!frames_.back().array) {
            reason = read_name();
        }
        const std::size_t depth = frames_.size();
        if (reason.empty()) {
            reason = read_value();
        }
        if (reason.empty() && frames_.size() == depth) {
            reason = read_separators();
        }
    }
    return reason.empty() && token_ != end_token_ ? "something follows the object" : reason;
}

/// Enters the object or array that starts at the next token, unless it is empty.
std::string_view NdjsonDecoder::open(char bracket, FieldTable::NodeId node) {
    if (frames_.size() == record_nesting_) {
        return "nested too deeply";
    }
    ++token_;
    if (at(token_) == (bracket == '[' ? ']' : '}')) {
        ++token_;
        return frames_.empty() && token_ != end_token_ ? "something follows the object" : std::string_view{};
    }
    frames_.push_back({bracket == '[', node, ++visits_});
    return {};
}

/// Behind a value: a comma, or the ends of what the walk is in and then a comma, or the end of the record.
std::string_view NdjsonDecoder::read_separators() {
    while (!frames_.empty()) {
        const char c = at(token_);
        if (c == ',') {
            ++token_;
            return {};
        }
        if (c != (frames_.back().array ? ']' : '}')) {
            return "a comma or a closing bracket was expected";
        }
        ++token_;
        frames_.pop_back();
    }
    return {};
}

/// A field's name and the colon; finds out where its value goes.
std::string_view NdjsonDecoder::read_name() {
    if (at(token_) != '"') {
        return "a field name in quotes was expected";
    }
    if (at(token_ + 1) != ':') {
        ++token_;
        return "a colon was expected behind a field name";
    }
    const Frame& frame = frames_.back();
    if (frame.node != FieldTable::kNoNode) {
        field_ = table_.find(frame.node, text_of(string_at(token_)));
        if (field_ != nullptr) {
            // Of duplicate names the first counts.
            const bool first = seen_[field_->index] != frame.visit;
            seen_[field_->index] = frame.visit;
            field_ = first ? field_ : nullptr;
        }
    }
    token_ += 2;
    return {};
}

std::string_view NdjsonDecoder::read_value() {
    const char first = at(token_);
    switch (first) {
        case '"':
            if (field_ != nullptr && !field_->slots.empty()) {
                const std::string_view text = text_of(string_at(token_));
                for (const std::uint32_t slot : field_->slots) {
                    writer_.put_string(slot, text);
                }
            }
            ++token_;
            return {};
        case '{':
        case '[':
            if (field_ != nullptr) {
                for (const std::uint32_t slot : field_->slots) {
                    writer_.put_container(slot, first == '{');
                }
            }
            return open(first, field_ != nullptr && first == '{' ? field_->child : FieldTable::kNoNode);
        default: return read_scalar(first);
    }
}

std::string_view NdjsonDecoder::read_scalar(char first) {
    const char* const begin = base_ + (token_ < end_token_ ? tokens_[token_] : 0);
    const auto is_word = [&](std::string_view word) {
        return static_cast<std::size_t>(record_end_ - begin) >= word.size() &&
               std::memcmp(begin, word.data(), word.size()) == 0 &&
               (begin + word.size() == record_end_ || ends_scalar(begin[word.size()]));
    };
    const bool wanted = field_ != nullptr;
    if (first == '-' || (first >= '0' && first <= '9')) {
        Decimal number;
        const char* const end = scan_json_number(begin, record_end_, number);
        if (end == nullptr || (end != record_end_ && !ends_scalar(*end))) {
            return "a malformed number";
        }
        if (wanted) {
            for (const std::uint32_t slot : field_->slots) {
                writer_.put_number(slot, number, {begin, static_cast<std::size_t>(end - begin)});
            }
        }
    } else if ((first == 't' && is_word("true")) || (first == 'f' && is_word("false"))) {
        if (wanted) {
            for (const std::uint32_t slot : field_->slots) {
                writer_.put_bool(slot, first == 't');
            }
        }
    } else if (first == 'n' && is_word("null")) {
        if (wanted) {
            for (const std::uint32_t slot : field_->slots) {
                writer_.put_null(slot);
            }
        }
    } else {
        return "a value was expected";
    }
    ++token_;
    return {};
}

/// The string at a token, between its quotes. Only white space can stand between its end and the next token, so
/// the end is found from there.
std::string_view NdjsonDecoder::string_at(std::size_t token) const {
    const char* const begin = base_ + tokens_[token] + 1;
    const char* end = token + 1 < end_token_ ? base_ + tokens_[token + 1] : record_end_;
    while (end > begin && end[-1] != '"') {
        --end;
    }
    return {begin, static_cast<std::size_t>(end - begin) - 1};
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
