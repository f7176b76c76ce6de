// The shared cases of events that come late: what is written, at which record, in which order, and the counters.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include "engine/engine_run.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using simdjson::dom::element;

constexpr std::array kOps{"retract", "alert", "correct"};

std::string json_at(const element& of, std::string_view name) {
    element found;
    return of[name].get(found) == simdjson::SUCCESS ? simdjson::minify(found) : std::string("-");
}

std::string in_order(std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    return fmt::format("{}", fmt::join(ids, " "));
}

/// One line that is written, at which record.
struct Line {
    std::size_t step{0};
    std::string op;             ///< with its place among the ops of one record: what is late, then `retract`, `alert`, `correct`
    std::string time;
    std::string text;
    friend auto operator<=>(const Line&, const Line&) = default;
};

std::string op_rank(std::string_view op) {
    constexpr std::array kOrder{"late", "retract", "alert", "correct"};
    return fmt::format("{} {}", std::find(kOrder.begin(), kOrder.end(), op) - kOrder.begin(), op);
}

std::vector<Line> expected_lines(const element& one) {
    std::vector<Line> lines;
    for (const element op : one["expected"].get_array()) {
        std::vector<std::string> ids;
        simdjson::dom::array match;
        if (op["match"].get(match) == simdjson::SUCCESS) {
            for (const element id : match) {
                ids.push_back(simdjson::minify(id));
            }
        }
        const std::string_view name = op["op"];
        lines.push_back({std::size_t{op["step"].get_uint64()}, op_rank(name), json_at(op, "time"),
                         name == "late" ? fmt::format("{} behind {}", json_at(op, "event"), json_at(op, "behind"))
                                        : fmt::format("{} match [{}] window {} value {}", json_at(op, "key"), in_order(ids),
                                                      json_at(op, "window"), json_at(op, "value"))});
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::string window_of(const alerts::Alert& alert) {
    return alert.window ? fmt::format("[{},{}]", alert.window->start.micros() / 1000, alert.window->end.micros() / 1000) : "-";
}

Line line_of(std::size_t step, const alerts::Output& output) {
    if (const auto* late = std::get_if<alerts::LateRecord>(&output)) {
        return {step, op_rank("late"), "-", fmt::format("{} behind {}", field(late->event, "id"), late->behind_ms)};
    }
    const auto& alert = std::get<alerts::Alert>(output);
    return {step, op_rank(kOps.at(static_cast<std::size_t>(alert.op))), std::to_string(alert.time.micros() / 1000),
            fmt::format("{} match [{}] window {} value {}", alert.key.empty() ? "-" : alert.key.front().second,
                        in_order(fields(alert, "id")), window_of(alert), alert.values.empty() ? "-" : alert.values.front().second)};
}

std::vector<Line> written_lines(const EngineRun& run) {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < run.output.size(); ++i) {
        lines.push_back(line_of(run.pushed[i], run.output[i]));
    }
    return lines;
}

/// What is left standing: alerts less retracts, each with its last value.
std::map<std::string, int> net_of(const std::vector<Line>& lines) {
    std::map<std::string, int> net;
    for (const Line& line : lines) {
        const std::string alert = line.text.substr(0, line.text.find(" value "));
        if (line.op == op_rank("alert")) {
            net[alert] += 1;
        } else if (line.op == op_rank("retract")) {
            net[alert] -= 1;
        }
    }
    std::erase_if(net, [](const auto& entry) { return entry.second == 0; });
    return net;
}

std::string text_of(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{} {} at {} {}\n", line.step, line.op, line.time, line.text);
    }
    return text;
}

void check_counters(const element& expected, const engine::RuleCounters& counters) {
    const std::map<std::string, std::uint64_t> got{
        {"received", counters.received},   {"on_time", counters.on_time},     {"late_accepted", counters.late_accepted},
        {"too_late", counters.too_late},   {"duplicate", counters.duplicate}, {"alerts", counters.alerts},
        {"retracts", counters.retracts},   {"corrects", counters.corrects},
    };
    for (const auto& [name, count] : got) {
        INFO(name);
        std::uint64_t wanted = 0;
        const auto missing = expected[name].get(wanted);
        CHECK(count == (missing == simdjson::SUCCESS ? wanted : 0));
    }
}

TEST_CASE("the shared cases of late events are written record by record, and net the same however they are fed") {
    const auto path = shared_file("conformance/late.json");
    if (!path) {
        return;
    }
    simdjson::dom::parser parser;
    std::size_t cases = 0;
    for (const element one : parser.load(path->string()).get_array()) {
        INFO(std::string_view(one["id"]) << " " << std::string_view(one["title"]));
        const std::string rules{std::string_view(one["rules"])};
        std::vector<std::string> records;
        for (const element event : one["events"].get_array()) {
            records.push_back(simdjson::minify(event));
        }
        const std::vector<Line> expected = expected_lines(one);
        for (const unsigned threads : {1U, 8U}) {
            const EngineRun run = run_engine(rules, records, threads, 1);
            REQUIRE(run.problems == "");
            std::vector<Line> lines = written_lines(run);
            // Ops of one record come in order of op and time; between equal times the order is free.
            const auto before = [](const Line& a, const Line& b) {
                return std::tie(a.step, a.op, a.time) < std::tie(b.step, b.op, b.time);
            };
            CHECK(std::is_sorted(lines.begin(), lines.end(), before));
            std::sort(lines.begin(), lines.end());
            CHECK(text_of(lines) == text_of(expected));
            check_counters(one["counters"], run.counters.rules.front());
            CHECK(run.left.runs + run.left.events + run.left.keys == 0);
        }
        for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 2}, {2, 3}, {1, 4096}}) {
            CHECK(net_of(written_lines(run_engine(rules, records, threads, batch))) == net_of(expected));
        }
        ++cases;
    }
    CHECK(cases > 0);
}

}  // namespace
}  // namespace tocsin::test
