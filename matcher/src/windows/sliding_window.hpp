#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fifo.hpp"
#include "key_windows.hpp"

namespace tocsin::matcher {

/// A sliding window whose events come in order and for good: a queue. Each event is added once and removed once, so that an
/// event costs amortised what two changes of the aggregates cost, however many events the window holds.
class SlidingWindow final : public KeyWindows {
public:
    SlidingWindow(WindowRule& rule, std::string key);

    void add(std::span<const event::Value> row, const Position& at) override;
    /// What has been shown is for good.
    bool remove(const Position& /*at*/) override { return false; }
    void pass(const Progress& now) override;
    [[nodiscard]] Progress due() const override;
    [[nodiscard]] bool empty() const override { return places_.empty() && !remembered_; }
    [[nodiscard]] std::size_t live() const override { return places_.size(); }
    void save(StateWriter& out) override;
    void restore(StateReader& in) override;

private:
    void take_out_earliest();

    WindowRule& rule_;
    std::string key_;
    Aggregates aggregates_;
    Fifo<Position> places_;
    Fifo<Owned> values_;  ///< the rows of the events, one after the other
    std::size_t row_size_{0};
    std::optional<std::vector<Owned>> remembered_;
    std::vector<event::Value> row_;
};

}  // namespace tocsin::matcher
