#include "inputs.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "terminal.hpp"

namespace tocsin::cli {

Result<std::optional<EventTime>> parse_bound(const std::string& option, const std::string& text) {
    if (text.empty()) {
        return std::optional<EventTime>{};
    }
    auto time = parse_rfc3339(text);
    if (!time) {
        time = parse_rfc3339(text + "T00:00:00Z");
    }
    if (!time) {
        return fail(Errc::invalid, fmt::format("{} '{}' is no time; write 2026-11-23T10:00:00Z or 2026-11-23", option, text));
    }
    return time;
}

Result<std::vector<streams::InputSpec>> parse_inputs(std::vector<std::string> texts) {
    if (texts.empty()) {
        if (is_terminal(Stream::input)) {
            return fail(Errc::invalid, "no input: name files, or pipe records to standard input");
        }
        texts.emplace_back("-");
    }
    std::vector<streams::InputSpec> inputs;
    std::set<std::string> names;
    for (const std::string& text : texts) {
        auto input = streams::parse_input_spec(text);
        if (!input) {
            return tl::unexpected(input.error());
        }
        if (!names.insert(input->name).second) {
            return fail(Errc::invalid,
                        fmt::format("two inputs are named {}; give one another name with NAME=PATH", input->name));
        }
        inputs.push_back(std::move(*input));
    }
    return inputs;
}

Result<InputChoice> parse_choice(std::vector<std::string> texts, const std::string& data) {
    if (!data.empty() && texts.empty()) {
        return InputChoice{{}, data};
    }
    return parse_inputs(std::move(texts)).map([&](auto files) {
        return InputChoice{std::move(files), data.empty() ? std::nullopt : std::optional(data)};
    });
}

Result<std::vector<streams::BlockReader>> open_inputs(const std::vector<streams::InputSpec>& inputs, std::size_t records,
                                                      const Limits& limits) {
    std::vector<streams::BlockReader> readers;
    for (const streams::InputSpec& input : inputs) {
        auto reader = streams::BlockReader::open(input, {.format = std::nullopt, .max_records = records, .limits = limits});
        if (!reader) {
            return tl::unexpected(reader.error());
        }
        readers.push_back(std::move(*reader));
    }
    return readers;
}

}  // namespace tocsin::cli
