#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <tocsin/event/csv.hpp>
#include <tocsin/event/decode.hpp>

namespace tocsin::test {

/// A column from how a declaration writes it: `pid: int`, `a.x: float`, `ts: time s`.
inline event::ColumnSpec column(std::string_view text) {
    event::ColumnSpec spec;
    const std::size_t colon = text.find(": ");
    std::string_view path = text.substr(0, colon);
    std::string_view type = text.substr(colon + 2);
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        spec.path.emplace_back(path.substr(0, dot));
        path.remove_prefix(dot + 1);
    }
    spec.path.emplace_back(path);
    const std::size_t blank = type.find(' ');
    if (blank != std::string_view::npos) {
        const std::map<std::string_view, TimeUnit> units{
            {"s", TimeUnit::s}, {"ms", TimeUnit::ms}, {"us", TimeUnit::us}, {"ns", TimeUnit::ns}};
        spec.unit = units.at(type.substr(blank + 1));
        type = type.substr(0, blank);
    }
    spec.type = event::type_from_name(type).value();
    return spec;
}

inline event::Projection columns(std::initializer_list<std::string_view> texts) {
    event::Projection projection;
    for (const std::string_view text : texts) {
        projection.push_back(column(text));
    }
    return projection;
}

/// A batch as text, in order of lines: `LINE: VALUE VALUE`, `LINE! REASON`, and last `mistyped COUNT` if there are any.
inline std::string as_text(const event::Batch& batch) {
    std::map<std::uint64_t, std::string> lines;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string text = ":";
        for (std::uint32_t i = 0; i < const_cast<event::Batch&>(batch).columns().size(); ++i) {
            text += ' ';
            event::append_json(text, batch.column(event::ColumnId{i}).value(row));
        }
        lines[batch.header(row).line] = text;
    }
    for (const event::RecordError& error : batch.errors()) {
        lines[error.line] = "! " + error.reason;
    }
    std::string out;
    for (const auto& [line, text] : lines) {
        out += std::to_string(line) + text + "\n";
    }
    if (batch.mistyped().size() > 0) {
        out += "mistyped " + std::to_string(batch.mistyped().size()) + "\n";
    }
    return out;
}

inline std::string decode_ndjson(event::Projection projection, std::string_view text, const Limits& limits = {}) {
    event::Decoder decoder(event::Format::ndjson, std::move(projection), limits);
    return as_text(decoder.decode(event::InputId{0}, event::make_block(std::string(text), 1)));
}

/// The first record of `text` is the header.
inline std::string decode_csv(event::Projection projection, std::string_view text, const Limits& limits = {}) {
    const std::size_t header = event::csv_record_length(text).value_or(text.size());
    event::Block block = event::make_block(std::string(text.substr(header)), 2);
    block.csv_header = std::make_shared<const event::CsvHeader>(event::parse_csv_header(text.substr(0, header)));
    event::Decoder decoder(event::Format::csv, std::move(projection), limits);
    return as_text(decoder.decode(event::InputId{0}, block));
}

}  // namespace tocsin::test
