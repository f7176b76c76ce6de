#include "advice.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "columns.hpp"
#include "json_writer.hpp"

namespace tocsin::cli {

namespace {

constexpr std::size_t kBarWidth = 40;

std::string_view unit_name(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::s: return "s";
        case TimeUnit::ms: return "ms";
        case TimeUnit::us: return "us";
        case TimeUnit::ns: return "ns";
    }
    return {};
}

/// Rounded up, as nothing is in time by rounding.
std::uint64_t millis(Duration duration) {
    return static_cast<std::uint64_t>(duration.count() / 1000 + (duration.count() % 1000 == 0 ? 0 : 1));
}

std::string millis_text(Duration duration) {
    return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(millis(duration))));
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(std::uint64_t part, std::uint64_t whole) { return fmt::format("{:.2f} %", 100 * share(part, whole)); }

/// 999 as `99.9 %`.
std::string covered_text(unsigned covered) {
    return covered % 10 == 0 ? fmt::format("{} %", covered / 10) : fmt::format("{}.{} %", covered / 10, covered % 10);
}

/// As long as the share, and not empty where something is.
std::string bar(std::uint64_t part, std::uint64_t whole) {
    const auto length = static_cast<std::size_t>(share(part, whole) * static_cast<double>(kBarWidth) + 0.5);
    return std::string(part > 0 ? std::max<std::size_t>(length, 1) : 0, '#');
}

std::string histogram_text(const streams::Lateness& lateness) {
    const std::uint64_t events = lateness.events();
    std::vector<std::vector<std::string>> rows{{"BEHIND BY", "EVENTS", "SHARE"}};
    const auto add = [&](std::string name, std::uint64_t count) {
        rows.push_back({std::move(name), grouped(count), percent(count, events), bar(count, events)});
    };
    auto steps = lateness.histogram();
    while (steps.size() > 1 && steps.back().events == 0) {
        steps.pop_back();
    }
    std::string longest;
    for (const auto& step : steps) {
        const std::string end = step.up_to ? format_duration(*step.up_to) : "";
        add(!step.up_to ? "more than " + longest : *step.up_to == Duration(0) ? "nothing" : "up to " + end, step.events);
        longest = end;
    }
    if (lateness.beyond_slack() > 0) {
        add("a heartbeat", lateness.beyond_slack());
    }
    return columns(rows);
}

/// By slack: how many are too late, and what is to be said about it.
struct SlackLine {
    std::uint64_t too_late{0};
    bool declared{false};
    std::vector<std::string> least_for;

    [[nodiscard]] std::string remark() const {
        const std::string least = least_for.empty() ? "" : fmt::format("least for {} in time", fmt::join(least_for, ", "));
        return declared ? least.empty() ? "declared" : "declared, " + least : least;
    }
};

std::string slacks_text(const StreamAdvice& stream) {
    const streams::Lateness& lateness = stream.lateness;
    std::map<Duration, SlackLine> lines;
    std::vector<std::string> none;
    for (const streams::Lateness::Slack& slack : lateness.slacks()) {
        lines[slack.slack].too_late = slack.too_late;
    }
    if (stream.declared) {
        lines[*stream.declared].declared = true;
    }
    for (const unsigned covered : kCovered) {
        if (const auto least = lateness.covering(allowed_late(lateness.events(), covered))) {
            lines[least->slack].too_late = least->too_late;
            lines[least->slack].least_for.push_back(covered_text(covered));
        } else {
            none.push_back(covered_text(covered));
        }
    }
    std::vector<std::vector<std::string>> rows{{"SLACK", "TOO LATE", "SHARE"}};
    for (const auto& [slack, line] : lines) {
        rows.push_back(
            {format_duration(slack), grouped(line.too_late), percent(line.too_late, lateness.events()), line.remark()});
    }
    std::string out = columns(rows);
    if (!none.empty()) {
        out += fmt::format("no slack has {} in time: a heartbeat had passed {}\n", fmt::join(none, ", "),
                           counted(lateness.beyond_slack(), "event"));
    }
    return out;
}

std::string time_text(const TimePlace& time) {
    return time.path + (time.unit ? fmt::format(", a number in {}", unit_name(*time.unit)) : ", RFC 3339");
}

std::string stream_text(const StreamAdvice& stream) {
    const streams::Lateness& lateness = stream.lateness;
    const std::string name = stream.name.empty() ? "all records" : stream.name;
    std::string out = fmt::format("{}: {}", name, counted(lateness.events(), "event"));
    if (lateness.events() > 0) {
        out += fmt::format(" in {}, {} behind ({})", counted(stream.partitions, "partition"), grouped(lateness.behind()),
                           percent(lateness.behind(), lateness.events()));
        out += lateness.largest() > Duration(0) ? ", by up to " + millis_text(lateness.largest()) : "";
    }
    out += stream.without_time > 0 ? fmt::format(", and {} without time", grouped(stream.without_time)) : "";
    out += '\n';
    return lateness.events() == 0 ? out : out + '\n' + histogram_text(lateness) + '\n' + slacks_text(stream);
}

void write_time(JsonWriter& json, const TimePlace& time) {
    json.key("time").begin_object().key("field").string(time.path).key("unit");
    time.unit ? json.string(unit_name(*time.unit)) : json.null();
    json.end_object();
}

void write_input(JsonWriter& json, const Advice::Input& input) {
    json.begin_object().key("name").string(input.counts.name).key("records").number(input.counts.records);
    json.key("unparsable").number(input.counts.unparsable);
    if (!input.counts.error.empty()) {
        json.key("error").string(input.counts.error);
    }
    if (input.time) {
        write_time(json, *input.time);
    }
    json.end_object();
}

void write_histogram(JsonWriter& json, const streams::Lateness& lateness) {
    json.key("histogram").begin_array();
    for (const streams::Lateness::Step& step : lateness.histogram()) {
        json.begin_object().key("up_to_ms");
        step.up_to ? json.number(millis(*step.up_to)) : json.null();
        json.key("events").number(step.events).end_object();
    }
    json.end_array();
}

void write_slacks(JsonWriter& json, const StreamAdvice& stream) {
    json.key("slacks").begin_array();
    for (const streams::Lateness::Slack& slack : stream.lateness.slacks()) {
        json.begin_object().key("slack_ms").number(millis(slack.slack)).key("too_late").number(slack.too_late);
        json.key("declared").boolean(slack.slack == stream.declared).end_object();
    }
    json.end_array().key("least").begin_array();
    for (const unsigned covered : kCovered) {
        const auto least = stream.lateness.covering(allowed_late(stream.lateness.events(), covered));
        json.begin_object().key("in_time").number(static_cast<double>(covered) / 1000).key("slack_ms");
        least ? json.number(millis(least->slack)) : json.null();
        json.key("too_late");
        least ? json.number(least->too_late) : json.null();
        json.end_object();
    }
    json.end_array();
}

void write_stream(JsonWriter& json, const StreamAdvice& stream) {
    const streams::Lateness& lateness = stream.lateness;
    json.begin_object();
    if (!stream.name.empty()) {
        json.key("name").string(stream.name);
        write_time(json, stream.time);
    }
    json.key("events").number(lateness.events()).key("without_time").number(stream.without_time);
    json.key("partitions").number(std::uint64_t{stream.partitions}).key("behind").number(lateness.behind());
    json.key("behind_heartbeat").number(lateness.beyond_slack());
    json.key("largest_ms").number(millis(lateness.largest()));
    write_histogram(json, lateness);
    write_slacks(json, stream);
    json.end_object();
}

}  // namespace

std::string advice_text(const Advice& advice) {
    std::string out;
    for (const Advice::Input& input : advice.inputs) {
        out += input.time ? fmt::format("time of {}: {}\n", input.counts.name, time_text(*input.time)) : "";
    }
    for (const StreamAdvice& stream : advice.streams) {
        out += (out.empty() ? "" : "\n") + stream_text(stream);
    }
    std::uint64_t unparsable = 0;
    for (const Advice::Input& input : advice.inputs) {
        unparsable += input.counts.unparsable;
    }
    if (unparsable > 0 || advice.unassigned > 0) {
        out += fmt::format("\nunparsable {}, unassigned {}\n", grouped(unparsable), grouped(advice.unassigned));
    }
    return out;
}

std::string advice_json(const Advice& advice) {
    JsonWriter json;
    json.begin_object().key("control_records").number(advice.control_records);
    json.key("unassigned").number(advice.unassigned).key("inputs").begin_array();
    for (const Advice::Input& input : advice.inputs) {
        write_input(json, input);
    }
    json.end_array().key("streams").begin_array();
    for (const StreamAdvice& stream : advice.streams) {
        write_stream(json, stream);
    }
    return std::move(json.end_array().end_object()).finish();
}

}  // namespace tocsin::cli
