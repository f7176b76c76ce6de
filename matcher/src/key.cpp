#include <tocsin/matcher/key.hpp>

#include <array>
#include <bit>
#include <cassert>
#include <cstring>

namespace tocsin::matcher {

using event::Type;
using event::Value;

namespace {

void append_word(std::string& out, std::uint64_t word) {
    std::array<char, sizeof word> bytes{};
    std::memcpy(bytes.data(), &word, sizeof word);
    out.append(bytes.data(), bytes.size());
}

std::uint64_t read_word(std::string_view bytes) {
    std::uint64_t word = 0;
    assert(bytes.size() >= sizeof word);
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
}

}  // namespace

void encode_key(std::string& out, std::span<const Value> parts) {
    for (const Value& part : parts) {
        out.push_back(static_cast<char>(part.type()));
        switch (part.type()) {
            case Type::string:
                append_word(out, part.as_string().size());
                out.append(part.as_string());
                break;
            case Type::ip:
                for (const std::uint8_t byte : part.as_ip().bytes) {
                    out.push_back(static_cast<char>(byte));
                }
                break;
            case Type::floating:
                // Minus zero equals zero.
                append_word(out, std::bit_cast<std::uint64_t>(part.as_float() == 0 ? 0.0 : part.as_float()));
                break;
            default:
                append_word(out, static_cast<std::uint64_t>(part.as_int()));
        }
    }
}

std::vector<Value> decode_key(std::string_view bytes) {
    std::vector<Value> parts;
    while (!bytes.empty()) {
        const auto type = static_cast<Type>(bytes.front());
        bytes.remove_prefix(1);
        if (type == Type::ip) {
            event::Ip ip;
            std::memcpy(ip.bytes.data(), bytes.data(), ip.bytes.size());
            bytes.remove_prefix(ip.bytes.size());
            parts.push_back(Value::of_ip(ip));
            continue;
        }
        const std::uint64_t word = read_word(bytes);
        bytes.remove_prefix(sizeof word);
        switch (type) {
            case Type::string:
                parts.push_back(Value::of_string(bytes.substr(0, word)));
                bytes.remove_prefix(word);
                break;
            case Type::floating:
                parts.push_back(Value::of_float(std::bit_cast<double>(word)));
                break;
            case Type::boolean:
                parts.push_back(Value::of_bool(word != 0));
                break;
            case Type::time:
                parts.push_back(Value::of_time(EventTime(static_cast<std::int64_t>(word))));
                break;
            case Type::duration:
                parts.push_back(Value::of_duration(Duration(static_cast<std::int64_t>(word))));
                break;
            default:
                parts.push_back(Value::of_int(static_cast<std::int64_t>(word)));
        }
    }
    return parts;
}

}  // namespace tocsin::matcher
