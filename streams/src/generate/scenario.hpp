#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tocsin/base/time.hpp>

#include "pool.hpp"
#include "random.hpp"
#include "record.hpp"
#include "timeline.hpp"

namespace tocsin::streams {

/// An episode is either an incident, or a near miss in one of several ways.
struct Plot {
    bool incident{true};
    std::uint32_t variant{0};  ///< of the near misses; taken modulo their number
};

/// Which near miss a plot is, among so many `ways`; none where it is an incident.
struct NearMiss {
    Plot plot;
    std::uint32_t ways;
    [[nodiscard]] bool operator()(std::uint32_t way) const { return !plot.incident && plot.variant % ways == way; }
};

/// What puts a near miss behind a limit, which itself is inside.
inline constexpr Duration kTooLate = std::chrono::milliseconds(1);

/// One kind of stream. Told when to write something, it says what.
class Scenario {
public:
    Scenario(Random& random, Timeline& timeline) : random_(random), timeline_(timeline) {}
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    virtual ~Scenario() = default;

    /// Called once, to arrange what happens regularly.
    virtual void start(EventTime) {}
    /// One record of noise at `now`, written at once; records that belong to it may follow later.
    virtual void background(EventTime now) = 0;
    /// How many rules there are to plant incidents for.
    [[nodiscard]] virtual std::uint32_t rules() const { return 0; }
    /// Plants an episode of a rule: its records are due at `now` or later, at most kEpisodeRecords of them.
    virtual void episode(EventTime, std::uint32_t /*rule*/, Plot) {}
    /// Called for by wake_at: writes exactly one record.
    virtual void wake(EventTime, Wake) {}

    static constexpr std::uint64_t kEpisodeRecords = 40;

protected:
    Random& random() { return random_; }
    Timeline& timeline() { return timeline_; }

private:
    Random& random_;
    Timeline& timeline_;
};

/// A scenario with a function for each rule that incidents are planted for: `Self::plants()`, in the order of the rules.
template <class Self>
class PlantedScenario : public Scenario {
public:
    using Plant = void (Self::*)(EventTime, Plot);

    using Scenario::Scenario;
    [[nodiscard]] std::uint32_t rules() const final { return static_cast<std::uint32_t>(Self::plants().size()); }
    void episode(EventTime now, std::uint32_t rule, Plot plot) final {
        (static_cast<Self&>(*this).*Self::plants()[rule])(now, plot);
    }
};

/// The records of one episode, some of them those of the match.
class Episode {
public:
    Episode& matched(Record record) { return add(std::move(record), true); }
    Episode& beside(Record record) { return add(std::move(record), false); }
    Episode& add(Record record, bool matched);

    /// Puts the records on the timeline. If the plot is an incident, the matched ones are one, decided with the last of
    /// them, or `wait` after the first.
    void play(Timeline& timeline, const Plot& plot, std::string_view rule, std::string key,
              std::optional<Duration> wait = {}) &&;

private:
    std::vector<std::pair<Record, bool>> records_;
};

/// Event time and mean distance of a stream of so many events.
struct Pace {
    Duration span;
    Duration gap;
};
/// `shortest` for a small stream, fifty records a second for a large one.
[[nodiscard]] Pace pace_of(std::uint64_t events, Duration shortest);
/// How many entities a stream of so many events has.
[[nodiscard]] std::uint32_t population(std::uint64_t events, std::uint64_t events_each, std::uint32_t least,
                                       std::uint32_t most);

[[nodiscard]] std::unique_ptr<Scenario> make_fraud(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline);
[[nodiscard]] std::unique_ptr<Scenario> make_monitoring(const GenerateSpec& spec, Pace pace, Random& random,
                                                        Timeline& timeline);
[[nodiscard]] std::unique_ptr<Scenario> make_security(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline);
[[nodiscard]] std::unique_ptr<Scenario> make_stock(const GenerateSpec& spec, Pace pace, Random& random, Timeline& timeline);

}  // namespace tocsin::streams
