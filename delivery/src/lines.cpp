#include "lines.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace tocsin::delivery {

namespace {

constexpr std::size_t kBytesAtOnce = 1U << 20;

}  // namespace

Result<void> LinesEndpoint::load() {
    return outbox_.pending(name()).map([&](const std::vector<state::Delivery>& pending) {
        for (const state::Delivery& delivery : pending) {
            waiting_.push_back(delivery.sequence);
        }
        counters_.pending = waiting_.size();
    });
}

void LinesEndpoint::add(const std::vector<std::uint64_t>& sequences) {
    waiting_.insert(waiting_.end(), sequences.begin(), sequences.end());
    counters_.pending = waiting_.size();
}

Result<LinesEndpoint::Lines> LinesEndpoint::next_lines() const {
    Lines lines;
    for (const std::uint64_t sequence : waiting_) {
        const auto row = outbox_.row(sequence);
        if (!row) {
            return tl::unexpected(row.error());
        }
        if (!*row) {
            return fail(Errc::bad_data, fmt::format("{}: alert {} is pending, but not in the outbox", name(), sequence));
        }
        lines.text += (*row)->body;
        lines.text += '\n';
        lines.sequences.push_back(sequence);
        if (lines.text.size() >= kBytesAtOnce) {
            break;
        }
    }
    return lines;
}

Result<std::optional<WallTime>> LinesEndpoint::run(const std::atomic<bool>& stop) {
    while (!stop && !waiting_.empty()) {
        const auto lines = next_lines();
        if (!lines) {
            return tl::unexpected(lines.error());
        }
        ++counters_.tries;
        const auto note = write(lines->text);
        if (!note) {
            ++counters_.failures;
            spdlog::error("{}: {}; again in {} s", name(), note.error().message, kLinesRetry.count());
            return clock_() + kLinesRetry;
        }
        if (const auto noted = outbox_.delivered(name(), lines->sequences, *note); !noted) {
            return tl::unexpected(noted.error());
        }
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(lines->sequences.size()));
        counters_.delivered += lines->sequences.size();
        counters_.pending = waiting_.size();
    }
    return std::nullopt;
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return fail(Errc::io, fmt::format("cannot write to {}: {}", name, std::strerror(errno)));
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

namespace {

class Stream final : public LinesEndpoint {
public:
    Stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock)
        : LinesEndpoint(std::move(name), outbox, std::move(clock)), descriptor_(descriptor) {}

private:
    [[nodiscard]] Result<std::optional<std::string>> write(std::string_view lines) override {
        return write_all(descriptor_, lines, name()).map([] { return std::optional<std::string>(); });
    }
    int descriptor_;
};

}  // namespace

std::unique_ptr<Endpoint> make_stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock) {
    return std::make_unique<Stream>(std::move(name), descriptor, outbox, std::move(clock));
}

}  // namespace tocsin::delivery
