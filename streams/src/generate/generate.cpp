#include <tocsin/streams/generate.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include "random.hpp"
#include "scenario.hpp"
#include "timeline.hpp"

namespace tocsin::streams {

namespace {

using std::chrono::hours;

struct Kind {
    std::string_view name;
    Duration shortest;  ///< event time of a small stream
    std::unique_ptr<Scenario> (*make)(const GenerateSpec&, Pace, Random&, Timeline&);
};
constexpr std::array kKinds{
    Kind{"fraud", hours(72), make_fraud},
    Kind{"monitoring", hours(3), make_monitoring},
    Kind{"security", hours(48), make_security},
    Kind{"stock", std::chrono::seconds(1), make_stock},
};
constexpr auto kNames = [] {
    std::array<std::string_view, kKinds.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) {
        names[i] = kKinds[i].name;
    }
    return names;
}();

constexpr EventTime kStart = EventTime::from_millis(1'767'571'200'000);  // 2026-01-05T00:00:00Z, a Monday
constexpr std::uint64_t kEventsPerEpisode = 300;
constexpr std::uint64_t kLeastEpisodesPerRule = 4;

/// How busy an hour of the day is, in percent of the mean.
constexpr std::array<std::int64_t, 24> kHours{35,  25,  20,  20,  25,  40,  65,  95,  130, 155, 165, 160,
                                              150, 150, 155, 150, 145, 140, 140, 135, 115, 85,  60,  40};

std::int64_t weight_of_hour(EventTime time) {
    constexpr std::int64_t kHour = 3'600'000'000;
    return kHours[static_cast<std::size_t>(time.micros() / kHour % 24)];
}

EventTime whole_millis(EventTime time) { return EventTime(time.micros() - time.micros() % 1000); }

/// When the background speaks: a Poisson process whose rate follows the hour of the day.
class Background {
public:
    explicit Background(Pace pace) : pace_(pace) {}
    EventTime next(Random& random) {
        now_ = now_ + Duration(random.exponential(pace_.gap.count() * 100 / weight_of_hour(now_)));
        return now_;
    }

private:
    Pace pace_;
    EventTime now_{kStart};
};

/// When episodes begin: evenly over the first four fifths, so that the last ones come to their end. The rules take turns,
/// first with an incident each, then with a near miss each.
class Episodes {
public:
    Episodes(Pace pace, std::uint64_t events, std::uint32_t rules)
        : rules_(rules), left_(std::max(kLeastEpisodesPerRule * rules, rules == 0 ? 0 : events / kEventsPerEpisode)) {
        gap_ = left_ == 0 ? pace.span : pace.span * 4 / 5 / static_cast<std::int64_t>(left_);
    }
    [[nodiscard]] EventTime next() const { return left_ == 0 ? EventTime::highest() : now_; }
    void take(Scenario& scenario, Random& random) {
        const auto round = static_cast<std::uint32_t>(taken_ / rules_);
        scenario.episode(whole_millis(now_), static_cast<std::uint32_t>(taken_ % rules_), {round % 2 == 0, round / 2});
        ++taken_;
        --left_;
        now_ = now_ + gap_ / 2 + Duration(random.between(0, gap_.count() / 1000) * 1000);
    }

private:
    std::uint32_t rules_;
    std::uint64_t left_;
    std::uint64_t taken_{0};
    Duration gap_{0};
    EventTime now_{kStart};
};

void run(Scenario& scenario, Pace pace, std::uint64_t events, Random& random, Timeline& timeline) {
    scenario.start(kStart);
    Background background(pace);
    Episodes episodes(pace, events, scenario.rules());
    EventTime next_background = background.next(random);
    while (!timeline.failed()) {
        const EventTime due = timeline.next_due();
        const EventTime noise = timeline.room() > 0 ? next_background : EventTime::highest();
        const EventTime planned = timeline.room() >= Scenario::kEpisodeRecords ? episodes.next() : EventTime::highest();
        const EventTime first = std::min({due, noise, planned});
        if (first == EventTime::highest()) {
            return;
        }
        if (first == due) {
            if (const auto wake = timeline.take_due()) {
                scenario.wake(due, *wake);
            }
        } else if (first == planned) {
            episodes.take(scenario, random);
        } else {
            timeline.announce();
            scenario.background(whole_millis(noise));
            next_background = background.next(random);
        }
    }
}

}  // namespace

std::span<const std::string_view> scenarios() { return kNames; }

Result<GenerateReport> generate(const GenerateSpec& spec, const TextSink& events, const TextSink& truth) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == spec.scenario; });
    if (kind == kKinds.end()) {
        return fail(Errc::invalid,
                    "there is no scenario `" + spec.scenario + "`; there are fraud, monitoring, security and stock");
    }
    if (spec.events < kLeastEvents) {
        return fail(Errc::invalid, "a stream has at least " + std::to_string(kLeastEvents) + " events");
    }
    if (spec.disorder < Duration{0}) {
        return fail(Errc::invalid, "disorder is not negative");
    }
    Random random(spec.seed);
    Timeline timeline(spec, events, truth);
    const Pace pace = pace_of(spec.events, kind->shortest);
    const auto scenario = kind->make(spec, pace, random, timeline);
    run(*scenario, pace, spec.events, random, timeline);
    return timeline.finish();
}

}  // namespace tocsin::streams
