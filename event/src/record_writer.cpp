#include <algorithm>

#include "fields.hpp"
#include "record_decoder.hpp"

namespace tocsin::event {
namespace {

constexpr std::string_view kDefaultPartition = "0";
constexpr std::size_t kFewestRows = 64;

const std::vector<std::vector<std::string>>& header_paths() {
    static const std::vector<std::vector<std::string>> kPaths{
        {"$stream"},
        {"$partition"},
        {"$offset"},
        {"$op"},
        {"type"},
        {"$watermark"},
        {"$watermark", "stream"},
        {"$watermark", "partition"},
        {"$watermark", "ts"},
        {"$idle"},
        {"$idle", "stream"},
        {"$idle", "partition"},
    };
    return kPaths;
}

std::string_view reason_of(HeaderField field) {
    switch (field) {
        case HeaderField::stream: return "$stream is not a string";
        case HeaderField::partition: return "$partition is neither a string nor a number";
        case HeaderField::offset: return "$offset is not a whole number from 0";
        case HeaderField::op: return "$op is not insert, update or delete";
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
    room_ = std::max(kFewestRows, last_rows_ + last_rows_ / 8);
    batch.headers().reserve(room_);
    for (Column& column : batch.columns()) {
        column.resize(room_);
    }
}

void RecordWriter::end_batch() {
    for (Column& column : batch_->columns()) {
        column.resize(row_);
    }
    last_rows_ = row_;
    batch_ = nullptr;
}

void RecordWriter::begin_record(std::string_view raw, std::uint64_t line) {
    if (row_ == room_) {
        room_ *= 2;
        for (Column& column : batch_->columns()) {
            column.resize(room_);
        }
    }
    ++record_;
    refused_ = {};
    header_ = &batch_->headers().emplace_back();
    header_->partition = kDefaultPartition;
    header_->offset = line;
    header_->line = line;
    header_->raw = raw;
}

void RecordWriter::end_record() {
    if (header_->kind != RecordKind::event) {
        make_control_record();
    }
    if (!refused_.empty()) [[unlikely]] {
        give_up(refused_);
        return;
    }
    ++row_;
}

void RecordWriter::give_up(std::string_view reason) {
    clear_row();
    batch_->errors().push_back({header_->line, std::string(reason)});
    batch_->headers().pop_back();
}

void RecordWriter::make_control_record() {
    const bool watermark = header_->kind == RecordKind::watermark;
    const Control& control = watermark ? watermark_ : idle_;
    header_->stream = control.stream;
    header_->partition = control.partition;
    header_->time = control.time;
    clear_row();
    if (watermark && !control.has_time) {
        refuse(HeaderField::watermark_ts);
    }
}

/// The row is not that of a record with fields after all.
void RecordWriter::clear_row() {
    while (!batch_->mistyped().empty() && batch_->mistyped().back().row == row_) {
        batch_->mistyped().pop_back();
    }
    for (Column& column : batch_->columns()) {
        column.set_null(row_);
    }
}

void RecordWriter::refuse(HeaderField field) {
    if (refused_.empty()) {
        refused_ = reason_of(field);
    }
}

void RecordWriter::put_null(Slots slots) {
    for (const std::uint32_t slot : slots) {
        static_cast<void>(take(slot));
    }
}

void RecordWriter::put_string(Slots slots, std::string_view text) {
    for (const std::uint32_t slot : slots) {
        if (!take(slot)) {
            continue;
        }
        if (is_column(slot)) {
            Column& column = batch_->columns()[slot];
            if (column.type() == Type::string) {
                column.set_string(row_, text);
                continue;
            }
            note(slot, store_string(column, projection_[slot], row_, text));
        } else {
            put_header_string(header_field(slot), text);
        }
    }
}

void RecordWriter::put_number(Slots slots, const Decimal& number, std::string_view text) {
    for (const std::uint32_t slot : slots) {
        if (!take(slot)) {
            continue;
        }
        if (is_column(slot)) {
            note(slot, store_number(batch_->columns()[slot], projection_[slot], row_, number, text));
        } else {
            put_header_number(header_field(slot), number, text);
        }
    }
}

void RecordWriter::put_bool(Slots slots, bool value) {
    for (const std::uint32_t slot : slots) {
        if (!take(slot)) {
            continue;
        }
        if (is_column(slot)) {
            note(slot, store_bool(batch_->columns()[slot], projection_[slot], row_, value));
        } else if (header_field(slot) != HeaderField::type) {
            refuse(header_field(slot));
        }
    }
}

void RecordWriter::put_text(Slots slots, std::string_view text) {
    for (const std::uint32_t slot : slots) {
        if (!take(slot)) {
            continue;
        }
        if (is_column(slot)) {
            note(slot, store_text(batch_->columns()[slot], projection_[slot], row_, text));
        } else {
            put_header_text(header_field(slot), text);
        }
    }
}

void RecordWriter::put_container(Slots slots, bool object) {
    for (const std::uint32_t slot : slots) {
        if (!take(slot)) {
            continue;
        }
        const HeaderField field = header_field(slot);
        if (is_column(slot)) {
            note(slot, false);
        } else if (object && field == HeaderField::watermark) {
            header_->kind = RecordKind::watermark;
            watermark_ = {{}, kDefaultPartition, {}, false};
        } else if (object && field == HeaderField::idle) {
            header_->kind = header_->kind == RecordKind::event ? RecordKind::idle : header_->kind;
            idle_ = {{}, kDefaultPartition, {}, false};
        } else if (field != HeaderField::type) {
            refuse(field);
        }
    }
}

void RecordWriter::put_header_string(HeaderField field, std::string_view text) {
    switch (field) {
        case HeaderField::stream: header_->stream = text; return;
        case HeaderField::partition: header_->partition = text; return;
        case HeaderField::type: header_->type = text; return;
        case HeaderField::op:
            header_->deletes = text == "delete";
            if (!header_->deletes && text != "insert" && text != "update") {
                refuse(field);
            }
            return;
        case HeaderField::watermark_stream: watermark_.stream = text; return;
        case HeaderField::watermark_partition: watermark_.partition = text; return;
        case HeaderField::idle_stream: idle_.stream = text; return;
        case HeaderField::idle_partition: idle_.partition = text; return;
        case HeaderField::watermark_ts:
            if (const auto time = parse_rfc3339(text)) {
                watermark_.time = *time;
                watermark_.has_time = true;
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
            header_->offset = static_cast<std::uint64_t>(*offset);
            header_->offset_given = true;
            return;
        }
        case HeaderField::watermark_ts:
            if (const auto time = epoch_time(number, TimeUnit::ms)) {
                watermark_.time = *time;
                watermark_.has_time = true;
            }
            return;
        default: refuse(field);
    }
}

void RecordWriter::put_header_text(HeaderField field, std::string_view text) {
    Decimal number;
    if (field == HeaderField::offset && scan_plain_number(text, number)) {
        put_header_number(field, number, text);
    } else {
        put_header_string(field, text);
    }
}

}  // namespace tocsin::event
