#include "generated.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include "support/test.hpp"

namespace tocsin::test {

Generated generate(const streams::GenerateSpec& spec) {
    Generated made;
    const auto append_to = [](std::string& text) {
        return [&text](std::string_view more) -> Result<void> {
            text += more;
            return {};
        };
    };
    const auto report = streams::generate(spec, append_to(made.events), append_to(made.truth));
    if (!report) {
        FAIL(report.error().message);
    }
    made.report = *report;
    return made;
}

std::multiset<Incident> incidents_of_truth(const std::string& truth) {
    simdjson::dom::parser parser;
    std::multiset<Incident> incidents;
    const simdjson::dom::element whole = parser.parse(truth);
    for (const simdjson::dom::element one : whole["incidents"].get_array()) {
        Incident incident{std::string(std::string_view(one["rule"])),
                          simdjson::minify(one["key"].value()),
                          std::string(std::string_view(one["time"])),
                          {}};
        for (const simdjson::dom::element offset : one["offsets"].get_array()) {
            incident.offsets.push_back(offset.get_uint64());
        }
        std::sort(incident.offsets.begin(), incident.offsets.end());
        incidents.insert(std::move(incident));
    }
    return incidents;
}

std::multiset<Incident> incidents_of_alerts(const Replayed& replayed) {
    std::multiset<Incident> incidents;
    for (const alerts::Alert& alert : replayed.alerts()) {
        std::string key;
        for (const alerts::NamedJson& part : alert.key) {
            key += fmt::format("{}\"{}\":{}", key.empty() ? "" : ",", part.first, part.second);
        }
        incidents.insert({alert.rule, "{" + key + "}", format_rfc3339(alert.time), offsets(alert)});
    }
    return incidents;
}

std::string missing(const std::multiset<Incident>& all, const std::multiset<Incident>& others) {
    std::vector<Incident> only;
    std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::back_inserter(only));
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(only.size(), 5); ++i) {
        text += fmt::format("{} {} at {}: {}\n", only[i].rule, only[i].key, only[i].time, fmt::join(only[i].offsets, " "));
    }
    return text;
}

}  // namespace tocsin::test
