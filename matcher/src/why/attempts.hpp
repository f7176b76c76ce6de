#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tocsin/matcher/why.hpp>

#include "../chooser.hpp"
#include "../stepper.hpp"

namespace tocsin::matcher {

/// A run that came to nothing, or a complete one that was no alert, with what it takes to tell its end again.
struct Track {
    PastId past{kNoPast};  ///< what it took; holds a reference
    std::optional<Run> begun;  ///< as it stood after the event taken last; nothing: complete. Holds references
    std::size_t taken_at{0};  ///< of the events, the one taken last
    Moment over;  ///< highest(): never
    std::optional<Position> over_by{};  ///< the event that ended it
    bool where_failed{false};  ///< of a complete one
};

/// Follows all runs that a key's events start, each on its own, and keeps the few that came furthest. Of those that
/// share an event and end alike it keeps the best. What `overlap` and `skip` choose is told to it; it follows the runs that
/// they give up too. Owned by one shard; memory: that of the live runs, twice.
class Attempts {
public:
    /// `chosen`: the matches, which keep their references. All outlive it.
    Attempts(ShardMemory& memory, plan::RuleId rule, std::span<const SeenEvent> events, std::span<const Candidate> chosen,
             std::optional<Position> about, const Limits& limits);
    ~Attempts();
    Attempts(const Attempts&) = delete;
    Attempts& operator=(const Attempts&) = delete;

    void run(std::string_view key);
    /// The best first.
    [[nodiscard]] std::span<const Track> best() const { return best_; }
    [[nodiscard]] bool any_started() const { return any_started_; }
    [[nodiscard]] std::uint64_t runs_refused() const { return runs_refused_; }

private:
    struct Live {
        Run run;
        Run begun;
        std::size_t taken_at{0};
        bool complete{false};  ///< it was complete once, and went on
    };
    struct Rank {
        bool about{false};
        int kind{0};  ///< refused by `where`, then partial, then not chosen
        std::uint32_t length{0};
        EventTime over;
        friend auto operator<=>(const Rank&, const Rank&) = default;
    };

    void take(std::size_t index);
    void start(std::size_t index);
    [[nodiscard]] bool keep_going(Live& live, std::size_t index);
    [[nodiscard]] bool pass_time(Live& live, EventTime now);
    void take_born(std::size_t index);
    void take_completed(Live* from, std::size_t index);
    void end(Live& live, const Moment& over, const std::optional<Position>& by);
    void offer(Track track);
    void release(Track& track);
    [[nodiscard]] Rank rank(const Track& track) const;
    [[nodiscard]] std::vector<EventId> events_of(PastId past) const;
    [[nodiscard]] bool repeats(const Track& track, const Track& better) const;
    [[nodiscard]] bool all_in_matches(PastId past) const;
    [[nodiscard]] bool is_match(PastId past) const;
    [[nodiscard]] std::uint32_t name_of(nfa::StepId step) const { return rule_.steps[static_cast<std::size_t>(step)].name; }
    [[nodiscard]] bool passes_where(const Completed& complete);

    ShardMemory& memory_;
    plan::RuleId rule_id_;
    const plan::RulePlan& rule_;
    std::span<const SeenEvent> events_;
    std::unordered_multimap<EventId, PastId> chosen_by_last_;  ///< the matches, by the event taken last
    std::unordered_set<EventId> matched_;  ///< events of some match
    std::optional<Position> about_;
    Limits limits_;
    Stepper stepper_;
    std::string key_;
    std::vector<Live> live_;
    std::vector<Live> born_;
    std::vector<EventTime> last_absent_;  ///< by RulePlan::leading_absent
    Effects effects_;
    std::vector<Track> best_;
    bool any_started_{false};
    std::uint64_t runs_refused_{0};
};

}  // namespace tocsin::matcher
