#include <tocsin/event/batch.hpp>

#include <algorithm>
#include <utility>

namespace tocsin::event {

namespace {
constexpr std::size_t kChunkBytes = 64U << 10;
}

Value Column::value(std::size_t row) const {
    if (is_null(row)) {
        return {};
    }
    switch (type_) {
        case Type::null: return {};
        case Type::boolean: return Value::of_bool(integers_[row] != 0);
        case Type::integer: return Value::of_int(integers_[row]);
        case Type::floating: return Value::of_float(floats_[row]);
        case Type::string: return Value::of_string(strings_[row]);
        case Type::time: return Value::of_time(EventTime(integers_[row]));
        case Type::duration: return Value::of_duration(Duration(integers_[row]));
        case Type::ip: return Value::of_ip(ips_[row]);
    }
    return {};
}

void Column::append_null() { resize(size() + 1); }

void Column::append(const Value& value) {
    append_null();
    set(size() - 1, value);
}

void Column::set(std::size_t row, const Value& value) {
    if (value.is_null()) {
        set_null(row);
        return;
    }
    switch (type_) {
        case Type::null: return;
        case Type::floating: set_float(row, value.as_float()); return;
        case Type::string: set_string(row, value.as_string()); return;
        case Type::ip: set_ip(row, value.as_ip()); return;
        default: set_integer(row, value.as_int());
    }
}

void Column::resize(std::size_t rows) {
    valid_.resize(rows);
    switch (type_) {
        case Type::null: return;
        case Type::floating: floats_.resize(rows); return;
        case Type::string: strings_.resize(rows); return;
        case Type::ip: ips_.resize(rows); return;
        default: integers_.resize(rows);
    }
}

Batch::Batch(InputId input, const Projection& projection) : input_(input) {
    columns_.reserve(projection.size());
    for (const ColumnSpec& spec : projection) {
        columns_.emplace_back(spec.type);
    }
}

std::string_view Batch::keep(std::string bytes) { return owned_.emplace_back(std::move(bytes)); }

void Batch::keep(std::shared_ptr<const std::string> bytes) { shared_.push_back(std::move(bytes)); }

char* Batch::allocate(std::size_t size) {
    if (chunks_.empty() || chunks_.back().size - chunks_.back().used < size) {
        const std::size_t room = std::max(size, kChunkBytes);
        chunks_.push_back({std::make_unique_for_overwrite<char[]>(room), room, 0});
    }
    Chunk& chunk = chunks_.back();
    char* const place = chunk.bytes.get() + chunk.used;
    chunk.used += size;
    return place;
}

}  // namespace tocsin::event
