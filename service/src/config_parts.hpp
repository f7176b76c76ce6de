#pragma once

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tocsin/service/config.hpp>

#include "yaml_section.hpp"

/// What several parts of a config have in common.
namespace tocsin::service {

/// Reads `{file: PATH}` or `{env: NAME}`; a secret itself must not stand in the config.
[[nodiscard]] SecretSource read_source(YamlSection& section);
/// Reads `name`, which must be plain and in no other use.
void read_name(YamlSection& section, std::string& name, std::set<std::string>& names);

/// As a YAML scalar.
[[nodiscard]] std::string yaml_text(const std::string& text);
[[nodiscard]] std::string shown(const SecretSource& source);
[[nodiscard]] std::string list_of(const std::vector<std::string>& items);

/// A key with a list of what `shown` makes of each item.
template <class Item, class Shown>
[[nodiscard]] std::string shown_list(const char* key, const std::vector<Item>& items, Shown shown) {
    std::string out = fmt::format("{}:{}\n", key, items.empty() ? " []" : "");
    for (const Item& item : items) {
        out += shown(item);
    }
    return out;
}

}  // namespace tocsin::service
