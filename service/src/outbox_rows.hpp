#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/state/store.hpp>

namespace tocsin::service {

/// What of the engine's output becomes rows of the outbox, for one commit. An alert that stands there is not shown again, and one
/// that does not is neither taken back nor corrected: so it is where rules were filled from the log or run by new clocks. What takes
/// back or corrects goes where its alert went, whatever mode the rule has by now.
class OutboxRows {
public:
    OutboxRows(const state::Store& store, std::uint64_t last_row) : store_(store), last_row_(last_row) {}

    /// `body`: the alert's JSON.
    [[nodiscard]] Result<void> add(const alerts::Alert& alert, std::string body);
    [[nodiscard]] std::uint64_t last_row() const { return last_row_; }
    [[nodiscard]] std::vector<state::OutboxRow> take() && { return std::move(rows_); }

private:
    /// How often an alert was shown, taken back and corrected.
    struct Known {
        std::uint32_t alerts{0};
        std::uint32_t retracts{0};
        std::uint32_t corrects{0};
        bool shadow{false};  ///< when it was shown last
    };
    [[nodiscard]] Result<Known*> known(std::uint64_t alert);

    const state::Store& store_;
    std::uint64_t last_row_;
    std::map<std::uint64_t, Known> known_;
    std::vector<state::OutboxRow> rows_;
};

}  // namespace tocsin::service
