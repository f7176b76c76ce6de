#include <tocsin/backtest/identity.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/event/value.hpp>

namespace tocsin::backtest {

namespace {

/// Length before content: no two lists of words give the same bytes.
void append_word(std::string& out, std::string_view word) {
    out += std::to_string(word.size());
    out += ':';
    out += word;
}

std::string quoted(std::string_view text) {
    std::string json;
    event::append_json_string(json, text);
    return json;
}

}  // namespace

AlertReader::AlertReader(const plan::Program& program, Renames renames) : renames_(std::move(renames)) {
    for (const plan::StreamPlan& stream : program.streams) {
        if (stream.origin == plan::StreamPlan::Origin::alerts) {
            time_fields_.emplace(stream.name, fmt::format("{}", fmt::join(stream.time_path, ".")));
        }
    }
}

const std::string& AlertReader::rule(const std::string& name) const {
    const auto found = renames_.find(name);
    return found == renames_.end() ? name : found->second;
}

std::string AlertReader::place(const std::string& input, const std::string& partition, const std::string& offset) const {
    const std::string& name = is_alert(input) ? rule(input) : input;
    return partition == "0" ? fmt::format("{}:{}", name, offset) : fmt::format("{}[{}]:{}", name, partition, offset);
}

std::string AlertReader::place(const alerts::AlertEvent& event) const {
    if (const auto made = time_fields_.find(event.input); made != time_fields_.end()) {
        const auto time = std::ranges::find(event.fields, made->second, &alerts::NamedJson::first);
        if (time != event.fields.end()) {
            return place(event.input, event.partition, time->second);
        }
    }
    return place(event.input, event.partition, std::to_string(event.offset));
}

/// The window of a sliding one ends with its event.
std::string AlertReader::place(const alerts::AlertWindow& window) const {
    const alerts::AlertPlace& event = *window.event;
    return place(event.input, event.partition,
                 is_alert(event.input) ? quoted(format_rfc3339(window.end)) : std::to_string(event.offset));
}

Identity AlertReader::identity(const alerts::Alert& alert) const {
    std::string bytes;
    append_word(bytes, rule(alert.rule));
    for (const auto& [name, json] : alert.key) {
        append_word(bytes, name);
        append_word(bytes, json);
    }
    if (alert.window) {
        append_word(bytes, format_rfc3339(alert.window->start));
        append_word(bytes, format_rfc3339(alert.window->end));
        append_word(bytes, alert.window->event ? place(*alert.window) : "");
    }
    // Which step took an event is a part of the alert, not of what it is: by place, so that names and order do not matter.
    std::vector<std::string> places;
    std::uint64_t omitted = 0;
    for (const alerts::AlertStep& step : alert.steps) {
        std::ranges::transform(step.events, std::back_inserter(places), [this](const auto& event) { return place(event); });
        omitted += step.omitted;
    }
    std::ranges::sort(places);
    for (const std::string& one : places) {
        append_word(bytes, one);
    }
    append_word(bytes, std::to_string(omitted));
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

std::vector<Part> AlertReader::parts(const alerts::Alert& alert) const {
    std::vector<Part> parts;
    parts.push_back({"severity", quoted(alerts::severity_name(alert.severity))});
    parts.push_back({"mode", alert.shadow ? "\"shadow\"" : "\"live\""});
    for (const auto& [name, json] : alert.labels) {
        parts.push_back({"labels." + name, json});
    }
    parts.push_back({"time", quoted(format_rfc3339(alert.time))});
    for (const alerts::AlertStep& step : alert.steps) {
        std::string json = "[";
        for (const alerts::AlertEvent& event : step.events) {
            json += (json.size() > 1 ? "," : "") + quoted(place(event));
        }
        json += step.omitted > 0 ? fmt::format(",\"and {} more\"]", step.omitted) : "]";
        parts.push_back({"events." + step.name, std::move(json)});
    }
    for (const auto& [name, json] : alert.values) {
        parts.push_back({"values." + name, json});
    }
    parts.push_back({"text", quoted(alert.text)});
    return parts;
}

std::uint64_t hash_of(const std::vector<Part>& parts) {
    // By name: the order in which a rule names its values is no difference.
    std::vector<const Part*> sorted;
    std::ranges::transform(parts, std::back_inserter(sorted), [](const Part& part) { return &part; });
    std::ranges::sort(sorted, {}, [](const Part* part) { return std::tie(part->name, part->json); });
    std::string bytes;
    for (const Part* part : sorted) {
        append_word(bytes, part->name);
        append_word(bytes, part->json);
    }
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::vector<PartChange> changes(const std::vector<Part>& before, const std::vector<Part>& after) {
    std::vector<PartChange> found;
    for (const Part& part : before) {
        const auto other = std::ranges::find(after, part.name, &Part::name);
        if (other == after.end() || other->json != part.json) {
            found.push_back({part.name, part.json, other == after.end() ? "" : other->json});
        }
    }
    for (const Part& part : after) {
        if (std::ranges::find(before, part.name, &Part::name) == before.end()) {
            found.push_back({part.name, "", part.json});
        }
    }
    return found;
}

}  // namespace tocsin::backtest
