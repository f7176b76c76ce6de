#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <tocsin/base/result.hpp>
#include <tocsin/delivery/schedule.hpp>
#include <tocsin/state/outbox.hpp>

namespace tocsin::delivery {

/// Readable from any thread.
struct EndpointCounters {
    std::atomic<std::uint64_t> tries{0};
    std::atomic<std::uint64_t> failures{0};
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> dead{0};
    std::atomic<std::uint64_t> pending{0};
    std::atomic<bool> disabled{false};  ///< after a 410
    std::atomic<bool> breaker_open{false};
};

/// What alerts are delivered to. What it has not taken yet is in the outbox, from where an endpoint reads it as it gets to it.
/// Legal calls: load (add | run)*, all on one thread; counters() and wake() from any.
class Endpoint {
public:
    Endpoint(std::string name, state::Outbox& outbox) : name_(std::move(name)), outbox_(outbox) {}
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;
    virtual ~Endpoint() = default;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const EndpointCounters& counters() const { return counters_; }

    /// Counts what an earlier process left pending.
    [[nodiscard]] Result<void> load();
    /// So many new rows are in the outbox.
    void add(std::size_t rows) { note_pending(static_cast<std::int64_t>(rows)); }
    /// Delivers all that is due, or until `interrupted`: calls under way go on then, and the next run takes up how they end.
    /// When to run again, if nothing is added before. An error is one of the outbox.
    [[nodiscard]] virtual Result<std::optional<WallTime>> run(const std::atomic<bool>& interrupted) = 0;
    /// Has a run that waits look at `interrupted`, or the next one if there is none.
    virtual void wake() {}

protected:
    [[nodiscard]] state::Outbox& outbox() const { return outbox_; }
    void note_pending(std::int64_t more);

    EndpointCounters counters_;

private:
    std::string name_;
    state::Outbox& outbox_;
    std::int64_t pending_{0};  ///< below 0 for as long as rows were delivered that add() has not told of yet
};

using WallClock = std::function<WallTime()>;

struct FileRotation {
    std::uint64_t max_size{0};  ///< bytes that a file has at most, if no line is longer; 0: it is not rotated
    unsigned keep{5};  ///< files before it: PATH.1, the newest, to PATH.keep
};

/// Appends each row as a line to a file, each exactly once: how long the file was after the last rows that are noted as delivered
/// is noted with them, and what stands behind that after a crash is cut off and written again. A file that was put in the place of
/// the one that is noted (by logrotate) is only appended to. Nothing else may write to the file.
[[nodiscard]] std::unique_ptr<Endpoint> make_file(std::string name, std::string path, FileRotation rotation,
                                                  state::Outbox& outbox, WallClock clock);

/// Writes each row as a line to a descriptor that is not closed. Rows that were written when the process was killed may come
/// again.
[[nodiscard]] std::unique_ptr<Endpoint> make_stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock);

struct SyslogOptions {
    std::string socket{"/dev/log"};
    unsigned facility{1};  ///< 1: user; 16 to 23: local0 to local7
    std::string app_name{"tocsin"};
    std::uint64_t max_message{8192};  ///< bytes
};

/// Sends each row as a message to the syslog daemon of this machine, through its datagram socket (see syslog.hpp). Rows that
/// were sent when the process was killed may come again.
[[nodiscard]] std::unique_ptr<Endpoint> make_syslog(std::string name, SyslogOptions options, state::Outbox& outbox,
                                                    WallClock clock);

}  // namespace tocsin::delivery
