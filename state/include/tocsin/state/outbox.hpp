#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>

/// What is kept of alerts on their way to endpoints.
namespace tocsin::state {

/// An alert as it left the engine. Rows are numbered from 1 without gaps, in the order in which the engine gave them.
struct OutboxRow {
    std::uint64_t sequence{0};
    std::uint64_t alert{0};  ///< the alert's id
    std::string op;  ///< `alert`, `retract`, `correct`
    std::uint32_t ordinal{1};  ///< the how manieth row with this alert and op
    std::string rule;
    std::string body;  ///< the alert's JSON
    bool shadow{false};  ///< of a rule in shadow mode: goes to no endpoint
};

/// What receivers tell copies of one row by: `5f3a…c1.alert`, and `5f3a…c1.alert.2` where the same id and op came before
/// (an alert that was taken back and came again).
[[nodiscard]] std::string delivery_id(const OutboxRow& row);

/// A row that an endpoint has not taken yet.
struct Delivery {
    std::string endpoint;
    std::uint64_t sequence{0};
    std::uint32_t tries{0};  ///< so far
    std::int64_t due_ms{0};  ///< Unix time before which it is not tried again
};

/// A row that an endpoint is no longer tried with.
struct DeadLetter {
    std::string endpoint;
    std::uint64_t sequence{0};
    std::uint32_t tries{0};
    std::int64_t given_up_ms{0};
    std::string reason;  ///< of the last try's failure
};

/// Alerts and how far their delivery is. Thread-safe: each endpoint is served by a thread of its own. Changes survive the end
/// of the process, however it ends; a power failure can take back the last ones (not those of Store::commit), after which what
/// was delivered is delivered again under the same id.
class Outbox {
public:
    Outbox() = default;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    virtual ~Outbox() = default;

    /// Nothing where there is no such row.
    [[nodiscard]] virtual Result<std::optional<OutboxRow>> row(std::uint64_t sequence) const = 0;
    /// In order of sequence. Stops at the first error that `visit` gives, and gives it.
    [[nodiscard]] virtual Result<void> each_row(const std::function<Result<void>(const OutboxRow&)>& visit) const = 0;

    /// What the endpoint has not taken yet, in order of sequence: the first `most` of those behind the row `after`.
    [[nodiscard]] virtual Result<std::vector<Delivery>> pending(
        std::string_view endpoint, std::uint64_t after = 0,
        std::size_t most = std::numeric_limits<std::size_t>::max()) const = 0;
    /// How many those are in all; looks at each.
    [[nodiscard]] virtual Result<std::uint64_t> pending_count(std::string_view endpoint) const = 0;
    /// The names of all endpoints that something is pending for.
    [[nodiscard]] virtual Result<std::vector<std::string>> endpoints_with_pending() const = 0;

    /// An error (Errc::limit) while the disk has too little room for any of the changes below; they give the same.
    [[nodiscard]] virtual Result<void> writable() const = 0;
    /// The endpoint took these. `note`, where given, replaces the endpoint's note in the same write.
    [[nodiscard]] virtual Result<void> delivered(std::string_view endpoint, const std::vector<std::uint64_t>& sequences,
                                                 std::optional<std::string> note) = 0;
    /// It did not: when to try again.
    [[nodiscard]] virtual Result<void> postpone(const Delivery& delivery) = 0;
    /// It never will: the row becomes a dead letter.
    [[nodiscard]] virtual Result<void> give_up(const DeadLetter& letter) = 0;
    /// What the endpoint noted last; empty at first.
    [[nodiscard]] virtual Result<std::string> note(std::string_view endpoint) const = 0;

    /// By endpoint and sequence.
    [[nodiscard]] virtual Result<std::vector<DeadLetter>> dead_letters() const = 0;
    /// The dead letter is pending again, due at once, its tries forgotten. Fails where there is none.
    [[nodiscard]] virtual Result<void> redrive(std::string_view endpoint, std::uint64_t sequence) = 0;
};

}  // namespace tocsin::state
