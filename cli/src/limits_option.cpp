#include "limits_option.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include <tocsin/base/diagnostic.hpp>

namespace tocsin::cli {

namespace {

struct Entry {
    std::string_view name;
    std::size_t Limits::* field;
};

constexpr std::array kEntries = std::to_array<Entry>({
    {"rule_file_bytes", &Limits::rule_file_bytes},
    {"nesting", &Limits::nesting},
    {"expression_depth", &Limits::expression_depth},
    {"expression_nodes", &Limits::expression_nodes},
    {"record_bytes", &Limits::record_bytes},
    {"record_nesting", &Limits::record_nesting},
    {"pattern_states", &Limits::pattern_states},
    {"windows_per_event", &Limits::windows_per_event},
    {"runs_per_key", &Limits::runs_per_key},
    {"events_shown_per_step", &Limits::events_shown_per_step},
    {"explained_events", &Limits::explained_events},
    {"reported_records", &Limits::reported_records},
});
static_assert(kEntries.size() * sizeof(std::size_t) == sizeof(Limits), "a limit without a name");

}  // namespace

std::vector<std::string_view> limit_names() {
    std::vector<std::string_view> names;
    std::transform(kEntries.begin(), kEntries.end(), std::back_inserter(names), [](const Entry& e) { return e.name; });
    return names;
}

Result<void> set_limit(Limits& limits, std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    const std::string_view name = assignment.substr(0, equals);
    const auto entry = std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& e) { return e.name == name; });
    if (entry == kEntries.end()) {
        const std::string_view meant = nearest(name, limit_names());
        return fail(Errc::invalid, meant.empty()
                                       ? fmt::format("no limit '{}' (there are {})", name, fmt::join(limit_names(), ", "))
                                       : fmt::format("no limit '{}'; did you mean '{}'?", name, meant));
    }
    const std::string_view text = equals == std::string_view::npos ? std::string_view{} : assignment.substr(equals + 1);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return fail(Errc::invalid, fmt::format("limit '{}' needs a number: {}=NUMBER", name, name));
    }
    limits.*(entry->field) = value;
    return {};
}

Result<Limits> make_limits(const std::vector<std::string>& assignments) {
    Limits limits;
    for (const std::string& assignment : assignments) {
        if (auto set = set_limit(limits, assignment); !set) {
            return tl::unexpected(set.error());
        }
    }
    return limits;
}

}  // namespace tocsin::cli
