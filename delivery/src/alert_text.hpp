#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::delivery {

struct NamedText {
    std::string name;
    std::string text;  ///< a string's characters; of any other value its JSON
};

/// What a row's body says, but for the events.
struct AlertText {
    std::string id;
    std::string op;
    std::string rule;
    std::string version;
    std::string severity;
    std::vector<NamedText> labels;
    std::vector<NamedText> key;
    std::string time;
    std::string first;
    std::string last;
    std::string labels_json;
    std::string key_json;
    std::string values_json;
    std::string text;
};

[[nodiscard]] Result<AlertText> read_alert(const state::OutboxRow& row);

/// `user=ann card=4000`, or nothing.
[[nodiscard]] std::string key_text(const AlertText& alert);

/// No more than `most` bytes of it, cut between characters; what is cut ends in `…`.
[[nodiscard]] std::string cut(std::string_view text, std::size_t most);

/// As a JSON string.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace tocsin::delivery
