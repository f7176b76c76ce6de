#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <tocsin/matcher/clock_history.hpp>
#include <tocsin/matcher/routing.hpp>
#include <tocsin/plan/program.hpp>

#include "alert_builder.hpp"
#include "made_streams.hpp"

namespace tocsin::engine {

/// Rows of one stream.
struct FedStream {
    plan::StreamId stream;
    std::vector<MadeRow> rows;
};

/// Makes events of alerts for the rules that see other rules' alerts. An alert that is taken back takes its event back; one that is
/// corrected takes it back and gives another in its place.
class Feedback {
public:
    Feedback(std::shared_ptr<const plan::Program> program, const matcher::RoutingTable& routing)
        : program_(std::move(program)), routing_(routing), given_(program_->rules.size()) {}

    /// What changes in the streams of alerts, in the order given. Requires: alerts in the order of the language.
    [[nodiscard]] std::vector<FedStream> rows(std::span<const Shown> shown);
    /// Forgets the alerts that cannot change any more.
    void forget_settled(const matcher::ClockHistory& clocks);

    template <class Archive>
    void archive(Archive& a) {
        for (Given& given : given_) {
            a(given.rows, given.sweep_at);
        }
    }

private:
    [[nodiscard]] static MadeRow row_of(const Shown& shown);

    std::shared_ptr<const plan::Program> program_;
    const matcher::RoutingTable& routing_;
    struct Given {
        std::map<std::uint64_t, MadeRow> rows;          ///< the event of each alert that can still change, by the alert's id
        std::size_t sweep_at{kFirstSweep};              ///< so that sweeping costs little beside what was added
    };
    static constexpr std::size_t kFirstSweep = 1024;
    std::vector<Given> given_;                          ///< by rule
};

}  // namespace tocsin::engine
