// Labels by key and time. A label's key is text, as an analyst's file has it, and an alert's is JSON: a label stands under each
// JSON that its text can mean, and an alert asks with its own.
#include <tocsin/backtest/labels.hpp>

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <tocsin/event/value.hpp>

namespace tocsin::backtest {

namespace {

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Numbers in one form; everything else is in one form already.
std::string canonical(const std::string& json) {
    const auto number = json.starts_with('"') ? std::nullopt : number_in(json);
    // Of an integer beyond 2^53 digits would be lost.
    const bool exact = number && *number < 9e15 && *number > -9e15;
    return exact ? fmt::format("{}", *number) : json;
}

std::vector<std::string> meanings(const std::string& text) {
    std::vector<std::string> found;
    const auto add = [&found](std::string json) {
        if (std::ranges::find(found, json) == found.end()) {
            found.push_back(std::move(json));
        }
    };
    const auto quoted = [](std::string_view plain) {
        std::string json;
        event::append_json_string(json, plain);
        return json;
    };
    add(quoted(text));
    if (number_in(text) || text == "true" || text == "false") {
        add(canonical(text));
    }
    if (const auto ip = event::parse_ip(text)) {
        add(quoted(event::format_ip(*ip)));
    }
    if (const auto time = parse_rfc3339(text)) {
        add(quoted(format_rfc3339(*time)));
    }
    return found;
}

std::string entry(const std::string& name, const std::string& json) { return name + "=" + json; }

/// Calls `visit` with each part of the key and each value of an alert.
template <class Visit>
void each_value(const alerts::Alert& alert, Visit visit) {
    for (const auto& [name, json] : alert.key) {
        visit(name, canonical(json));
    }
    for (const auto& [name, json] : alert.values) {
        visit(name, canonical(json));
    }
}

EventTime end_of(const alerts::Alert& alert) { return std::max(alert.last, alert.time); }

}  // namespace

Labels::Labels(std::vector<Label> labels, Duration grace) : labels_(std::move(labels)), grace_(grace) {
    for (std::uint32_t i = 0; i < labels_.size(); ++i) {
        const Label& label = labels_[i];
        if (label.key.empty()) {
            without_key_.labels.push_back(i);
            continue;
        }
        for (const std::string& json : meanings(label.key.front().second)) {
            by_key_[entry(label.key.front().first, json)].labels.push_back(i);
        }
    }
    close(without_key_);
    for (auto& [key, timeline] : by_key_) {
        close(timeline);
    }
}

void Labels::close(Timeline& timeline) const {
    std::ranges::sort(timeline.labels, {}, [this](std::uint32_t i) { return std::pair(labels_[i].from, i); });
    EventTime latest = EventTime::lowest();
    for (const std::uint32_t i : timeline.labels) {
        latest = std::max(latest, labels_[i].to + grace_);
        timeline.latest.push_back(latest);
    }
}

bool Labels::fits(const Label& label, const alerts::Alert& alert, const std::string& rule) const {
    if (label.rule && *label.rule != rule) {
        return false;
    }
    if (label.to + grace_ < alert.first || end_of(alert) < label.from) {
        return false;
    }
    return std::ranges::all_of(label.key, [&](const auto& part) {
        const auto wanted = meanings(part.second);
        bool found = false;
        each_value(alert, [&](const std::string& name, const std::string& json) {
            found = found || (name == part.first && std::ranges::find(wanted, json) != wanted.end());
        });
        return found;
    });
}

void Labels::look(const Timeline& timeline, const alerts::Alert& alert, const std::string& rule,
                  std::vector<std::uint32_t>& hits) const {
    const auto behind =
        std::ranges::upper_bound(timeline.labels, end_of(alert), {}, [this](std::uint32_t i) { return labels_[i].from; });
    for (auto i = static_cast<std::size_t>(behind - timeline.labels.begin()); i > 0 && timeline.latest[i - 1] >= alert.first;
         --i) {
        if (fits(labels_[timeline.labels[i - 1]], alert, rule)) {
            hits.push_back(timeline.labels[i - 1]);
        }
    }
}

std::vector<std::uint32_t> Labels::hit_by(const alerts::Alert& alert, const std::string& rule) const {
    std::vector<std::uint32_t> hits;
    look(without_key_, alert, rule, hits);
    each_value(alert, [&](const std::string& name, const std::string& json) {
        if (const auto found = by_key_.find(entry(name, json)); found != by_key_.end()) {
            look(found->second, alert, rule, hits);
        }
    });
    // A part of the key may be a value as well.
    std::ranges::sort(hits);
    hits.erase(std::unique(hits.begin(), hits.end()), hits.end());
    return hits;
}

std::vector<std::string> key_names(const std::vector<const plan::Program*>& programs) {
    std::set<std::string> names;
    for (const plan::Program* program : programs) {
        for (const plan::RulePlan& rule : program->rules) {
            std::ranges::transform(rule.key, std::inserter(names, names.end()), &plan::KeyPlan::name);
            std::ranges::transform(rule.lets, std::inserter(names, names.end()), &plan::NamedValue::name);
            std::ranges::transform(rule.returns, std::inserter(names, names.end()), &plan::NamedValue::name);
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace tocsin::backtest
