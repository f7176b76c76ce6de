// Decoding of CSV as RFC 4180 has it: fields in quotes may hold commas, line breaks and doubled quotes.

#include <tocsin/event/csv.hpp>

#include <algorithm>
#include <string>

#include <simdjson.h>

#include "record_decoder.hpp"

namespace tocsin::event {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Field {
    std::string_view text;  ///< between the quotes, doubled ones still doubled
    bool doubled{false};  ///< holds doubled quotes
    bool closed{true};  ///< false: in quotes that end nowhere
    bool malformed{false};  ///< text stands behind the closing quote
    std::size_t length{0};  ///< up to, not including, the comma or line end
};

Field scan_plain_field(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of(",\n"), text.size());
    Field field{text.substr(0, end), false, true, false, end};
    const bool last = end == text.size() || text[end] == '\n';
    if (last && field.text.ends_with('\r')) {
        field.text.remove_suffix(1);
    }
    return field;
}

Field scan_field(std::string_view text) {
    if (!text.starts_with('"')) {
        return scan_plain_field(text);
    }
    Field field;
    std::size_t quote = text.find('"', 1);
    while (quote != std::string_view::npos && quote + 1 < text.size() && text[quote + 1] == '"') {
        field.doubled = true;
        quote = text.find('"', quote + 2);
    }
    if (quote == std::string_view::npos) {
        field.closed = false;
        return field;
    }
    field.text = text.substr(1, quote - 1);
    const Field rest = scan_plain_field(text.substr(quote + 1));
    field.malformed = !rest.text.empty();
    field.length = quote + 1 + rest.length;
    return field;
}

/// A record's fields and its length with the line end. `open` if a quote is not closed: then the rest is void.
struct Record {
    std::vector<Field> fields;
    std::size_t length{0};
    bool open{false};
    bool ended{false};  ///< by a line end, not by the end of the text
};

void scan_record(std::string_view text, Record& record) {
    record.fields.clear();
    record.length = 0;
    record.open = record.ended = false;
    while (true) {
        const Field field = scan_field(text.substr(record.length));
        if (!field.closed) {
            record.open = true;
            return;
        }
        record.fields.push_back(field);
        record.length += field.length;
        if (record.length == text.size()) {
            return;
        }
        record.ended = text[record.length++] == '\n';
        if (record.ended) {
            return;
        }
    }
}

std::size_t undouble(std::string_view text, char* out) {
    char* const begin = out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        *out++ = text[i];
        i += text[i] == '"' ? 1U : 0U;
    }
    return static_cast<std::size_t>(out - begin);
}

std::string_view without_line_end(std::string_view text) {
    text.remove_suffix(text.ends_with('\n') ? 1 : 0);
    text.remove_suffix(text.ends_with('\r') ? 1 : 0);
    return text;
}

class CsvDecoder final : public RecordDecoder {
public:
    CsvDecoder(Projection projection, const Limits& limits)
        : writer_(std::move(projection)), table_(writer_.paths()), record_bytes_(limits.record_bytes) {}

    void decode(Batch& batch, const Block& block) override;

private:
    void read_header(const std::shared_ptr<const CsvHeader>& header);
    void decode_record(std::string_view raw);
    [[nodiscard]] std::string_view reason_against(std::string_view raw);
    [[nodiscard]] std::string_view text_of(const Field& field);

    RecordWriter writer_;
    FieldTable table_;
    std::size_t record_bytes_;
    std::shared_ptr<const CsvHeader> header_;
    std::vector<const FieldTable::Entry*> columns_;  ///< of the file, null where nobody reads them
    Record record_;
    bool clean_{true};  ///< no invalid UTF-8 and no NUL in the block
    std::string too_long_;
    std::string wrong_count_;
};

void CsvDecoder::read_header(const std::shared_ptr<const CsvHeader>& header) {
    if (header == header_) {
        return;
    }
    header_ = header;
    columns_.clear();
    for (std::string name : header ? *header : CsvHeader{}) {
        const std::size_t size = name.size();
        name.append(kBlockPadding, '\0');
        const auto* const entry = table_.find(FieldTable::kRoot, std::string_view(name).substr(0, size));
        columns_.push_back(entry != nullptr && !entry->slots.empty() ? entry : nullptr);
    }
}

void CsvDecoder::decode(Batch& batch, const Block& block) {
    std::string_view text = block.text();
    read_header(block.csv_header);
    clean_ = simdjson::validate_utf8(text.data(), text.size()) && text.find('\0') == std::string_view::npos;
    writer_.begin_batch(batch);
    std::uint64_t line = block.first_line;
    while (!text.empty()) {
        scan_record(text, record_);
        if (record_.open) {
            // Only the line is given up, or one quote would hide all the records behind it.
            record_.length = std::min(text.find('\n'), text.size() - 1) + 1;
        }
        const std::string_view whole = text.substr(0, record_.length);
        const std::string_view raw = without_line_end(whole);
        if (raw.find_first_not_of(" \t") != std::string_view::npos) {
            writer_.begin_record(raw, line);
            decode_record(raw);
        }
        line += static_cast<std::uint64_t>(std::count(whole.begin(), whole.end(), '\n'));
        text.remove_prefix(record_.length);
    }
    writer_.end_batch();
}

void CsvDecoder::decode_record(std::string_view raw) {
    const std::string_view reason = reason_against(raw);
    if (!reason.empty()) {
        writer_.give_up(reason);
        return;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i] == nullptr) {
            continue;
        }
        const std::string_view text = text_of(record_.fields[i]);
        if (text.empty()) {
            writer_.put_null(columns_[i]->slots);
        } else {
            writer_.put_text(columns_[i]->slots, text);
        }
    }
    writer_.end_record();
}

/// Why the record cannot be read, or nothing.
std::string_view CsvDecoder::reason_against(std::string_view raw) {
    if (raw.size() > record_bytes_) {
        too_long_ = "longer than " + std::to_string(record_bytes_) + " bytes";
        return too_long_;
    }
    if (record_.open) {
        return "a quote is not closed";
    }
    if (!clean_ && !simdjson::validate_utf8(raw.data(), raw.size())) {
        return "invalid UTF-8";
    }
    if (!clean_ && raw.find('\0') != std::string_view::npos) {
        return "a NUL byte";
    }
    if (std::any_of(record_.fields.begin(), record_.fields.end(), [](const Field& field) { return field.malformed; })) {
        return "text behind a closing quote";
    }
    if (record_.fields.size() != columns_.size()) {
        wrong_count_ =
            "it has " + std::to_string(record_.fields.size()) + " fields, the header " + std::to_string(columns_.size());
        return wrong_count_;
    }
    return {};
}

std::string_view CsvDecoder::text_of(const Field& field) {
    if (!field.doubled) {
        return field.text;
    }
    char* const out = writer_.batch().allocate(field.text.size());
    return {out, undouble(field.text, out)};
}

}  // namespace

std::optional<std::size_t> csv_record_length(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size()) {
        const Field field = scan_field(text.substr(length));
        length += field.length;
        if (!field.closed || length == text.size()) {
            return std::nullopt;
        }
        if (text[length++] == '\n') {
            return length;
        }
    }
    return std::nullopt;
}

CsvHeader parse_csv_header(std::string_view line) {
    if (line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
    }
    Record record;
    scan_record(line, record);
    CsvHeader header;
    for (const Field& field : record.fields) {
        std::string name(field.text.size(), '\0');
        name.resize(undouble(field.text, name.data()));
        header.push_back(field.doubled ? std::move(name) : std::string(field.text));
    }
    return header;
}

std::unique_ptr<RecordDecoder> make_csv_decoder(Projection projection, const Limits& limits) {
    return std::make_unique<CsvDecoder>(std::move(projection), limits);
}

}  // namespace tocsin::event
