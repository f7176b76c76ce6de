#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tocsin/base/diagnostic.hpp>
#include <tocsin/base/time.hpp>

namespace tocsin::cli {

struct ProgressState {
    std::uint64_t events{0};
    std::uint64_t bytes{0};
    std::optional<std::uint64_t> total_bytes;  ///< nothing: an input whose size is not known
    EventTime event_time{EventTime::lowest()};
    std::chrono::duration<double> elapsed{0};
};

/// One line, at most `width` columns: share done with a bar and ETA where the size is known, rate, event time.
[[nodiscard]] std::string progress_line(const ProgressState& state, std::size_t width, Colour colour);

/// Seconds as `0:07`, `12:30`, `3:05:00`.
[[nodiscard]] std::string clock_text(std::chrono::duration<double> duration);

/// The progress line at the bottom of the terminal on standard error; does nothing when off. Whoever writes other
/// lines to the terminal calls clear() first.
class Progress {
public:
    explicit Progress(bool on) : on_(on) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Draws, but not more often than a few times a second.
    void update(const ProgressState& state);
    void clear();

private:
    bool on_;
    bool drawn_{false};
    std::optional<std::chrono::steady_clock::time_point> last_;
};

}  // namespace tocsin::cli
