#include "declare.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <tocsin/event/value.hpp>

namespace tocsin::streams {
namespace {

using event::Type;

constexpr std::size_t kLineWidth = 100;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool needs_quotes(std::string_view name) {
    constexpr std::array<std::string_view, 10> kReserved{"and",     "or",   "not",   "in",   "like",
                                                         "matches", "true", "false", "null", "until"};
    return std::isdigit(static_cast<unsigned char>(name.front())) != 0 || !std::all_of(name.begin(), name.end(), is_word) ||
           std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

/// Each part of a path as a name; nothing if some part cannot be one, in whatever quotes.
std::optional<std::string> quoted_path(std::string_view path) {
    std::string out;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part.empty() || part.find_first_of("`\n\r") != std::string_view::npos) {
            return std::nullopt;
        }
        out += (out.empty() ? "" : ".") + quoted_name(part);
        begin = end + 1;
    }
    return out;
}

/// The type that most values have; a few of another kind become null when they are read.
Type type_of(const FieldProfile& field) {
    const std::uint64_t most = std::max({field.bools, field.numbers(), field.strings});
    if (most == field.strings) {
        if (field.times == field.strings) {
            return Type::time;
        }
        if (field.addresses == field.strings) {
            return Type::ip;
        }
        return field.durations == field.strings ? Type::duration : Type::string;
    }
    if (most == field.bools) {
        return Type::boolean;
    }
    return field.floats == 0 ? Type::integer : Type::floating;
}

bool is_mixed(const FieldProfile& field) {
    return field.values() + field.arrays > std::max({field.bools, field.numbers(), field.strings});
}

struct TimeField {
    const FieldProfile* field{nullptr};
    std::optional<TimeUnit> unit;  ///< of numbers; none: RFC 3339
};

/// By magnitude: the years 1990 to 2100 in each unit do not overlap.
std::optional<TimeUnit> epoch_unit(const FieldProfile& field) {
    constexpr double kFrom = 631'152'000;
    constexpr double kTo = 4'102'444'800;
    double scale = 1;
    for (const TimeUnit unit : {TimeUnit::s, TimeUnit::ms, TimeUnit::us, TimeUnit::ns}) {
        if (field.least >= kFrom * scale && field.largest <= kTo * scale) {
            return unit;
        }
        scale *= 1000;
    }
    return std::nullopt;
}

/// How much a name sounds like that of the event's time; one inside an object less than one outside.
int name_score(std::string_view path) {
    constexpr std::array<std::string_view, 8> kNames{"ts",         "time",      "timestamp", "@timestamp",
                                                     "event_time", "eventTime", "EventTime", "datetime"};
    const std::string_view last = path.substr(path.rfind('.') + 1);
    if (std::find(kNames.begin(), kNames.end(), last) != kNames.end()) {
        return last == path ? 3 : 2;
    }
    std::string lower(path);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool stamp =
        lower.substr(path.size() - last.size()).starts_with("ts_") || lower.ends_with("_ts") || lower.ends_with("_at");
    return stamp || lower.find("time") != std::string::npos || lower.find("date") != std::string::npos ? 2 : 1;
}

TimeField time_field(const StreamProfile& profile) {
    TimeField best;
    int best_score = 0;
    for (const FieldProfile& field : profile.fields()) {
        // A stream's time must be in nearly every record, and in one form.
        if (field.values() * 10 < profile.records() * 9 || is_mixed(field) || !quoted_path(field.path)) {
            continue;
        }
        const int name = name_score(field.path);
        const Type type = type_of(field);
        const bool text = type == Type::time;
        const auto unit = field.numbers() > 0 ? epoch_unit(field) : std::nullopt;
        // RFC 3339 cannot be mistaken; a number needs a name that speaks for it.
        const int score = text ? 2 * name + 1 : unit && name > 1 ? 2 * name : 0;
        if (score > best_score) {
            best_score = score;
            best = {&field, text ? std::nullopt : unit};
        }
    }
    return best;
}

Duration disorder_of(const TimeField& time) {
    if (!time.unit) {
        return Duration(time.field->time_disorder.largest());
    }
    const auto behind = from_epoch(time.field->number_disorder.largest(), *time.unit);
    // One more of the field's own unit covers its fractions.
    return Duration(behind ? behind->micros() : 0);
}

/// The disorder, rounded up to a duration that a person would write.
Duration round_up(Duration disorder) {
    using namespace std::chrono_literals;
    constexpr std::array<std::chrono::seconds, 16> kSteps{1s,   2s,   5s,   10s,    15s,    30s,    60s,     120s,
                                                          300s, 600s, 900s, 1'800s, 3'600s, 7'200s, 21'600s, 43'200s};
    for (const auto step : kSteps) {
        if (disorder <= step) {
            return step;
        }
    }
    return std::chrono::ceil<std::chrono::days>(disorder);
}

std::string_view unit_name(TimeUnit unit) {
    switch (unit) {
        case TimeUnit::s: return "s";
        case TimeUnit::ms: return "ms";
        case TimeUnit::us: return "us";
        case TimeUnit::ns: return "ns";
    }
    return {};
}

/// The fields in brackets, on one line if they fit there.
std::string field_list(const std::string& head, const std::vector<std::string>& fields) {
    std::size_t width = head.size() + 2;
    for (const std::string& field : fields) {
        width += field.size() + 2;
    }
    const bool wrapped = width > kLineWidth;
    std::string out = head + (wrapped ? "(\n" : "(");
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += (wrapped ? "    " : "") + fields[i];
        out += i + 1 < fields.size() ? (wrapped ? ",\n" : ", ") : "";
    }
    return out + ")\n";
}

void append_comment(std::string& out, std::string_view what, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        std::string text;
        event::append_json_string(text, path);
        out += "# " + std::string(what) + text + "\n";
    }
}

}  // namespace

std::string camel_case(std::string_view text) {
    std::string out;
    bool upper = true;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
            upper = true;
            continue;
        }
        out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        upper = false;
    }
    return out.empty() || std::isdigit(static_cast<unsigned char>(out.front())) != 0 ? "Stream" + out : out;
}

std::string_view without_endings(std::string_view file) {
    constexpr std::array<std::string_view, 7> kEndings{".gz", ".zst", ".ndjson", ".jsonl", ".json", ".csv", ".log"};
    bool cut = true;
    while (cut) {
        cut = false;
        for (const std::string_view ending : kEndings) {
            if (file.size() > ending.size() && file.ends_with(ending)) {
                file.remove_suffix(ending.size());
                cut = true;
            }
        }
    }
    return file;
}

std::string quoted_name(std::string_view name) {
    return needs_quotes(name) ? "`" + std::string(name) + "`" : std::string(name);
}

std::optional<InferredTime> time_of(const StreamProfile& profile) {
    const TimeField time = time_field(profile);
    if (time.field == nullptr) {
        return std::nullopt;
    }
    InferredTime found{{}, time.unit};
    const std::string& path = time.field->path;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        found.path.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

std::string declare(const StreamName& name, const StreamProfile& profile) {
    const TimeField time = time_field(profile);
    std::vector<std::string> fields;
    std::vector<std::string> mixed;
    std::vector<std::string> arrays;
    std::vector<std::string> unnamed;
    for (const FieldProfile& field : profile.fields()) {
        const auto path = quoted_path(field.path);
        if (!path) {
            unnamed.push_back(field.path);
        } else if (field.values() == 0) {
            if (field.arrays > 0) {
                arrays.push_back(field.path);
            }
        } else {
            const Type type = &field == time.field ? Type::time : type_of(field);
            fields.push_back(*path + ": " + std::string(event::type_name(type)));
            if (is_mixed(field)) {
                mixed.push_back(field.path);
            }
        }
    }
    std::string out;
    append_comment(out, "an array, which no field can hold: ", arrays);
    append_comment(out, "no name of the language: ", unnamed);
    append_comment(out, "not always of this type: ", mixed);
    if (time.field == nullptr) {
        out += "# no field looks like the time of an event: name one with `time`\n";
    }
    out += field_list("stream " + quoted_name(name.name), fields);
    if (time.field != nullptr) {
        out += "  time  " + quoted_path(time.field->path).value_or("");
        out += time.unit && *time.unit != TimeUnit::ms ? " " + std::string(unit_name(*time.unit)) : "";
        out += "\n";
        const Duration disorder = disorder_of(time);
        if (disorder > Duration::zero()) {
            out += "  slack " + format_duration(round_up(disorder)) + "\n";
        }
    }
    if (!name.type_tag.empty() && name.type_tag != name.name) {
        out += "  where type = ";
        event::append_json_string(out, name.type_tag);
        out += "\n";
    }
    return out;
}

}  // namespace tocsin::streams
