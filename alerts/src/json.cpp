#include <tocsin/alerts/json.hpp>

#include <iterator>

#include <fmt/format.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/event/value.hpp>

namespace tocsin::alerts {

namespace {

using event::append_json_string;

void append_object(std::string& out, const std::vector<NamedJson>& members) {
    out += '{';
    const char* separator = "";
    for (const auto& [name, json] : members) {
        out += separator;
        append_json_string(out, name);
        out += ':';
        out += json;
        separator = ",";
    }
    out += '}';
}

void append_event(std::string& out, const AlertEvent& event) {
    out += "{\"input\":";
    append_json_string(out, event.input);
    out += ",\"partition\":";
    append_json_string(out, event.partition);
    fmt::format_to(std::back_inserter(out), ",\"offset\":{},\"fields\":", event.offset);
    append_object(out, event.fields);
    out += '}';
}

void append_steps(std::string& out, const std::vector<AlertStep>& steps) {
    out += '{';
    const char* separator = "";
    for (const AlertStep& step : steps) {
        out += separator;
        append_json_string(out, step.name);
        out += ":[";
        const char* event_separator = "";
        for (const AlertEvent& event : step.events) {
            out += event_separator;
            append_event(out, event);
            event_separator = ",";
        }
        out += ']';
        separator = ",";
    }
    out += '}';
}

/// `["…","…"]`, and for a sliding window `,"event":{…}`
void append_window(std::string& out, const AlertWindow& window) {
    fmt::format_to(std::back_inserter(out), "[\"{}\",\"{}\"]", format_rfc3339(window.start), format_rfc3339(window.end));
    if (window.event) {
        out += ",\"event\":{\"input\":";
        append_json_string(out, window.event->input);
        out += ",\"partition\":";
        append_json_string(out, window.event->partition);
        fmt::format_to(std::back_inserter(out), ",\"offset\":{}}}", window.event->offset);
    }
}

/// `,"omitted":{"f":200}` if a step left events out.
void append_omitted(std::string& out, const std::vector<AlertStep>& steps) {
    const char* opening = ",\"omitted\":{";
    bool any = false;
    for (const AlertStep& step : steps) {
        if (step.omitted == 0) {
            continue;
        }
        out += any ? "," : opening;
        append_json_string(out, step.name);
        fmt::format_to(std::back_inserter(out), ":{}", step.omitted);
        any = true;
    }
    if (any) {
        out += '}';
    }
}

}  // namespace

void append_json(std::string& out, const Alert& alert) {
    fmt::format_to(std::back_inserter(out), "{{\"id\":\"{:016x}\",\"op\":\"{}\",\"rule\":", alert.id, op_name(alert.op));
    append_json_string(out, alert.rule);
    fmt::format_to(std::back_inserter(out), ",\"version\":\"{:08x}\",\"severity\":\"{}\",\"labels\":", alert.version,
                   severity_name(alert.severity));
    append_object(out, alert.labels);
    out += ",\"key\":";
    append_object(out, alert.key);
    fmt::format_to(std::back_inserter(out),
                   ",\"time\":\"{}\",\"first\":\"{}\",\"last\":\"{}\",\"{}\":", format_rfc3339(alert.time),
                   format_rfc3339(alert.first), format_rfc3339(alert.last), alert.window ? "window" : "events");
    if (alert.window) {
        append_window(out, *alert.window);
    } else {
        append_steps(out, alert.steps);
        append_omitted(out, alert.steps);
    }
    out += ",\"values\":";
    append_object(out, alert.values);
    out += ",\"text\":";
    append_json_string(out, alert.text);
    if (alert.shadow) {
        out += ",\"shadow\":true";
    }
    out += '}';
}

void append_json(std::string& out, const LateRecord& record) {
    out += "{\"op\":\"late\",\"stream\":";
    append_json_string(out, record.stream);
    fmt::format_to(std::back_inserter(out), ",\"behind_ms\":{},\"rules\":[", record.behind_ms);
    const char* separator = "";
    for (const std::string& rule : record.rules) {
        out += separator;
        append_json_string(out, rule);
        separator = ",";
    }
    out += "],\"event\":";
    append_event(out, record.event);
    out += '}';
}

void append_json(std::string& out, const Output& output) {
    std::visit([&out](const auto& value) { append_json(out, value); }, output);
}

}  // namespace tocsin::alerts
