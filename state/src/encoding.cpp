#include "encoding.hpp"

#include <fmt/format.h>

namespace tocsin::state {

namespace {

template <class Number>
void put_number(std::string& out, Number value) {
    for (std::size_t i = sizeof(Number); i-- > 0;) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
}

template <class Number>
Number number_of(std::string_view bytes) {
    Number value = 0;
    for (const char byte : bytes) {
        value = static_cast<Number>(value << 8) | static_cast<unsigned char>(byte);
    }
    return value;
}

bool decode_endpoint_key(std::string_view key, std::string& endpoint, std::uint64_t& sequence) {
    ByteReader reader(key);
    endpoint = reader.text();
    sequence = reader.u64();
    return reader.complete();
}

}  // namespace

void put_u32(std::string& out, std::uint32_t value) { put_number(out, value); }
void put_u64(std::string& out, std::uint64_t value) { put_number(out, value); }

void put_text(std::string& out, std::string_view text) {
    put_u64(out, text.size());
    out += text;
}

std::string_view ByteReader::take(std::size_t size) {
    if (!ok_ || rest_.size() < size) {
        ok_ = false;
        return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::uint32_t ByteReader::u32() { return number_of<std::uint32_t>(take(sizeof(std::uint32_t))); }
std::uint64_t ByteReader::u64() { return number_of<std::uint64_t>(take(sizeof(std::uint64_t))); }
std::string_view ByteReader::text() { return take(u64()); }

std::string sequence_key(std::uint64_t sequence) {
    std::string key;
    put_u64(key, sequence);
    return key;
}

std::string endpoint_prefix(std::string_view endpoint) {
    std::string key;
    put_text(key, endpoint);
    return key;
}

std::string endpoint_key(std::string_view endpoint, std::uint64_t sequence) {
    std::string key = endpoint_prefix(endpoint);
    put_u64(key, sequence);
    return key;
}

std::string shown_key(std::uint64_t alert, std::string_view op) {
    std::string key;
    put_u64(key, alert);
    key += op;
    return key;
}

std::string encode(const Chunk& chunk) {
    std::string value;
    value.reserve(chunk.lines.size() + chunk.input.size() + 32);
    put_u64(value, chunk.offset);
    put_u64(value, chunk.records);
    put_text(value, chunk.input);
    put_text(value, chunk.lines);
    return value;
}

bool decode(std::string_view key, std::string_view value, Chunk& chunk) {
    ByteReader of_key(key);
    chunk.sequence = of_key.u64();
    ByteReader reader(value);
    chunk.offset = reader.u64();
    chunk.records = reader.u64();
    chunk.input = reader.text();
    chunk.lines = reader.text();
    return of_key.complete() && reader.complete();
}

std::string encode(const OutboxRow& row) {
    std::string value;
    put_u64(value, row.alert);
    put_u32(value, row.ordinal);
    put_u32(value, row.shadow ? 1 : 0);
    put_text(value, row.op);
    put_text(value, row.rule);
    put_text(value, row.body);
    return value;
}

bool decode(std::string_view key, std::string_view value, OutboxRow& row) {
    ByteReader of_key(key);
    row.sequence = of_key.u64();
    ByteReader reader(value);
    row.alert = reader.u64();
    row.ordinal = reader.u32();
    row.shadow = reader.u32() != 0;
    row.op = reader.text();
    row.rule = reader.text();
    row.body = reader.text();
    return of_key.complete() && reader.complete();
}

std::string encode(const Position& position) {
    std::string value;
    put_u64(value, position.records);
    put_u64(value, position.rows);
    put_u64(value, position.alerts);
    put_u64(value, position.digest);
    put_text(value, position.rules);
    put_u32(value, static_cast<std::uint32_t>(position.inputs.size()));
    for (const auto& [input, offset] : position.inputs) {
        put_text(value, input);
        put_u64(value, offset);
    }
    return value;
}

bool decode(std::string_view value, Position& position) {
    ByteReader reader(value);
    position = {};
    position.records = reader.u64();
    position.rows = reader.u64();
    position.alerts = reader.u64();
    position.digest = reader.u64();
    position.rules = reader.text();
    for (std::uint32_t left = reader.u32(); reader.ok() && left > 0; --left) {
        std::string input(reader.text());
        position.inputs[std::move(input)] = reader.u64();
    }
    return reader.complete();
}

std::string encode(const Delivery& delivery) {
    std::string value;
    put_u32(value, delivery.tries);
    put_u64(value, static_cast<std::uint64_t>(delivery.due_ms));
    return value;
}

bool decode(std::string_view key, std::string_view value, Delivery& delivery) {
    ByteReader reader(value);
    delivery.tries = reader.u32();
    delivery.due_ms = static_cast<std::int64_t>(reader.u64());
    return decode_endpoint_key(key, delivery.endpoint, delivery.sequence) && reader.complete();
}

std::string encode(const DeadLetter& letter) {
    std::string value;
    put_u32(value, letter.tries);
    put_u64(value, static_cast<std::uint64_t>(letter.given_up_ms));
    put_text(value, letter.reason);
    return value;
}

bool decode(std::string_view key, std::string_view value, DeadLetter& letter) {
    ByteReader reader(value);
    letter.tries = reader.u32();
    letter.given_up_ms = static_cast<std::int64_t>(reader.u64());
    letter.reason = reader.text();
    return decode_endpoint_key(key, letter.endpoint, letter.sequence) && reader.complete();
}

std::string delivery_id(const OutboxRow& row) {
    return row.ordinal > 1 ? fmt::format("{:016x}.{}.{}", row.alert, row.op, row.ordinal)
                           : fmt::format("{:016x}.{}", row.alert, row.op);
}

}  // namespace tocsin::state
