#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tocsin::matcher {

/// A queue in one block of memory: nothing is allocated while it is empty, which a std::deque does. A key that sees an event
/// an hour has one of these for every value that it remembers. push_back and pop_front are amortised O(1): what has been popped
/// is cleared away when it is half of the block.
template <class T>
class Fifo {
public:
    [[nodiscard]] bool empty() const { return head_ == items_.size(); }
    [[nodiscard]] std::size_t size() const { return items_.size() - head_; }
    [[nodiscard]] const T& front() const { return items_[head_]; }
    [[nodiscard]] const T& back() const { return items_.back(); }
    [[nodiscard]] const T& operator[](std::size_t i) const { return items_[head_ + i]; }

    void push_back(T item) { items_.push_back(std::move(item)); }
    void pop_back() { items_.pop_back(); }
    void pop_front() {
        items_[head_] = T{};
        ++head_;
        if (head_ * 2 >= items_.size()) {
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        if (items_.empty()) {
            std::vector<T>().swap(items_);
        }
    }
    void clear() {
        std::vector<T>().swap(items_);
        head_ = 0;
    }
    template <class Archive>
    void archive(Archive& a) {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
        a(items_);
    }

private:
    std::vector<T> items_;
    std::size_t head_{0};
};

}  // namespace tocsin::matcher
