#include "lines.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/base/descriptor.hpp>

namespace tocsin::delivery {

namespace {

constexpr std::size_t kRowsAtOnce = 1000;

}  // namespace

Result<std::vector<state::OutboxRow>> LinesEndpoint::next_rows() const {
    const auto pending = outbox().pending(name(), written_to_, kRowsAtOnce);
    if (!pending) {
        return tl::unexpected(pending.error());
    }
    std::vector<state::OutboxRow> rows;
    std::size_t bytes = 0;
    for (const state::Delivery& delivery : *pending) {
        auto row = outbox().row(delivery.sequence);
        if (!row) {
            return tl::unexpected(row.error());
        }
        if (!*row) {
            return fail(Errc::bad_data, fmt::format("alert {} is pending, but not in the outbox", delivery.sequence));
        }
        bytes += (*row)->body.size() + 1;
        rows.push_back(std::move(**row));
        if (bytes >= kBytesAtOnce) {
            break;
        }
    }
    return rows;
}

Result<void> LinesEndpoint::note(std::span<const state::OutboxRow> rows, const Written& written) {
    if (written.rows == 0) {
        return {};
    }
    std::vector<std::uint64_t> taken;
    for (std::size_t i = 0; i < written.rows; ++i) {
        if (written.refused.empty() || written.refused[i].empty()) {
            taken.push_back(rows[i].sequence);
        } else if (auto given_up = give_up(rows[i], written.refused[i]); !given_up) {
            return given_up;
        }
    }
    return outbox().delivered(name(), taken, written.note).map([&] {
        written_to_ = rows[written.rows - 1].sequence;
        counters_.delivered += taken.size();
        note_pending(-static_cast<std::int64_t>(taken.size()));
    });
}

Result<void> LinesEndpoint::give_up(const state::OutboxRow& row, const std::string& reason) {
    return outbox().give_up({name(), row.sequence, 1, clock_().time_since_epoch().count(), reason}).map([&] {
        spdlog::error("{}: {} given up: {}", name(), state::delivery_id(row), reason);
        ++counters_.dead;
        note_pending(-1);
    });
}

Result<std::optional<WallTime>> LinesEndpoint::run(const std::atomic<bool>& interrupted) {
    if (retry_at_ && *retry_at_ > clock_()) {
        return retry_at_;
    }
    retry_at_.reset();
    while (!interrupted) {
        const auto rows = next_rows();
        if (!rows) {
            return tl::unexpected(rows.error());
        }
        if (rows->empty()) {
            break;
        }
        ++counters_.tries;
        Written written;
        const auto result = write(*rows, written);
        if (const auto noted = note(*rows, written); !noted) {
            return tl::unexpected(noted.error());
        }
        if (!result) {
            ++counters_.failures;
            spdlog::error("{}: {}; again in {} s", name(), result.error().message, kLinesRetry.count());
            retry_at_ = clock_() + kLinesRetry;
            return retry_at_;
        }
    }
    return std::nullopt;
}

std::string lines_of(std::span<const state::OutboxRow> rows) {
    std::string lines;
    for (const state::OutboxRow& row : rows) {
        lines += row.body;
        lines += '\n';
    }
    return lines;
}

namespace {

class Stream final : public LinesEndpoint {
public:
    Stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock)
        : LinesEndpoint(std::move(name), outbox, std::move(clock)), descriptor_(descriptor) {}

private:
    [[nodiscard]] Result<void> write(std::span<const state::OutboxRow> rows, Written& written) override {
        return write_all(descriptor_, lines_of(rows), name()).map([&] { written.rows = rows.size(); });
    }
    int descriptor_;
};

}  // namespace

std::unique_ptr<Endpoint> make_stream(std::string name, int descriptor, state::Outbox& outbox, WallClock clock) {
    return std::make_unique<Stream>(std::move(name), descriptor, outbox, std::move(clock));
}

}  // namespace tocsin::delivery
