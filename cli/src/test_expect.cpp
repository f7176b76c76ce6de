#include "test_expect.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include <tocsin/alerts/names.hpp>
#include <tocsin/alerts/terminal_text.hpp>
#include <tocsin/event/value.hpp>

namespace tocsin::cli {

namespace {

using Kind = dsl::TestExpect::Kind;

std::string json_of(const event::Value& value) {
    std::string out;
    event::append_json(out, value);
    return out;
}

std::string json_string(std::string_view text) { return json_of(event::Value::of_string(text)); }

struct LiteralJson {
    bool negative;
    std::string operator()(dsl::Null) const { return "null"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return json_of(event::Value::of_int(negative ? -value : value)); }
    std::string operator()(double value) const { return json_of(event::Value::of_float(negative ? -value : value)); }
    std::string operator()(const std::string& value) const { return json_string(value); }
    std::string operator()(Duration value) const { return json_of(event::Value::of_duration(negative ? -value : value)); }
};

std::string joined(const dsl::Path& path) { return fmt::format("{}", fmt::join(path.parts, ".")); }

std::optional<std::string> named(const std::vector<alerts::NamedJson>& members, std::string_view name) {
    const auto at = std::find_if(members.begin(), members.end(), [name](const auto& member) { return member.first == name; });
    return at == members.end() ? std::nullopt : std::optional(at->second);
}

std::optional<std::string> step_field(const alerts::Alert& alert, std::string_view path) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    for (const alerts::AlertStep& step : alert.steps) {
        if (step.name == path.substr(0, dot) && !step.events.empty()) {
            return named(step.events.back().fields, path.substr(dot + 1));
        }
    }
    return std::nullopt;
}

std::optional<std::string> alert_json(const alerts::Alert& alert, std::string_view path) {
    for (const auto* members : {&alert.key, &alert.values, &alert.labels}) {
        if (auto found = named(*members, path)) {
            return found;
        }
    }
    if (path == "severity") {
        return json_string(alerts::severity_name(alert.severity));
    }
    if (path == "text") {
        return json_string(alert.text);
    }
    if (path == "first") {
        return json_string(format_rfc3339(alert.first));
    }
    if (path == "last") {
        return json_string(format_rfc3339(alert.last));
    }
    return step_field(alert, path);
}

std::optional<std::string> late_json(const alerts::LateRecord& record, std::string_view path) {
    if (auto found = named(record.event.fields, path)) {
        return found;
    }
    if (path == "behind_ms") {
        return std::to_string(record.behind_ms);
    }
    return path == "stream" ? std::optional(json_string(record.stream)) : std::nullopt;
}

std::optional<double> number_of(const std::string& json) {
    double number = 0;
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
    return error == std::errc{} && end == json.data() + json.size() ? std::optional(number) : std::nullopt;
}

std::optional<EventTime> time_of(const std::string& json) {
    return json.size() > 2 && json.front() == '"' ? parse_rfc3339(std::string_view(json).substr(1, json.size() - 2))
                                                  : std::nullopt;
}

Kind kind_of(const alerts::Output& output) {
    const auto* alert = std::get_if<alerts::Alert>(&output);
    if (alert == nullptr) {
        return Kind::late;
    }
    switch (alert->op) {
        case alerts::Op::retract: return Kind::retract;
        case alerts::Op::alert: return Kind::alert;
        case alerts::Op::correct: return Kind::correct;
    }
    return Kind::alert;
}

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::nothing: return "nothing";
        case Kind::alert: return "alert";
        case Kind::retract: return "retract";
        case Kind::correct: return "correct";
        case Kind::late: return "late";
    }
    return "";
}

/// As a test writes it: the time of day on the day that tests without a date use.
std::string test_time(EventTime time) {
    const std::string text = format_rfc3339(time);
    if (!text.starts_with("1970-01-01T")) {
        return text;
    }
    std::string of_day = text.substr(11, text.size() - 12);
    return of_day.ends_with(".000") ? of_day.substr(0, 8) : of_day;
}

std::string draw(const Expectation& expectation) {
    std::string out(kind_name(expectation.kind));
    for (const auto& [path, json] : expectation.fields) {
        fmt::format_to(std::back_inserter(out), " {}={}", path, json);
    }
    if (expectation.at) {
        out += " at " + test_time(*expectation.at);
    }
    return out;
}

/// An output in the words of an `expect`: its key (a late record's fields), and what `paths` ask for.
std::string draw(const alerts::Output& output, const std::vector<std::string>& paths) {
    std::string out(kind_name(kind_of(output)));
    const auto* alert = std::get_if<alerts::Alert>(&output);
    const auto& always = alert != nullptr ? alert->key : std::get<alerts::LateRecord>(output).event.fields;
    for (const auto& [name, json] : always) {
        fmt::format_to(std::back_inserter(out), " {}={}", name, json);
    }
    for (const std::string& path : paths) {
        if (!named(always, path)) {
            fmt::format_to(std::back_inserter(out), " {}={}", path, output_json(output, path).value_or("(nothing)"));
        }
    }
    if (alert != nullptr) {
        out += " at " + test_time(alert->time);
    }
    return out;
}

/// Kuhn's augmenting paths: gives `expectation` an output, moving others to another of theirs where that helps.
bool augment(std::size_t expectation, const std::vector<std::vector<std::size_t>>& fitting, std::vector<bool>& visited,
             std::vector<std::optional<std::size_t>>& owner) {
    for (const std::size_t output : fitting[expectation]) {
        if (visited[output]) {
            continue;
        }
        visited[output] = true;
        if (!owner[output] || augment(*owner[output], fitting, visited, owner)) {
            owner[output] = expectation;
            return true;
        }
    }
    return false;
}

}  // namespace

std::string literal_json(const dsl::File& file, dsl::ExprId literal) {
    const dsl::Expr* expr = &file[literal];
    bool negative = false;
    while (const auto* unary = std::get_if<dsl::Unary>(&expr->node)) {
        negative = !negative;
        expr = &file[unary->operand];
    }
    const auto* value = std::get_if<dsl::Literal>(&expr->node);
    return value == nullptr ? "null" : std::visit(LiteralJson{negative}, value->value);
}

Expectation make_expectation(const dsl::File& file, const dsl::TestExpect& expect) {
    Expectation made{expect.kind, {}, std::nullopt};
    for (const dsl::Assignment& field : expect.fields) {
        made.fields.emplace_back(joined(field.path), literal_json(file, field.value));
    }
    if (expect.at) {
        made.at = expect.at->time;
    }
    return made;
}

std::optional<std::string> output_json(const alerts::Output& output, std::string_view path) {
    const auto* alert = std::get_if<alerts::Alert>(&output);
    return alert != nullptr ? alert_json(*alert, path) : late_json(std::get<alerts::LateRecord>(output), path);
}

bool same_json(const std::string& a, const std::string& b) {
    if (a == b) {
        return true;
    }
    const auto a_number = number_of(a);
    const auto b_number = number_of(b);
    if (a_number && b_number) {
        return *a_number == *b_number;
    }
    const auto a_time = time_of(a);
    return a_time && a_time == time_of(b);
}

bool fits(const Expectation& expectation, const alerts::Output& output) {
    if (expectation.kind != kind_of(output)) {
        return false;
    }
    const auto* alert = std::get_if<alerts::Alert>(&output);
    if (expectation.at && (alert == nullptr || alert->time != *expectation.at)) {
        return false;
    }
    return std::all_of(expectation.fields.begin(), expectation.fields.end(), [&](const auto& field) {
        const auto json = output_json(output, field.first);
        return json ? same_json(*json, field.second) : field.second == "null";
    });
}

bool Pairing::complete() const {
    return std::all_of(output_of.begin(), output_of.end(), [](const auto& output) { return output.has_value(); }) &&
           std::all_of(used.begin(), used.end(), [](bool u) { return u; });
}

Pairing pair_up(const std::vector<Expectation>& expectations, const std::vector<alerts::Output>& outputs) {
    std::vector<std::vector<std::size_t>> fitting(expectations.size());
    for (std::size_t e = 0; e < expectations.size(); ++e) {
        for (std::size_t o = 0; o < outputs.size(); ++o) {
            if (fits(expectations[e], outputs[o])) {
                fitting[e].push_back(o);
            }
        }
    }
    std::vector<std::optional<std::size_t>> owner(outputs.size());
    for (std::size_t e = 0; e < expectations.size(); ++e) {
        std::vector<bool> visited(outputs.size());
        augment(e, fitting, visited, owner);
    }
    Pairing pairing{std::vector<std::optional<std::size_t>>(expectations.size()), std::vector<bool>(outputs.size())};
    for (std::size_t o = 0; o < outputs.size(); ++o) {
        if (owner[o]) {
            pairing.output_of[*owner[o]] = o;
            pairing.used[o] = true;
        }
    }
    return pairing;
}

std::string draw_difference(const std::vector<Expectation>& expectations, const std::vector<alerts::Output>& outputs,
                            const Pairing& pairing) {
    std::string out;
    std::vector<std::string> paths;
    for (std::size_t e = 0; e < expectations.size(); ++e) {
        fmt::format_to(std::back_inserter(out), "{} {}\n", pairing.output_of[e] ? ' ' : '-', draw(expectations[e]));
        for (const auto& [path, json] : expectations[e].fields) {
            if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
                paths.push_back(path);
            }
        }
    }
    for (std::size_t o = 0; o < outputs.size(); ++o) {
        if (!pairing.used[o]) {
            out += "+ " + alerts::printable(draw(outputs[o], paths)) + "\n";
        }
    }
    return out;
}

}  // namespace tocsin::cli
