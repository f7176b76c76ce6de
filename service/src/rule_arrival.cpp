#include "rule_arrival.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

namespace tocsin::service {

namespace {

using Origin = plan::StreamPlan::Origin;

std::int64_t micros(const std::optional<Duration>& duration) { return duration ? duration->count() : -1; }

/// Describes rules as text; a text for each, in the order in which they see each other.
class Describer {
public:
    explicit Describer(const plan::Program& program)
        : program_(program), hashes_(program.rules.size()), known_(program.rules.size()) {
        for (const plan::StreamPlan& stream : program.streams) {
            if (stream.origin == Origin::records) {
                names_.push_back(stream.name);
            }
            if (stream.from) {
                inputs_.insert(*stream.from);
            }
        }
        std::sort(names_.begin(), names_.end());
    }

    /// Rules see alerts of others, never in a circle: those that are seen come first.
    std::uint64_t hash(plan::RuleId id) {
        std::vector<plan::RuleId> open{id};
        while (!open.empty()) {
            const plan::RuleId next = open.back();
            const std::size_t before = open.size();
            for (const plan::SourcePlan& source : program_[next].sources) {
                const plan::StreamPlan& stream = program_[source.stream];
                if (stream.made_by_rule() && !known_[stream.maker]) {
                    open.push_back(plan::RuleId{stream.maker});
                }
            }
            if (open.size() > before) {
                continue;
            }
            const std::string text = describe(program_[next]);
            hashes_[static_cast<std::size_t>(next)] = XXH3_64bits(text.data(), text.size());
            known_[static_cast<std::size_t>(next)] = true;
            open.pop_back();
        }
        return hashes_[static_cast<std::size_t>(id)];
    }

private:
    [[nodiscard]] std::string describe(const plan::RulePlan& rule) const {
        std::set<plan::StreamId> streams(rule.clock_streams.begin(), rule.clock_streams.end());
        for (const plan::SourcePlan& source : rule.sources) {
            streams.insert(source.stream);
        }
        for (const plan::TableId table : rule.tables) {
            streams.insert(program_[table].feeds.begin(), program_[table].feeds.end());
        }
        std::string text = fmt::format("{} {}", static_cast<int>(rule.emit), rule.lateness.count());
        if (rule.throttle) {
            text += fmt::format(" throttle {} {}", rule.throttle->duration.count(), fmt::join(rule.throttle->per, ","));
        }
        std::vector<std::string> of_records;
        std::string made;  // their order is that of events of one time
        for (const plan::StreamId id : streams) {
            const plan::StreamPlan& stream = program_[id];
            stream.origin == Origin::records ? of_records.push_back(describe_records(stream))
                                             : void(made += describe_made(stream));
        }
        std::sort(of_records.begin(), of_records.end());
        return fmt::format("{}\n{}\n{}", text, fmt::join(of_records, "\n"), made);
    }

    [[nodiscard]] std::string describe_records(const plan::StreamPlan& stream) const {
        std::string text = fmt::format("{} slack {} idle {} from {}", stream.name, stream.slack.count(), micros(stream.idle),
                                       stream.from.value_or("-"));
        // The only stream of its input takes records that name none, so that it matters which others there are.
        const auto own = std::count_if(program_.streams.begin(), program_.streams.end(), [&](const plan::StreamPlan& other) {
            return other.origin == Origin::records && other.from == stream.from;
        });
        if (!stream.where && own == 1) {
            text += fmt::format(" alone among {} of {}", fmt::join(names_, ","), fmt::join(inputs_, ","));
        }
        return text;
    }

    [[nodiscard]] std::string describe_made(const plan::StreamPlan& stream) const {
        if (stream.origin == Origin::alerts) {
            const std::uint64_t of_maker = stream.made_by_rule() ? hashes_[stream.maker] : 0;
            return fmt::format("{} {} {:016x}\n", stream.name, stream.made_by_rule(), of_maker);
        }
        std::string text = stream.name + " of";
        for (const plan::StreamId feed : program_.tables[stream.maker].feeds) {
            text += " " + describe_records(program_[feed]);
        }
        return text + "\n";
    }

    const plan::Program& program_;
    std::vector<std::uint64_t> hashes_;
    std::vector<bool> known_;
    std::vector<std::string> names_;  ///< of the streams of records
    std::set<std::string> inputs_;  ///< that streams name
};

}  // namespace

std::vector<std::uint64_t> arrival_hashes(const plan::Program& program) {
    Describer describer(program);
    std::vector<std::uint64_t> hashes;
    for (std::uint32_t r = 0; r < program.rules.size(); ++r) {
        hashes.push_back(describer.hash(plan::RuleId{r}));
    }
    return hashes;
}

}  // namespace tocsin::service
