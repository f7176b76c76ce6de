#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>
#include <tocsin/delivery/signature.hpp>
#include <tocsin/delivery/transport.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::delivery {

/// Readable from any thread.
struct EndpointCounters {
    std::atomic<std::uint64_t> tries{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> dead{0};
    std::atomic<std::uint64_t> pending{0};
    std::atomic<bool> disabled{false};
};

/// What alerts are delivered to, with what it has not taken yet: 32 bytes of memory for each. Legal calls: load (add | run)*, all
/// on one thread; counters() from any.
class Endpoint {
public:
    explicit Endpoint(std::string name) : name_(std::move(name)) {}
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;
    virtual ~Endpoint() = default;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const EndpointCounters& counters() const { return counters_; }

    /// Takes up what an earlier process left pending.
    [[nodiscard]] virtual Result<void> load() = 0;
    /// New rows of the outbox, in order.
    virtual void add(const std::vector<std::uint64_t>& sequences) = 0;
    /// Tries all that is due until `stop`. When to call again, if nothing is added before. An error is one of the outbox.
    [[nodiscard]] virtual Result<std::optional<WallTime>> run(const std::atomic<bool>& stop) = 0;

protected:
    EndpointCounters counters_;

private:
    std::string name_;
};

using WallClock = std::function<WallTime()>;

struct WebhookOptions {
    std::string name;
    std::string url;
    std::vector<Secret> secrets;    ///< one, or two while the receiver changes from one to the other; none: not signed
    RetrySchedule schedule;
};

/// Calls a URL with each row, as Standard Webhooks says. Each row has its own schedule; a later one does not wait for an earlier
/// one that failed. After a 410 nothing is tried until the endpoint is made anew. `seed` is for the jitter.
[[nodiscard]] std::unique_ptr<Endpoint> make_webhook(WebhookOptions options, std::unique_ptr<Transport> transport,
                                                     state::Outbox& outbox, WallClock clock, std::uint64_t seed);

/// Appends each row as a line to a file, each exactly once: how long the file was after the last rows that are noted as delivered
/// is noted with them, and what stands behind that after a crash is cut off and written again. A file that was put in the place of
/// the one that is noted (by logrotate) is only appended to. Nothing else may write to the file.
[[nodiscard]] std::unique_ptr<Endpoint> make_file(std::string name, std::string path, state::Outbox& outbox, WallClock clock);

/// Writes each row as a line to a descriptor that is not closed. Rows that were written when the process was killed may come
/// again.
[[nodiscard]] std::unique_ptr<Endpoint> make_stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock);

}  // namespace tocsin::delivery
