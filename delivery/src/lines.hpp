#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/delivery/endpoint.hpp>

namespace tocsin::delivery {

/// An endpoint that takes rows in order, many at once, as lines of NDJSON. A failure is tried again after kLinesRetry, for as
/// long as it lasts.
inline constexpr std::chrono::seconds kLinesRetry{5};

class LinesEndpoint : public Endpoint {
public:
    LinesEndpoint(std::string name, state::Outbox& outbox, WallClock clock)
        : Endpoint(std::move(name)), outbox_(outbox), clock_(std::move(clock)) {}

    [[nodiscard]] Result<void> load() override;
    void add(const std::vector<std::uint64_t>& sequences) override;
    [[nodiscard]] Result<std::optional<WallTime>> run(const std::atomic<bool>& stop) override;

protected:
    /// Writes whole lines; gives what is to be noted with them.
    [[nodiscard]] virtual Result<std::optional<std::string>> write(std::string_view lines) = 0;
    [[nodiscard]] state::Outbox& outbox() { return outbox_; }

private:
    struct Lines {
        std::string text;
        std::vector<std::uint64_t> sequences;
    };
    [[nodiscard]] Result<Lines> next_lines() const;

    state::Outbox& outbox_;
    WallClock clock_;
    std::deque<std::uint64_t> waiting_;
};

/// Writes all of `bytes`; the system's reason where it cannot.
[[nodiscard]] Result<void> write_all(int descriptor, std::string_view bytes, const std::string& name);

}  // namespace tocsin::delivery
