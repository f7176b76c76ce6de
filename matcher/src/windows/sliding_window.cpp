#include "sliding_window.hpp"

#include <utility>

namespace tocsin::matcher {

SlidingWindow::SlidingWindow(WindowRule& rule, std::string key)
    : rule_(rule), key_(std::move(key)), aggregates_(rule.make_aggregates(Order::queue)) {}

void SlidingWindow::take_out_earliest() {
    row_.clear();
    for (std::size_t i = 0; i < row_size_; ++i) {
        row_.push_back(values_[i].view());
    }
    aggregates_.remove(row_, places_.front());
    places_.pop_front();
    for (std::size_t i = 0; i < row_size_; ++i) {
        values_.pop_front();
    }
}

void SlidingWindow::add(std::span<const event::Value> row, const Position& at) {
    row_size_ = row.size();
    places_.push_back(at);
    for (const event::Value& value : row) {
        values_.push_back(own(value));
    }
    aggregates_.add(row, at);
    const EventTime start = at.time - rule_.window().size;
    Verdict verdict =
        rule_.judge(key_, &aggregates_, remembered_ ? &*remembered_ : nullptr, {start, at.time, at, {}, at.time, nullptr});
    if (rule_.looks_back()) {
        remembered_ = std::move(verdict.remembered);
    }
    if (verdict.result && rule_.empties_itself()) {
        places_.clear();
        values_.clear();
        aggregates_ = rule_.make_aggregates(Order::queue);
    }
    std::optional<WindowResult> shown;
    rule_.show(key_, shown, std::move(verdict.result));
}

/// No later event's window reaches back to what is a whole size old.
void SlidingWindow::pass(const Progress& now) {
    while (!places_.empty() && places_.front().time + rule_.window().size <= now.shown) {
        take_out_earliest();
    }
}

/// Events are taken out when the next one comes. Time alone does so once all are out of the window: a key that goes on hearing
/// of events is not looked at for each that leaves.
Progress SlidingWindow::due() const {
    const EventTime over = places_.empty() ? EventTime::highest() : just_before(places_.back().time + rule_.window().size);
    return {over, EventTime::highest()};
}

void SlidingWindow::save(StateWriter& out) {
    aggregates_.save(out);
    out(places_, values_, row_size_, remembered_);
}

void SlidingWindow::restore(StateReader& in) {
    aggregates_.restore(in);
    in(places_, values_, row_size_, remembered_);
}

}  // namespace tocsin::matcher
