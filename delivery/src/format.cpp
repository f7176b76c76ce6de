#include <tocsin/delivery/format.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "alert_text.hpp"

namespace tocsin::delivery {

namespace {

/// PagerDuty's bound on a summary, in characters; in bytes it is no more.
constexpr std::size_t kSummaryBytes = 1024;
/// Slack's on the text of a block is 3,000 characters, in which what is escaped counts as it is written; a block has two parts.
constexpr std::size_t kBlockBytes = 1400;

bool is_retract(const AlertText& alert) { return alert.op == "retract"; }

// ---- CloudEvents

bool plain_in_uri(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

std::string uri_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += plain_in_uri(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// `source` and `id` together tell events apart, and `subject` is the alert that this is about.
std::string cloud_event(const AlertText& alert, const state::OutboxRow& row) {
    return fmt::format(
        R"({{"specversion":"1.0","id":{},"source":{},"type":{},"subject":{},"time":{},"datacontenttype":"application/json","data":{}}})",
        quoted(state::delivery_id(row)), quoted("/tocsin/rules/" + uri_part(alert.rule)), quoted("tocsin." + alert.op),
        quoted(alert.id), quoted(alert.time), row.body);
}

// ---- Alertmanager

/// A name of a label as Prometheus has them: letters, digits and `_`, no digit at first.
std::string label_name(const std::string& name) {
    std::string out = name;
    std::replace_if(out.begin(), out.end(), [](char c) { return !(plain_in_uri(c) && c != '-' && c != '.' && c != '~'); }, '_');
    return out.empty() || (out[0] >= '0' && out[0] <= '9') ? "_" + out : out;
}

/// Names and texts as an object, the first of two names that become the same as it is, the second with `prefix`.
class LabelSet {
public:
    void add(const std::string& name, std::string_view text, const char* prefix) {
        std::string label = label_name(name);
        while (!names_.insert(label).second) {
            label = prefix + label;
        }
        out_ += fmt::format("{}{}:{}", out_.empty() ? "" : ",", quoted(label), quoted(text));
    }
    [[nodiscard]] std::string json() const { return "{" + out_ + "}"; }

private:
    std::set<std::string> names_;
    std::string out_;
};

/// Alertmanager knows an alert by its labels, so the id is one: what is taken back has the labels of what was sent before.
std::string alertmanager_alert(const AlertText& alert) {
    LabelSet labels;
    labels.add("alertname", alert.rule, "");
    labels.add("severity", alert.severity, "");
    labels.add("tocsin_id", alert.id, "");
    for (const NamedText& label : alert.labels) {
        labels.add(label.name, label.text, "label_");
    }
    for (const NamedText& part : alert.key) {
        labels.add(part.name, part.text, "key_");
    }
    const std::string annotations = fmt::format(R"({{"summary":{},"first":{},"last":{},"values":{}}})", quoted(alert.text),
                                                quoted(alert.first), quoted(alert.last), quoted(alert.values_json));
    const std::string ends = is_retract(alert) ? fmt::format(R"(,"endsAt":{})", quoted(alert.time)) : "";
    return fmt::format(R"([{{"labels":{},"annotations":{},"startsAt":{}{}}}])", labels.json(), annotations, quoted(alert.time),
                       ends);
}

// ---- Slack

/// Slack reads `<…>` as links and calls to people; events must not be able to write them.
std::string slack_block(std::string_view text) {
    constexpr std::string_view kMark = "…";
    std::string out;
    for (const char c : text) {
        const std::string written = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
        if (out.size() + written.size() + kMark.size() > kBlockBytes) {
            return cut(out + written + std::string(kMark), out.size() + kMark.size());
        }
        out += written;
    }
    return out;
}

const char* slack_prefix(const AlertText& alert) {
    return is_retract(alert) ? "Taken back: " : alert.op == "correct" ? "Corrected: " : "";
}

std::string slack_message(const AlertText& alert) {
    const std::string key = key_text(alert);
    const std::string title = fmt::format("{}*{}* ({})", slack_prefix(alert), slack_block(alert.rule), alert.severity);
    const std::string context =
        fmt::format("{}{}{}, alert {}", slack_block(key), key.empty() ? "" : ", ", alert.time, alert.id);
    return fmt::format(R"({{"text":{},"blocks":[{{"type":"section","text":{{"type":"mrkdwn","text":{}}}}},)"
                       R"({{"type":"context","elements":[{{"type":"mrkdwn","text":{}}}]}}]}})",
                       quoted(fmt::format("{}{} ({}): {}", slack_prefix(alert), slack_block(alert.rule), alert.severity,
                                          slack_block(alert.text))),
                       quoted(fmt::format("{}\n{}", title, slack_block(alert.text))), quoted(context));
}

// ---- PagerDuty

const char* pagerduty_severity(const std::string& severity) {
    return severity == "critical" ? "critical" : severity == "high" ? "error" : severity == "medium" ? "warning" : "info";
}

std::string pagerduty_event(const AlertText& alert, std::string_view routing_key) {
    const std::string head = fmt::format(R"({{"routing_key":{},"event_action":"{}","dedup_key":{})", quoted(routing_key),
                                         is_retract(alert) ? "resolve" : "trigger", quoted(alert.id));
    if (is_retract(alert)) {
        return head + "}";
    }
    const std::string summary = alert.text.empty() ? alert.rule : alert.text;
    const std::string key = key_text(alert);
    const std::string details =
        fmt::format(R"({{"rule":{},"version":{},"severity":{},"labels":{},"key":{},"first":{},"last":{},"values":{}}})",
                    quoted(alert.rule), quoted(alert.version), quoted(alert.severity), alert.labels_json, alert.key_json,
                    quoted(alert.first), quoted(alert.last), alert.values_json);
    return fmt::format(
        R"({},"client":"tocsin","payload":{{"summary":{},"source":{},"severity":"{}","timestamp":{},"class":{},"custom_details":{}}}}})",
        head, quoted(cut(summary, kSummaryBytes)), quoted(key.empty() ? "tocsin" : cut(key, kSummaryBytes)),
        pagerduty_severity(alert.severity), quoted(alert.time), quoted(alert.rule), details);
}

}  // namespace

Result<Content> format_alert(Format format, const state::OutboxRow& row, std::string_view routing_key) {
    constexpr const char* kJson = "application/json";
    if (format == Format::tocsin) {
        return Content{kJson, row.body};
    }
    return read_alert(row).map([&](const AlertText& alert) -> Content {
        switch (format) {
            case Format::cloudevents: return {"application/cloudevents+json", cloud_event(alert, row)};
            case Format::alertmanager: return {kJson, alertmanager_alert(alert)};
            case Format::slack: return {kJson, slack_message(alert)};
            case Format::pagerduty: return {kJson, pagerduty_event(alert, routing_key)};
            case Format::tocsin: break;
        }
        return {kJson, row.body};
    });
}

}  // namespace tocsin::delivery
