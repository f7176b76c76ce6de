#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <tocsin/delivery/schedule.hpp>
#include <tocsin/engine/engine.hpp>
#include <tocsin/plan/program.hpp>

namespace tocsin::service {

/// Which partitions have had nothing to read for as long as their stream's `idle` says, by the wall clock. What it finds goes
/// into the log as `$idle` records, so that a replay of the log has the clock of the live run. Owned by one thread.
class IdleWatch {
public:
    /// Partitions that a `from` names count as heard at `start`. `inputs`: their names, by event::InputId.
    IdleWatch(const plan::Program& program, std::vector<std::string> inputs, delivery::WallTime start);

    /// All records of the batch are heard `now`: events and heartbeats; a record that says that its partition is idle needs none
    /// of ours.
    void hear(const engine::PreparedBatch& batch, delivery::WallTime now);
    /// All that is known was heard `now`: the log was read again.
    void restart(delivery::WallTime now);
    /// Partitions that `before` knows too were heard when it says. Inputs have the same ids there.
    void take_over(const IdleWatch& before);
    /// What take_idle() gave could not be kept: it is given again, a stream's `idle` later.
    void retry(delivery::WallTime now);

    /// When to look next; nothing: not before something is heard.
    [[nodiscard]] std::optional<delivery::WallTime> next() const;
    /// `$idle` records, by input, of the partitions that have become idle. Each is given once, until it is heard again.
    [[nodiscard]] std::map<std::string, std::string> take_idle(delivery::WallTime now);

    /// All but when partitions were heard: restart() says that of what was restored.
    template <class Archive>
    void archive(Archive& a) {
        a(partitions_);
        last_state_ = nullptr;
    }

private:
    using Partition = std::tuple<std::uint32_t, event::InputId, std::string>;  ///< stream, input, name
    struct State {
        delivery::WallTime due;
        bool idle{false};

        template <class Archive>
        void archive(Archive& a) {
            a(idle);
        }
    };
    void hear(std::uint32_t stream, event::InputId input, std::string_view partition, delivery::WallTime now);
    [[nodiscard]] std::optional<std::uint32_t> stream_named(std::string_view name) const;

    std::vector<std::optional<delivery::Millis>> idle_of_;  ///< by stream
    std::vector<std::string> names_;  ///< by stream
    std::vector<std::string> inputs_;
    bool watches_{false};
    std::map<Partition, State> partitions_;
    Partition last_{};  ///< a record mostly comes from the partition of the one before
    State* last_state_{nullptr};
};

}  // namespace tocsin::service
