#include <tocsin/alerts/text.hpp>

#include <iterator>

#include <fmt/format.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/alerts/terminal_text.hpp>

namespace tocsin::alerts {

namespace {

constexpr std::size_t kTimeWidth = 23;

}  // namespace

std::string time_text(EventTime time) {
    std::string text = format_rfc3339(time).substr(0, kTimeWidth);
    text[10] = ' ';
    return text;
}

std::string plain_text(std::string_view json) {
    if (json.size() < 2 || json.front() != '"') {
        return std::string(json);
    }
    json = json.substr(1, json.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '\\' && i + 1 < json.size() && (json[i + 1] == '"' || json[i + 1] == '\\')) {
            ++i;
        }
        out += json[i];
    }
    return out;
}

std::string pairs_text(const std::vector<NamedJson>& pairs) {
    std::string out;
    for (const auto& [name, json] : pairs) {
        fmt::format_to(std::back_inserter(out), "{}{}={}", out.empty() ? "" : " ", name, plain_text(json));
    }
    return printable(out);
}

std::string alert_text(const Alert& alert) {
    std::string text = alert.text.empty() ? pairs_text(alert.values) : printable(alert.text);
    if (alert.op != Op::alert) {
        text = fmt::format("[{}] {}", op_name(alert.op), text);
    }
    return alert.shadow ? "[shadow] " + text : text;
}

}  // namespace tocsin::alerts
