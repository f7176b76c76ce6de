#include "made_streams.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tocsin::engine {

using Origin = plan::StreamPlan::Origin;

namespace {

/// A field of an object is written under its whole path, which the decoder reads as that field.
std::string raw_record(const plan::StreamPlan& stream, const MadeRow& row) {
    std::string text = "{";
    const auto add = [&](const std::vector<std::string>& path, const event::Value& value) {
        text += text.size() > 1 ? "," : "";
        event::append_json(text, event::Value::of_string(fmt::format("{}", fmt::join(path, "."))));
        text += ":";
        event::append_json(text, value);
    };
    for (std::size_t f = 0; f < stream.fields.size(); ++f) {
        if (!row.fields[f].view().is_null()) {
            add(stream.fields[f].path, row.fields[f].view());
        }
    }
    return text + "}";
}

void fill(event::Batch& batch, event::ColumnId id, std::size_t row, const event::Value& value) {
    event::Column& column = batch.columns()[static_cast<std::size_t>(id)];
    if (value.is_null()) {
        return;
    }
    switch (column.type()) {
        case event::Type::null: return;
        case event::Type::floating: column.set_float(row, value.to_double()); return;
        case event::Type::string: column.set_string(row, batch.keep(std::string(value.as_string()))); return;
        case event::Type::ip: column.set_ip(row, value.as_ip()); return;
        default: column.set_integer(row, value.as_int());
    }
}

}  // namespace

MadeStreams::MadeStreams(std::shared_ptr<const plan::Program> program, std::vector<Input>& inputs)
    : program_(std::move(program)) {
    for (const Origin origin : {Origin::changes, Origin::alerts}) {
        std::vector<plan::StreamId> streams;
        for (std::size_t s = 0; s < program_->streams.size(); ++s) {
            if (program_->streams[s].origin == origin) {
                streams.push_back(plan::StreamId{static_cast<std::uint32_t>(s)});
            }
        }
        std::sort(streams.begin(), streams.end(),
                  [&](plan::StreamId a, plan::StreamId b) { return (*program_)[a].maker < (*program_)[b].maker; });
        for (const plan::StreamId id : streams) {
            const plan::StreamPlan& stream = (*program_)[id];
            Made made{id, event::InputId{static_cast<std::uint32_t>(inputs.size())}, {}};
            for (std::size_t c = 0; c < program_->projection.size(); ++c) {
                const event::ColumnSpec& column = program_->projection[c];
                for (std::size_t f = 0; f < stream.fields.size(); ++f) {
                    if (stream.fields[f].path == column.path && stream.fields[f].type == column.type) {
                        made.filled.push_back({event::ColumnId{static_cast<std::uint32_t>(c)}, f});
                    }
                }
            }
            inputs.push_back({stream.name, event::Format::ndjson});
            made_.push_back(std::move(made));
        }
    }
}

const MadeStreams::Made& MadeStreams::made(plan::StreamId stream) const {
    const auto found = std::find_if(made_.begin(), made_.end(), [&](const Made& one) { return one.stream == stream; });
    assert(found != made_.end());
    return *found;
}

event::InputId MadeStreams::input(plan::StreamId stream) const { return made(stream).input; }

event::Batch MadeStreams::batch(plan::StreamId stream, const std::vector<MadeRow>& rows) const {
    const plan::StreamPlan& plan = (*program_)[stream];
    const Made& from = made(stream);
    event::Batch batch(from.input, program_->projection);
    for (const MadeRow& row : rows) {
        event::RecordHeader header;
        header.offset = row.offset;
        header.offset_given = true;
        header.partition = batch.keep(row.partition);
        header.raw = batch.keep(raw_record(plan, row));
        batch.headers().push_back(header);
    }
    for (std::size_t c = 0; c < batch.columns().size(); ++c) {
        event::Column& column = batch.columns()[c];
        column.resize(rows.size());
        if (event::ColumnId{static_cast<std::uint32_t>(c)} == plan.time) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                column.set_integer(r, rows[r].time.micros());
            }
        }
    }
    for (const Filled& filled : from.filled) {
        for (std::size_t r = 0; r < rows.size(); ++r) {
            fill(batch, filled.column, r, rows[r].fields[filled.field].view());
        }
    }
    return batch;
}

}  // namespace tocsin::engine
