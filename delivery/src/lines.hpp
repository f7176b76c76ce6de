#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/delivery/endpoint.hpp>

namespace tocsin::delivery {

/// An endpoint that takes rows in order, many at once. A failure is tried again after kLinesRetry, for as long as it lasts.
inline constexpr std::chrono::seconds kLinesRetry{5};
/// Of bodies that are written at once, but for the last of them.
inline constexpr std::size_t kBytesAtOnce = 1U << 20;

class LinesEndpoint : public Endpoint {
public:
    LinesEndpoint(std::string name, state::Outbox& outbox, WallClock clock)
        : Endpoint(std::move(name), outbox), clock_(std::move(clock)) {}

    [[nodiscard]] Result<std::optional<WallTime>> run(const std::atomic<bool>& interrupted) override;

protected:
    /// What was written of some rows.
    struct Written {
        std::size_t rows{0};  ///< the first so many
        std::optional<std::string> note;  ///< to be noted with them
        std::vector<std::string> refused;  ///< for each of them, why it never can be written; empty: it was. None: all were
    };
    /// Writes rows; with an error, `written` says of how many that is not true.
    [[nodiscard]] virtual Result<void> write(std::span<const state::OutboxRow> rows, Written& written) = 0;

private:
    /// The next rows, in order; none where all is written.
    [[nodiscard]] Result<std::vector<state::OutboxRow>> next_rows() const;
    [[nodiscard]] Result<void> give_up(const state::OutboxRow& row, const std::string& reason);
    [[nodiscard]] Result<void> note(std::span<const state::OutboxRow> rows, const Written& written);

    WallClock clock_;
    std::uint64_t written_to_{0};  ///< sequence
    std::optional<WallTime> retry_at_;
};

/// Their bodies, each as a line.
[[nodiscard]] std::string lines_of(std::span<const state::OutboxRow> rows);

}  // namespace tocsin::delivery
