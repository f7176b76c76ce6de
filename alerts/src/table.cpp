#include <tocsin/alerts/table.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/alerts/terminal_text.hpp>
#include <tocsin/alerts/text.hpp>

namespace tocsin::alerts {

namespace {

constexpr std::size_t kTimeWidth = 23;
constexpr std::size_t kSeverityWidth = 8;
constexpr std::size_t kKeyWidth = 22;
constexpr std::size_t kMaxRuleWidth = 28;
/// Below this many columns the text gets lines of its own.
constexpr std::size_t kMinTextWidth = 30;
constexpr std::size_t kOwnLineIndent = 4;
constexpr std::string_view kGap = "  ";

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";

std::string_view colour_of(Severity severity) {
    switch (severity) {
        case Severity::info: return kDim;
        case Severity::low: return "\x1b[36m";
        case Severity::medium: return "\x1b[33m";
        case Severity::high: return "\x1b[31m";
        case Severity::critical: return "\x1b[1;37;41m";
    }
    return {};
}

std::string cell(std::string text, std::size_t width) {
    const std::size_t used = display_width(text);
    text.append(used < width ? width - used : 0, ' ');
    return text;
}

std::string late_text(const LateRecord& record) {
    return printable(fmt::format("{} late for {} ({}, partition {}, record {})",
                                 format_duration(std::chrono::milliseconds(record.behind_ms)), fmt::join(record.rules, ", "),
                                 record.event.input, record.event.partition, record.event.offset));
}

/// When the record says it happened, for the first column; blank where it does not say.
std::string late_time(const LateRecord& record) {
    for (const auto& [name, json] : record.event.fields) {
        if (const auto time = parse_rfc3339(plain_text(json))) {
            return time_text(*time);
        }
    }
    return {};
}

}  // namespace

struct Table::Row {
    std::string time;
    std::string_view severity;
    std::string_view severity_colour;
    std::string rule;
    std::string key;
    std::string text;
};

Table::Table(TableStyle style) : style_(style) {
    style_.rule_width = std::clamp<std::size_t>(style_.rule_width, 4, kMaxRuleWidth);
}

void Table::append_header(std::string& out) const {
    const std::string line = fmt::format("{:<{}}  {:<{}}  {:<{}}  {:<{}}  ALERT", "TIME (UTC)", kTimeWidth, "SEVERITY",
                                         kSeverityWidth, "RULE", style_.rule_width, "KEY", kKeyWidth);
    const bool colour = style_.colour == Colour::on;
    fmt::format_to(std::back_inserter(out), "{}{}{}\n", colour ? kBold : "", line, colour ? kReset : "");
}

void Table::append(std::string& out, const Output& output) const {
    if (const auto* alert = std::get_if<Alert>(&output)) {
        append_row(out, {time_text(alert->time), severity_name(alert->severity), colour_of(alert->severity),
                         printable(alert->rule), pairs_text(alert->key), alert_text(*alert)});
        return;
    }
    const auto& record = std::get<LateRecord>(output);
    append_row(out, {late_time(record), "late", "\x1b[35m", printable(record.stream), "", late_text(record)});
}

void Table::append_row(std::string& out, const Row& row) const {
    const std::string before = cell(row.time, kTimeWidth) + std::string(kGap);
    const std::string severity = cell(std::string(row.severity), kSeverityWidth);
    const std::string after =
        fmt::format("{}{}{}{}{}", kGap, cell(row.rule, style_.rule_width), kGap, cell(row.key, kKeyWidth), kGap);
    const std::size_t used = display_width(before) + display_width(severity) + display_width(after);
    const std::size_t column = kTimeWidth + kSeverityWidth + style_.rule_width + kKeyWidth + 4 * kGap.size();

    out += before;
    if (style_.colour == Colour::on) {
        fmt::format_to(std::back_inserter(out), "{}{}{}", row.severity_colour, severity, kReset);
    } else {
        out += severity;
    }
    out += after;

    if (style_.width == 0) {
        out += row.text;
        out += '\n';
        return;
    }
    const bool own_line = style_.width < column + kMinTextWidth || used + kMinTextWidth / 2 > style_.width;
    const std::size_t indent = style_.width < column + kMinTextWidth ? kOwnLineIndent : column;
    const std::size_t room = style_.width > indent ? style_.width - indent : 1;
    const auto lines = wrap(row.text, own_line ? room : style_.width - used, room);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0 || own_line) {
            out.erase(out.find_last_not_of(' ') + 1);
            out += '\n';
            out.append(indent, ' ');
        }
        out += lines[i];
    }
    out += '\n';
}

}  // namespace tocsin::alerts
