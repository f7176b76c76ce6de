#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/event/batch.hpp>

namespace tocsin::event {

enum class Format : std::uint8_t { ndjson, csv };

/// A run of whole lines of one input.
struct Block {
    std::shared_ptr<const std::string> bytes;  ///< the decoder may read simdjson's padding behind the text; see make_block
    std::size_t size{0};  ///< bytes of text; bytes->size() is larger by the padding
    std::uint64_t first_line{1};
    std::shared_ptr<const CsvHeader> csv_header;  ///< for Format::csv
    std::size_t begin{0};  ///< where in `bytes` the text starts: blocks may share one buffer

    [[nodiscard]] std::string_view text() const { return std::string_view(*bytes).substr(begin, size); }
};
/// Adds the padding that the decoder needs.
[[nodiscard]] Block make_block(std::string text, std::uint64_t first_line);
/// Bytes that must be readable behind a block's text.
inline constexpr std::size_t kBlockPadding = 64;

/// Turns blocks into batches, reading only the fields of the projection. One per thread; thread-compatible.
///
/// A record that cannot be read is an entry in Batch::errors(), never a row. What each odd input gives is listed in
/// docs/records.md: a blank line is skipped, a BOM before the first line is ignored, CRLF counts as a line end,
/// a number that does not fit its field's type (or is out of range) makes that field null and is noted,
/// of duplicate keys the first counts, invalid UTF-8 makes the record unreadable.
class Decoder {
public:
    Decoder(Format format, Projection projection, const Limits& limits);
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    [[nodiscard]] Batch decode(InputId input, const Block& block);
    /// One record, for example an alert's event with all the fields of its stream; `csv_header` only for CSV.
    [[nodiscard]] Batch decode_record(InputId input, std::string_view raw, std::shared_ptr<const CsvHeader> csv_header);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::event
