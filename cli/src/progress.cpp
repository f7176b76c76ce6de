#include "progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <tocsin/alerts/terminal_text.hpp>

#include "terminal.hpp"

namespace tocsin::cli {

namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kRedraw{120};

std::string rate_text(double per_second) {
    if (per_second >= 1e6) {
        return fmt::format("{:.2f} M events/s", per_second / 1e6);
    }
    if (per_second >= 1e3) {
        return fmt::format("{:.1f} k events/s", per_second / 1e3);
    }
    return fmt::format("{:.0f} events/s", per_second);
}

std::string bar(double share, Colour colour) {
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    std::string done;
    std::string left;
    for (std::size_t i = 0; i < kBarWidth; ++i) {
        (i < filled ? done : left) += "━";
    }
    if (colour == Colour::on) {
        return "\x1b[32m" + done + "\x1b[0m\x1b[2m" + left + "\x1b[0m";
    }
    return done + std::string(kBarWidth - filled, ' ');
}

}  // namespace

std::string clock_text(std::chrono::duration<double> duration) {
    const auto seconds = static_cast<std::uint64_t>(std::max(0.0, duration.count()) + 0.5);
    const std::uint64_t minutes = seconds / 60;
    if (minutes < 60) {
        return fmt::format("{}:{:02}", minutes, seconds % 60);
    }
    return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

std::string progress_line(const ProgressState& state, std::size_t width, Colour colour) {
    const double elapsed = std::max(state.elapsed.count(), 1e-3);
    std::string rest = rate_text(static_cast<double>(state.events) / elapsed);
    if (state.event_time != EventTime::lowest() && state.event_time != EventTime::highest()) {
        rest += "  at " + format_rfc3339(state.event_time).substr(0, 19);
    }
    std::string head = fmt::format("{} events", state.events);
    if (state.total_bytes && *state.total_bytes > 0) {
        const double share = std::min(1.0, static_cast<double>(state.bytes) / static_cast<double>(*state.total_bytes));
        head = fmt::format("{:3.0f}% {}", share * 100, bar(share, colour));
        if (share > 0) {
            rest += "  ETA " + clock_text(state.elapsed * ((1 - share) / share));
        }
    }
    std::string line = head + "  " + rest;
    const bool too_wide = kBarWidth + 7 + alerts::display_width(rest) > width;
    return too_wide ? rest.substr(0, width) : line;
}

void Progress::update(const ProgressState& state) {
    if (!on_) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (last_ && now - *last_ < kRedraw) {
        return;
    }
    last_ = now;
    const std::string line = progress_line(state, terminal_width(Stream::error) - 1, colour_for(Stream::error));
    fmt::print(stderr, "\r\x1b[K{}", line);
    std::fflush(stderr);
    drawn_ = true;
}

void Progress::clear() {
    if (drawn_) {
        fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
        drawn_ = false;
    }
}

}  // namespace tocsin::cli
