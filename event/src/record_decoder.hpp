#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tocsin/base/limits.hpp>
#include <tocsin/event/batch.hpp>
#include <tocsin/event/decode.hpp>

#include "field_table.hpp"
#include "number.hpp"

namespace tocsin::event {

/// What every record may say of itself besides the projected fields; its slots follow those of the columns.
enum class HeaderField : std::uint32_t {
    stream,
    partition,
    offset,
    op,
    type,
    watermark,
    watermark_stream,
    watermark_partition,
    watermark_ts,
    idle,
    idle_stream,
    idle_partition,
};

/// The projection's paths, then those of the header fields in the order of the enum.
[[nodiscard]] std::vector<std::vector<std::string>> slot_paths(const Projection& projection);

/// Puts the fields of one record after the other into a batch, whatever the format they are read from.
/// The order of calls: begin_batch, { begin_record, { put_* }, ( end_record | give_up ) }, end_batch.
class RecordWriter {
public:
    explicit RecordWriter(Projection projection) : projection_(std::move(projection)), taken_(slots()) {}

    [[nodiscard]] std::size_t slots() const;
    [[nodiscard]] const Projection& projection() const { return projection_; }
    [[nodiscard]] Batch& batch() { return *batch_; }
    /// The bytes of the record under way.
    [[nodiscard]] std::string_view raw() const { return header_->raw; }

    void begin_batch(Batch& batch);
    void end_batch();
    void begin_record(std::string_view raw, std::uint64_t line);
    /// Makes the record a row, unless it turns out to be unreadable.
    void end_record();
    /// Makes the record an error.
    void give_up(std::string_view reason);

    using Slots = std::span<const std::uint32_t>;

    // Each puts a value into those of the slots that are free. The views must live as long as the batch.
    void put_null(Slots slots);
    void put_string(Slots slots, std::string_view text);
    void put_number(Slots slots, const Decimal& number, std::string_view text);
    void put_bool(Slots slots, bool value);
    /// A field without a type of its own, of CSV.
    void put_text(Slots slots, std::string_view text);
    /// An object or array; `object` for a watermark or idle record is what it must be.
    void put_container(Slots slots, bool object);

private:
    [[nodiscard]] bool is_column(std::uint32_t slot) const { return slot < projection_.size(); }
    [[nodiscard]] HeaderField header_field(std::uint32_t slot) const {
        return HeaderField{slot - static_cast<std::uint32_t>(projection_.size())};
    }
    /// Whether the slot has no field yet in this record; takes it. The first field counts, also if it is null.
    [[nodiscard]] bool take(std::uint32_t slot) {
        const bool first = taken_[slot] != record_;
        taken_[slot] = record_;
        return first;
    }
    void note(std::uint32_t slot, bool fits) {
        if (!fits) {
            batch_->mistyped().push_back({static_cast<std::uint32_t>(row_), ColumnId{slot}});
        }
    }
    void put_header_string(HeaderField field, std::string_view text);
    void put_header_number(HeaderField field, const Decimal& number, std::string_view text);
    void put_header_text(HeaderField field, std::string_view text);
    void refuse(HeaderField field);
    void make_control_record();
    void clear_row();

    /// What a watermark or idle object says, until the record is complete.
    struct Control {
        std::string_view stream;
        std::string_view partition;
        EventTime time;
        bool has_time{false};
    };

    Projection projection_;
    Batch* batch_{nullptr};
    RecordHeader* header_{nullptr};  ///< of the record under way, the last of the batch
    Control watermark_;
    Control idle_;
    std::string_view refused_;  ///< why the header fields make the record unreadable
    std::vector<std::uint64_t> taken_;  ///< by slot: the last record that had it
    std::uint64_t record_{0};
    std::size_t row_{0};
    std::size_t room_{0};  ///< rows that the columns have
    std::size_t last_rows_{0};  ///< of the batch before: how many to expect
};

/// Decodes the blocks of one format.
class RecordDecoder {
public:
    virtual ~RecordDecoder() = default;
    virtual void decode(Batch& batch, const Block& block) = 0;
};

[[nodiscard]] std::unique_ptr<RecordDecoder> make_ndjson_decoder(Projection projection, const Limits& limits);
[[nodiscard]] std::unique_ptr<RecordDecoder> make_csv_decoder(Projection projection, const Limits& limits);

}  // namespace tocsin::event
