#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <string>

#include <tocsin/delivery/schedule.hpp>
#include <tocsin/service/processor.hpp>
#include <tocsin/service/rule_engine.hpp>
#include <tocsin/state/checkpoints.hpp>

namespace tocsin::service {

/// Saves the engine's state now and then, so that a start reads the log's end only. Saving is done between two commits; writing goes on
/// beside what comes next. Owned by one thread.
class Checkpointer {
public:
    /// `folder` empty: nothing is saved, nor looked for.
    Checkpointer(const std::string& folder, delivery::Millis every);

    /// Puts the newest state that fits, of at most so many records, into an engine that has seen nothing.
    void restore(RuleEngine& engine, std::uint64_t most_records);

    /// When there is something to save; nothing while no record came since the last one.
    [[nodiscard]] std::optional<delivery::WallTime> due(std::uint64_t records) const;
    /// Saves, and begins to write where the one before is written; `room`: bytes that may be used.
    void save(RuleEngine& engine, delivery::WallTime now, std::uint64_t room);
    /// Other rules are in force: what was saved is of no use to them.
    void forget() { saved_records_ = kNothingSaved; }
    /// Waits until what was saved is written.
    void finish();
    /// As they are now: what has been written meanwhile is counted.
    [[nodiscard]] const CheckpointFigures& figures();

private:
    static constexpr std::uint64_t kNothingSaved = ~std::uint64_t{0};
    struct Written {
        std::uint64_t records;
        std::uint64_t bytes;
        Result<void> outcome;
    };
    void note(Written written);
    [[nodiscard]] bool writing() const;

    std::optional<state::Checkpoints> files_;
    delivery::Millis every_;
    delivery::WallTime next_{};
    std::uint64_t saved_records_{0};  ///< with which there is nothing to save
    std::future<Written> under_way_;
    CheckpointFigures figures_;
};

}  // namespace tocsin::service
