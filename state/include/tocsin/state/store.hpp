#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/state/deployment.hpp>
#include <tocsin/state/outbox.hpp>

/// What a service keeps on disk: the records that came in, and what they caused.
namespace tocsin::state {

/// The layout on disk that this build writes, and the newest that it reads.
inline constexpr std::uint32_t kFormat = 1;

/// Records that came in together.
struct Chunk {
    std::uint64_t sequence{0};  ///< of its first record, over all inputs, from 1
    std::string input;
    std::uint64_t offset{0};  ///< of its first record in its input, from 1
    std::uint64_t records{0};
    std::string lines;  ///< the records, each with a line end
    std::int64_t time_ms{0};  ///< Unix time at which they came
};

/// How far everything is. Between two commits the engine stands still here.
struct Position {
    std::uint64_t records{0};  ///< that came in: the sequence of the last
    std::uint64_t rows{0};  ///< of the outbox: the sequence of the last
    std::map<std::string, std::uint64_t> inputs;  ///< the offset of each input's last record
    /// What the engine gave under the rules with this hash, from the first record on: how many alerts, and the sum of the
    /// hashes of their JSON. An engine that is rebuilt from the log must give the same.
    std::string rules;
    std::uint64_t alerts{0};
    std::uint64_t digest{0};
    friend bool operator==(const Position&, const Position&) = default;
};

/// One step of the service, which is on disk as a whole or not at all.
struct Commit {
    std::vector<Chunk> chunks;
    std::vector<OutboxRow> rows;  ///< that the chunks caused
    std::vector<std::string> endpoints;  ///< where rows go that are not of shadow rules
    std::int64_t now_ms{0};  ///< Unix time: when they are due
    Position position;  ///< after it
    std::optional<Deployment> deployment;  ///< in force from the next record on
};

/// Free space that no write goes below: the store's own work in the background needs room, and it cannot be told to wait.
inline constexpr std::uint64_t kReservedBytes = 64U << 20;

/// The log, the outbox and the position, in step with each other at every moment: after the end of the process at any point,
/// or of the machine, each holds what the last commit that took place left, and none holds more.
///
/// commit() is for one thread; reading, and all of Outbox, may go on beside it.
class Store : public Outbox {
public:
    [[nodiscard]] virtual Result<Position> position() const = 0;

    /// On disk, synced, when it returns. After an error nobody knows whether it took place: nothing may be acknowledged and no
    /// other commit made before the store was opened again.
    /// Requires: free_bytes() was above kReservedBytes by more than the commit; chunks and rows continue those before without a gap, and `position` is where they end.
    [[nodiscard]] virtual Result<void> commit(const Commit& commit) = 0;

    /// The chunks in order of sequence. Stops at the first error that `visit` gives, and gives it.
    [[nodiscard]] virtual Result<void> each_chunk(const std::function<Result<void>(const Chunk&)>& visit) const = 0;
    /// The same from the chunk on that starts with this record. Requires: one does, or none is behind it.
    [[nodiscard]] virtual Result<void> each_chunk_from(std::uint64_t sequence,
                                                       const std::function<Result<void>(const Chunk&)>& visit) const = 0;
    /// The first record that came at this time or later, by the wall clock of then; where there is none, the next one that comes.
    [[nodiscard]] virtual Result<std::uint64_t> first_since(std::int64_t time_ms) const = 0;

    /// In order of number. Stops at the first error that `visit` gives, and gives it.
    [[nodiscard]] virtual Result<void> each_deployment(const std::function<Result<void>(const Deployment&)>& visit) const = 0;
    /// Nothing where there is none with this number.
    [[nodiscard]] virtual Result<std::optional<Deployment>> deployment(std::uint64_t number) const = 0;

    /// How many rows with this alert and op were committed.
    [[nodiscard]] virtual Result<std::uint32_t> shown(std::uint64_t alert, std::string_view op) const = 0;
    /// Whether the last row with this alert and op was of a rule in shadow mode; false where there is none.
    [[nodiscard]] virtual Result<bool> shown_in_shadow(std::uint64_t alert, std::string_view op) const = 0;

    /// Of its files; looks at each.
    [[nodiscard]] virtual Result<std::uint64_t> size_bytes() const = 0;
    /// Of the disk that it is on; cheap.
    [[nodiscard]] virtual Result<std::uint64_t> free_bytes() const = 0;
};

enum class Access : std::uint8_t {
    write,  ///< makes the store where there is none; one process at a time
    read,  ///< as it is now, also while another process writes to it
};

/// A store in the folder `path`, on RocksDB. Refuses one of a newer format (Errc::unsupported), a damaged one and one whose
/// parts are not in step (Errc::bad_data); the message says what can be done. What a crash cut off at the end of the last write
/// was never acknowledged, and is dropped.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const std::string& path, Access access);

}  // namespace tocsin::state
