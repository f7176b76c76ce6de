#pragma once

#include <atomic>

namespace tocsin::cli {

/// While it lives, the first SIGINT or SIGTERM sets flag() and the second ends the process as usual. One at a time.
class InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    [[nodiscard]] static const std::atomic<bool>& flag();

    /// Ends the process by the signal that came, so that the caller's shell sees what happened. Requires: flag().
    [[noreturn]] static void resume();
};

/// While it lives, SIGHUP is noted and ends nothing. One at a time.
class ReloadGuard {
public:
    ReloadGuard();
    ~ReloadGuard();
    ReloadGuard(const ReloadGuard&) = delete;
    ReloadGuard& operator=(const ReloadGuard&) = delete;

    /// Whether one came since the last call.
    [[nodiscard]] static bool take();
};

}  // namespace tocsin::cli
