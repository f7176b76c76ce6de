#include "why_key.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/key.hpp>

#include "state_bound.hpp"
#include "why_words.hpp"

namespace tocsin::cli {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// The value stays a view of the text; nothing if it is none of the type.
std::optional<event::Value> parse_value(event::Type type, std::string_view text) {
    const auto of = [](const auto& parsed, auto make) { return parsed ? std::optional(make(*parsed)) : std::nullopt; };
    switch (type) {
        case event::Type::string: return event::Value::of_string(text);
        case event::Type::integer: return of(parse_number<std::int64_t>(text), event::Value::of_int);
        case event::Type::floating: return of(parse_number<double>(text), event::Value::of_float);
        case event::Type::ip: return of(event::parse_ip(text), event::Value::of_ip);
        case event::Type::time: return of(parse_rfc3339(text), event::Value::of_time);
        case event::Type::duration: return of(parse_duration(text), event::Value::of_duration);
        case event::Type::boolean:
            return text == "true" || text == "false" ? std::optional(event::Value::of_bool(text == "true")) : std::nullopt;
        case event::Type::null: break;
    }
    return std::nullopt;
}

std::string parts_of(const plan::RulePlan& rule) {
    std::vector<std::string> parts;
    for (const plan::KeyPlan& part : rule.key) {
        parts.push_back(part.name + "=…");
    }
    return fmt::format("{}", fmt::join(parts, ","));
}

using Assignments = std::vector<std::pair<std::string, std::string>>;

Result<Assignments> split(const plan::RulePlan& rule, const std::string& text) {
    Assignments result;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string piece = text.substr(begin, end - begin);
        const std::size_t equals = piece.find('=');
        if (equals != std::string::npos) {
            result.emplace_back(piece.substr(0, equals), piece.substr(equals + 1));
        } else if (!result.empty()) {
            result.back().second += "," + piece;
        } else {
            return fail(Errc::invalid,
                        fmt::format("--key '{}' names no part of the key; write --key {}", text, parts_of(rule)));
        }
        begin = end + 1;
    }
    return result;
}

Result<void> check_names(const plan::RulePlan& rule, const Assignments& assignments) {
    std::vector<std::string_view> names;
    for (const plan::KeyPlan& part : rule.key) {
        names.push_back(part.name);
    }
    for (const auto& [name, value] : assignments) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const std::string_view meant = nearest(name, names);
            return fail(
                Errc::invalid,
                meant.empty()
                    ? fmt::format("--key: '{}' is no part of the key of {}, which is {}", name, rule.name, key_text(rule))
                    : fmt::format("--key: '{}' is no part of the key of {}; did you mean '{}'?", name, rule.name, meant));
        }
    }
    return {};
}

}  // namespace

Result<std::string> parse_key(const plan::RulePlan& rule, const std::string& text) {
    const auto assignments = split(rule, text);
    if (!assignments) {
        return tl::unexpected(assignments.error());
    }
    if (const auto checked = check_names(rule, *assignments); !checked) {
        return tl::unexpected(checked.error());
    }
    std::vector<event::Value> values;
    for (const plan::KeyPlan& part : rule.key) {
        const auto is_part = [&](const auto& assignment) { return assignment.first == part.name; };
        const auto found = std::find_if(assignments->begin(), assignments->end(), is_part);
        if (found == assignments->end() || std::find_if(std::next(found), assignments->end(), is_part) != assignments->end()) {
            return fail(Errc::invalid,
                        fmt::format("--key needs each part of the key of {} once: --key {}", rule.name, parts_of(rule)));
        }
        const auto value = parse_value(part.type, found->second);
        if (!value) {
            return fail(Errc::invalid, fmt::format("--key: '{}' is no {}, which {} is", found->second,
                                                   event::type_name(part.type), part.name));
        }
        values.push_back(*value);
    }
    std::string key;
    matcher::encode_key(key, values);
    return key;
}

std::string key_values(const plan::RulePlan& rule, const std::string& key) {
    const std::vector<event::Value> values = matcher::decode_key(key);
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < values.size(); ++i) {
        parts.push_back(rule.key[i].name + "=" + value_words(values[i]));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

Result<RecordName> parse_record_name(const std::string& text, const std::vector<streams::InputSpec>& inputs) {
    const std::size_t colon = text.rfind(':');
    const auto offset = parse_number<std::uint64_t>(std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1));
    if (!offset) {
        return fail(Errc::invalid,
                    fmt::format("--event '{}' is no offset; write --event 17 or --event {}:17", text, inputs.front().name));
    }
    if (colon == std::string::npos) {
        return inputs.size() == 1 ? Result<RecordName>(RecordName{0, *offset})
                                  : fail(Errc::invalid, fmt::format("--event {} needs its input: --event {}:{}", text,
                                                                    inputs.front().name, text));
    }
    const std::string name = text.substr(0, colon);
    const auto input =
        std::find_if(inputs.begin(), inputs.end(), [&](const streams::InputSpec& spec) { return spec.name == name; });
    if (input == inputs.end()) {
        std::vector<std::string_view> names;
        std::transform(inputs.begin(), inputs.end(), std::back_inserter(names),
                       [](const auto& spec) { return std::string_view(spec.name); });
        return fail(Errc::invalid, fmt::format("--event: no input is named '{}' (there are {})", name, fmt::join(names, ", ")));
    }
    return RecordName{static_cast<std::size_t>(input - inputs.begin()), *offset};
}

}  // namespace tocsin::cli
