#include <tocsin/matcher/row.hpp>

#include <algorithm>
#include <utility>

namespace tocsin::matcher {

RowPtr Row::of(std::span<const event::Value> values) {
    struct Made : Row {};
    const auto row = std::make_shared<Made>();
    std::size_t size = 0;
    for (const event::Value& value : values) {
        size += value.type() == event::Type::string ? value.as_string().size() : 0;
    }
    row->bytes_.reserve(size);
    row->values_.reserve(values.size());
    for (const event::Value& value : values) {
        if (value.type() != event::Type::string) {
            row->values_.push_back(value);
            continue;
        }
        const std::size_t begin = row->bytes_.size();
        row->bytes_ += value.as_string();
        row->values_.push_back(event::Value::of_string({row->bytes_.data() + begin, value.as_string().size()}));
    }
    return row;
}

RowPtr Row::joined(RowPtr left, RowPtr right, std::size_t left_width) {
    struct Made : Row {};
    const auto row = std::make_shared<Made>();
    row->left_ = std::move(left);
    row->right_ = std::move(right);
    row->left_width_ = left_width;
    return row;
}

event::Value Row::operator[](std::size_t field) const {
    const Row* at = this;
    while (at->left_ != nullptr) {
        if (field < at->left_width_) {
            at = at->left_.get();
            continue;
        }
        field -= at->left_width_;
        at = at->right_.get();
        if (at == nullptr) {
            return {};
        }
    }
    return field < at->values_.size() ? at->values_[field] : event::Value();
}

bool same(const RowPtr& a, const RowPtr& b, std::span<const std::uint32_t> fields) {
    if (a == b || a == nullptr || b == nullptr) {
        return a == b;
    }
    return std::all_of(fields.begin(), fields.end(), [&](std::uint32_t field) {
        const event::Value x = (*a)[field];
        const event::Value y = (*b)[field];
        return x.is_null() ? y.is_null() : event::equal(x, y);
    });
}

}  // namespace tocsin::matcher
