// Reading lines, and writing what came out.
#include <algorithm>

#include "json.hpp"
#include "reference/reference.hpp"

namespace reference {
namespace {

std::string event_text(const EventId& e) {
    return "[" + quote_json(e.input) + "," + quote_json(e.partition) + "," + std::to_string(e.offset) + "]";
}

bool same_alert(const Alert& a, const Alert& b) {
    auto x = a.steps;
    auto y = b.steps;
    const auto by_step = [](const auto& p, const auto& q) {
        return std::pair(p.first, p.second.record) < std::pair(q.first, q.second.record);
    };
    std::sort(x.begin(), x.end(), by_step);
    std::sort(y.begin(), y.end(), by_step);
    return a.rule == b.rule && a.key == b.key && x == y && a.is_window == b.is_window && a.window_start_us == b.window_start_us &&
           a.window_end_us == b.window_end_us && a.window_event == b.window_event;
}

}  // namespace

std::vector<Record> read_ndjson(std::string_view text, const std::string& input_name) {
    std::vector<Record> records;
    std::int64_t line = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        ++line;
        if (text.substr(0, end).find_first_not_of(" \t\r") != std::string_view::npos) {
            records.push_back({std::string(text.substr(0, end)), input_name, line});
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return records;
}

std::vector<Alert> net(const std::vector<Alert>& alerts) {
    std::vector<Alert> live;
    for (const Alert& a : alerts) {
        const auto found = std::find_if(live.begin(), live.end(), [&](const Alert& b) { return same_alert(a, b); });
        if (a.op == Op::kRetract) {
            if (found != live.end()) {
                live.erase(found);
            }
        } else if (found != live.end()) {
            *found = a;
            found->op = Op::kAlert;
        } else {
            live.push_back(a);
        }
    }
    return live;
}

std::string to_json_line(const Alert& alert) {
    static const char* const kOps[] = {"retract", "alert", "correct"};
    std::string out = "{\"rule\":" + quote_json(alert.rule) + ",\"op\":\"" + kOps[static_cast<int>(alert.op)] + "\",\"key\":[";
    for (std::size_t i = 0; i < alert.key.size(); ++i) {
        out += (i == 0 ? "" : ",") + alert.key[i];
    }
    out += "],\"time_us\":" + std::to_string(alert.time_us);
    if (alert.is_window) {
        out += ",\"window\":[" + std::to_string(alert.window_start_us) + "," + std::to_string(alert.window_end_us) + "]";
    } else {
        std::vector<std::pair<std::string, std::string>> steps;  // in the order in which they first took an event
        for (const auto& [name, event] : alert.steps) {
            auto found = std::find_if(steps.begin(), steps.end(), [&step = name](const auto& s) { return s.first == step; });
            if (found == steps.end()) {
                found = steps.insert(steps.end(), {name, ""});
            }
            found->second += (found->second.empty() ? "" : ",") + event_text(event);
        }
        out += ",\"steps\":{";
        for (std::size_t i = 0; i < steps.size(); ++i) {
            out += (i == 0 ? "" : ",") + quote_json(steps[i].first) + ":[" + steps[i].second + "]";
        }
        out += "}";
    }
    if (!alert.values.empty()) {
        out += ",\"values\":{";
        for (std::size_t i = 0; i < alert.values.size(); ++i) {
            out += (i == 0 ? "" : ",") + quote_json(alert.values[i].first) + ":" + alert.values[i].second;
        }
        out += "}";
    }
    return out + "}";
}

std::string to_json_line(const Late& late) {
    std::string rules;
    for (const std::string& rule : late.rules) {
        rules += (rules.empty() ? "" : ",") + quote_json(rule);
    }
    return "{\"op\":\"late\",\"stream\":" + quote_json(late.stream) + ",\"behind_us\":" + std::to_string(late.behind_us) +
           ",\"rules\":[" + rules + "],\"event\":" + event_text(late.event) + "}";
}

}  // namespace reference
