#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/plan/program.hpp>

#include "alert_builder.hpp"

namespace tocsin::engine {

/// Holds alerts back that are less than the rule's `throttle` away, in event time, from one shown before. One that was shown and
/// taken back still counts. What other rules see of the rule's alerts is not held back.
class Throttle {
public:
    Throttle(std::shared_ptr<const plan::Program> program, const matcher::RoutingTable& routing)
        : program_(std::move(program)), routing_(routing), rules_(program_->rules.size()) {}

    /// True where the alert, or what takes it back or corrects it, is not to be shown. Requires: alerts in the order in which they
    /// are written, each once.
    [[nodiscard]] bool holds_back(const Shown& shown);
    /// Forgets what no later alert can be near to.
    void forget_settled(const matcher::ClockHistory& clocks);

    template <class Archive>
    void archive(Archive& a) {
        for (Of& of : rules_) {
            a(of.shown, of.held, of.sweep_at);
        }
    }

private:
    static constexpr std::size_t kFirstSweep = 1024;
    struct Of {
        std::map<std::string, std::set<EventTime>> shown;   ///< by the values of `per`
        std::map<std::uint64_t, EventTime> held;            ///< by the alert's id
        std::size_t sweep_at{kFirstSweep};                  ///< so that sweeping costs little beside what was added
    };
    static void sweep(Of& of, EventTime settled, Duration reach);
    [[nodiscard]] static std::string group(const plan::ThrottlePlan& throttle, const Shown& shown);

    std::shared_ptr<const plan::Program> program_;
    const matcher::RoutingTable& routing_;
    std::vector<Of> rules_;
};

}  // namespace tocsin::engine
