#include "envelope.hpp"

#include <utility>

#include "fields.hpp"

namespace tocsin::event {
namespace {

const std::vector<std::string> kSentTime{"ts_ms"};
/// How an envelope writes its times.
const ColumnSpec kEnvelopeTime{kSentTime, Type::time, TimeUnit::ms};

std::vector<std::string> behind(std::vector<std::string> head, const std::vector<std::string>& path) {
    head.insert(head.end(), path.begin(), path.end());
    return head;
}

}  // namespace

Envelope::Envelope(const Projection& projection) {
    for (std::uint32_t c = 0; c < projection.size(); ++c) {
        const ColumnSpec& spec = projection[c];
        if (spec.of == ColumnSpec::Of::record) {
            continue;
        }
        const auto field = static_cast<std::uint32_t>(fields_.size());
        const bool outside = spec.path.front() == "source" || spec.path == kSentTime;
        fields_.push_back({ColumnId{c}, spec, outside, std::vector<Column>(3, Column(spec.type)), std::vector<bool>(3, false)});
        for (Column& side : fields_.back().sides) {
            side.resize(1);
        }
        for (const auto& head : {std::vector<std::string>{}, std::vector<std::string>{"payload"}}) {
            add(behind(behind(head, {"after"}), spec.path), {Kind::field, Side::after, field});
            if (spec.of == ColumnSpec::Of::row_time) {
                add(behind(head, {"source", "ts_ms"}), {Kind::field, Side::before, field});
                add(behind(head, kSentTime), {Kind::field, Side::around, field});
            } else {
                add(behind(behind(head, {"before"}), spec.path), {Kind::field, Side::before, field});
            }
        }
        if (outside && spec.of == ColumnSpec::Of::row) {
            add(behind({"payload"}, spec.path), {Kind::field, Side::around, field});
        }
    }
    if (fields_.empty()) {
        return;
    }
    for (const auto& head : {std::vector<std::string>{}, std::vector<std::string>{"payload"}}) {
        add(behind(head, {"op"}), {Kind::op});
        add(behind(head, {"before"}), {Kind::before});
        add(behind(head, {"after"}), {Kind::after});
        add(behind(head, {"source", "table"}), {Kind::table});
    }
}

void Envelope::add(std::vector<std::string> path, Slot slot) {
    paths_.push_back(std::move(path));
    slots_.push_back(slot);
}

const ColumnSpec& Envelope::spec(const Slot& slot) const {
    const ColumnSpec& own = fields_[slot.field].spec;
    return own.of == ColumnSpec::Of::row_time && slot.side != Side::after ? kEnvelopeTime : own;
}

void Envelope::begin_record() {
    if (!std::exchange(touched_, false)) {
        return;
    }
    op_ = {};
    table_ = {};
    before_ = Found::no;
    after_ = Found::no;
    for (Field& field : fields_) {
        for (Column& side : field.sides) {
            side.set_null(0);
        }
        field.mistyped.assign(field.mistyped.size(), false);
    }
}

void Envelope::note(const Slot& slot, bool fits) { fields_[slot.field].mistyped[static_cast<std::size_t>(slot.side)] = !fits; }

void Envelope::put_null(std::uint32_t slot) {
    touched_ = true;
    if (slots_[slot].kind == Kind::before) {
        before_ = Found::null;
    } else if (slots_[slot].kind == Kind::after) {
        after_ = Found::null;
    }
}

void Envelope::put_string(std::uint32_t at, std::string_view text) {
    touched_ = true;
    const Slot& slot = slots_[at];
    switch (slot.kind) {
        case Kind::op: op_ = text; return;
        case Kind::table: table_ = text; return;
        case Kind::field: {
            Column& to = column(slot);
            if (to.type() == Type::string) {
                to.set_string(0, text);
            } else {
                note(slot, store_string(to, spec(slot), 0, text));
            }
            return;
        }
        case Kind::before:
        case Kind::after: return;
    }
}

void Envelope::put_number(std::uint32_t at, const Decimal& number, std::string_view text) {
    touched_ = true;
    const Slot& slot = slots_[at];
    if (slot.kind == Kind::field) {
        note(slot, store_number(column(slot), spec(slot), 0, number, text));
    }
}

void Envelope::put_bool(std::uint32_t at, bool value) {
    touched_ = true;
    const Slot& slot = slots_[at];
    if (slot.kind == Kind::field) {
        note(slot, store_bool(column(slot), spec(slot), 0, value));
    }
}

void Envelope::put_container(std::uint32_t at, bool object) {
    touched_ = true;
    const Slot& slot = slots_[at];
    if (slot.kind == Kind::field) {
        note(slot, false);
    } else if (object && slot.kind == Kind::before) {
        before_ = Found::object;
    } else if (object && slot.kind == Kind::after) {
        after_ = Found::object;
    }
}

void Envelope::finish(Batch& batch, RecordHeader& header, std::size_t row) {
    if (!touched_ || op_.empty() || (before_ == Found::no && after_ == Found::no)) {
        return;
    }
    header.deletes = op_ == "d" || (after_ != Found::object && before_ == Found::object);
    if (header.type.empty()) {
        header.type = table_;
    }
    for (Field& field : fields_) {
        const bool is_time = field.spec.of == ColumnSpec::Of::row_time;
        is_time ? move_time(field, header.deletes, batch, row) : move_field(field, header.deletes, batch, row);
    }
}

/// The field of the row; what is not there may stand around it.
void Envelope::move_field(Field& field, bool deletes, Batch& batch, std::size_t row) {
    const Side side = deletes ? Side::before : Side::after;
    Value value = field[side].value(0);
    if (field.outside && value.is_null()) {
        value = field[Side::around].value(0);
        if (value.is_null()) {
            return;  // what stands on top is in the column already
        }
    }
    batch.columns()[static_cast<std::size_t>(field.column)].set(row, value);
    if (field.mistyped[static_cast<std::size_t>(side)]) {
        batch.mistyped().push_back({static_cast<std::uint32_t>(row), field.column});
    }
}

/// The row's own time, if it has one and was not deleted: what it was last changed at is not when it went. Else the database's,
/// which says 0 where it does not know; else that of the envelope.
void Envelope::move_time(Field& field, bool deletes, Batch& batch, std::size_t row) {
    Value time = deletes ? Value() : field[Side::after].value(0);
    if (time.is_null()) {
        const Value source = field[Side::before].value(0);
        time = source.is_null() || source.as_time() == EventTime() ? field[Side::around].value(0) : source;
    }
    batch.columns()[static_cast<std::size_t>(field.column)].set(row, time);
}

}  // namespace tocsin::event
