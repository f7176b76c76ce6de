#include <algorithm>

#include "fields.hpp"
#include "record_decoder.hpp"

namespace tocsin::event {
namespace {

constexpr std::string_view kDefaultPartition = "0";
constexpr std::size_t kFirstRoom = 256;

const std::vector<std::vector<std::string>>& header_paths() {
    static const std::vector<std::vector<std::string>> kPaths{
        {"$stream"},    {"$partition"}, {"$offset"},
        {"type"},       {"$watermark"}, {"$watermark", "stream"},
        {"$watermark", "partition"},    {"$watermark", "ts"},
        {"$idle"},      {"$idle", "stream"},
        {"$idle", "partition"},
    };
    return kPaths;
}

std::string_view reason_of(HeaderField field) {
    switch (field) {
        case HeaderField::stream: return "$stream is not a string";
        case HeaderField::partition: return "$partition is neither a string nor a number";
        case HeaderField::offset: return "$offset is not a whole number from 0";
        case HeaderField::type: return "type is not a string";
        case HeaderField::watermark: return "$watermark is not an object";
        case HeaderField::watermark_stream: return "the stream of $watermark is not a string";
        case HeaderField::watermark_partition: return "the partition of $watermark is neither a string nor a number";
        case HeaderField::watermark_ts: return "the ts of $watermark is neither RFC 3339 nor epoch milliseconds";
        case HeaderField::idle: return "$idle is not an object";
        case HeaderField::idle_stream: return "the stream of $idle is not a string";
        case HeaderField::idle_partition: return "the partition of $idle is neither a string nor a number";
    }
    return {};
}

}  // namespace

std::vector<std::vector<std::string>> slot_paths(const Projection& projection) {
    std::vector<std::vector<std::string>> paths;
    for (const ColumnSpec& spec : projection) {
        paths.push_back(spec.path);
    }
    paths.insert(paths.end(), header_paths().begin(), header_paths().end());
    return paths;
}

std::size_t RecordWriter::slots() const { return projection_.size() + header_paths().size(); }

void RecordWriter::begin_batch(Batch& batch) {
    batch_ = &batch;
    row_ = 0;
    room_ = 0;
}

void RecordWriter::end_batch() {
    for (Column& column : batch_->columns()) {
        column.resize(row_);
    }
    batch_ = nullptr;
}

void RecordWriter::begin_record(std::string_view raw, std::uint64_t line) {
    if (row_ == room_) {
        room_ = std::max(kFirstRoom, 2 * room_);
        for (Column& column : batch_->columns()) {
            column.resize(room_);
        }
    }
    ++record_;
    mistyped_ = 0;
    refused_ = {};
    watermark_has_time_ = false;
    header_ = RecordHeader{};
    header_.partition = kDefaultPartition;
    header_.line = line;
    header_.raw = raw;
    watermark_ = header_;
    idle_ = header_;
}

void RecordWriter::end_record() {
    const auto taken = [&](HeaderField field) {
        return taken_[projection_.size() + static_cast<std::size_t>(field)] == record_;
    };
    const bool watermark = taken(HeaderField::watermark);
    if (watermark || taken(HeaderField::idle)) {
        make_control_record();
    }
    if (!refused_.empty()) {
        give_up(refused_);
        return;
    }
    if (!header_.offset_given) {
        header_.offset = header_.line;
    }
    batch_->add_mistyped_fields(mistyped_);
    batch_->headers().push_back(header_);
    ++row_;
}

void RecordWriter::make_control_record() {
    const std::size_t first = projection_.size();
    const bool watermark = taken_[first + static_cast<std::size_t>(HeaderField::watermark)] == record_;
    const RecordHeader& control = watermark ? watermark_ : idle_;
    header_.kind = watermark ? RecordKind::watermark : RecordKind::idle;
    header_.stream = control.stream;
    header_.partition = control.partition;
    header_.time = control.time;
    mistyped_ = 0;
    clear_row();
    if (watermark && !watermark_has_time_) {
        refuse(HeaderField::watermark_ts);
    }
}

void RecordWriter::clear_row() {
    for (Column& column : batch_->columns()) {
        column.set_null(row_);
    }
}

void RecordWriter::give_up(std::string_view reason) {
    clear_row();
    batch_->errors().push_back({header_.line, std::string(reason)});
}

void RecordWriter::refuse(HeaderField field) {
    if (refused_.empty()) {
        refused_ = reason_of(field);
    }
}

void RecordWriter::put_string(std::uint32_t slot, std::string_view text) {
    if (!take(slot)) {
        return;
    }
    if (is_column(slot)) {
        mistyped(store_string(batch_->columns()[slot], projection_[slot], row_, text));
    } else {
        put_header_string(HeaderField{slot - static_cast<std::uint32_t>(projection_.size())}, text);
    }
}

void RecordWriter::put_number(std::uint32_t slot, const Decimal& number, std::string_view text) {
    if (!take(slot)) {
        return;
    }
    if (is_column(slot)) {
        mistyped(store_number(batch_->columns()[slot], projection_[slot], row_, number, text));
    } else {
        put_header_number(HeaderField{slot - static_cast<std::uint32_t>(projection_.size())}, number, text);
    }
}

void RecordWriter::put_bool(std::uint32_t slot, bool value) {
    if (!take(slot)) {
        return;
    }
    if (is_column(slot)) {
        mistyped(store_bool(batch_->columns()[slot], projection_[slot], row_, value));
    } else if (slot != projection_.size() + static_cast<std::size_t>(HeaderField::type)) {
        refuse(HeaderField{slot - static_cast<std::uint32_t>(projection_.size())});
    }
}

void RecordWriter::put_text(std::uint32_t slot, std::string_view text) {
    Decimal number;
    if (is_column(slot)) {
        if (take(slot)) {
            mistyped(store_text(batch_->columns()[slot], projection_[slot], row_, text));
        }
    } else if (slot == projection_.size() + static_cast<std::size_t>(HeaderField::offset) &&
               scan_plain_number(text, number)) {
        put_number(slot, number, text);
    } else {
        put_string(slot, text);
    }
}

void RecordWriter::put_container(std::uint32_t slot, bool object) {
    if (!take(slot)) {
        return;
    }
    if (is_column(slot)) {
        mistyped(false);
        return;
    }
    const HeaderField field{slot - static_cast<std::uint32_t>(projection_.size())};
    const bool control = field == HeaderField::watermark || field == HeaderField::idle;
    if (field != HeaderField::type && !(control && object)) {
        refuse(field);
    }
}

void RecordWriter::put_header_string(HeaderField field, std::string_view text) {
    switch (field) {
        case HeaderField::stream: header_.stream = text; return;
        case HeaderField::partition: header_.partition = text; return;
        case HeaderField::type: header_.type = text; return;
        case HeaderField::watermark_stream: watermark_.stream = text; return;
        case HeaderField::watermark_partition: watermark_.partition = text; return;
        case HeaderField::idle_stream: idle_.stream = text; return;
        case HeaderField::idle_partition: idle_.partition = text; return;
        case HeaderField::watermark_ts:
            if (const auto time = parse_rfc3339(text)) {
                watermark_.time = *time;
                watermark_has_time_ = true;
            }
            return;
        case HeaderField::offset:
        case HeaderField::watermark:
        case HeaderField::idle: refuse(field); return;
    }
}

void RecordWriter::put_header_number(HeaderField field, const Decimal& number, std::string_view text) {
    switch (field) {
        case HeaderField::partition:
        case HeaderField::watermark_partition:
        case HeaderField::idle_partition: put_header_string(field, text); return;
        case HeaderField::type: return;
        case HeaderField::offset: {
            const auto offset = to_int64(number);
            if (!offset || *offset < 0) {
                refuse(field);
                return;
            }
            header_.offset = static_cast<std::uint64_t>(*offset);
            header_.offset_given = true;
            return;
        }
        case HeaderField::watermark_ts:
            if (const auto time = epoch_time(number, TimeUnit::ms)) {
                watermark_.time = *time;
                watermark_has_time_ = true;
            }
            return;
        default: refuse(field);
    }
}

}  // namespace tocsin::event
