// A tiny JSON reader: enough for test records, independent of the engine's decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reference {

struct Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;

struct Json {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject> value;

    const Json* find(std::string_view name) const;           // a member, or null
    const Json* find_path(std::string_view dotted) const;    // a nested member `a.b.c`, or null
    bool is_null() const { return std::holds_alternative<std::monostate>(value); }
    const std::string* text() const { return std::get_if<std::string>(&value); }
    const JsonArray* array() const { return std::get_if<JsonArray>(&value); }
    const JsonObject* object() const { return std::get_if<JsonObject>(&value); }
    std::optional<std::int64_t> integer() const;
};

std::optional<Json> parse_json(std::string_view text);
std::string quote_json(std::string_view text);  // with the quotes

}  // namespace reference
