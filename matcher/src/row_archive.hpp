#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <tocsin/base/archive.hpp>
#include <tocsin/matcher/row.hpp>
#include <tocsin/plan/expr.hpp>

namespace tocsin::matcher {

// Rows are shared by versions, tables and views: each is written where it comes first, and by its number from then on.

class RowWriter {
public:
    explicit RowWriter(StateWriter& out) : out_(out) {}
    void row(const RowPtr& row) {
        if (row == nullptr) {
            out_.number(0);
            return;
        }
        const auto [known, fresh] = numbers_.try_emplace(row.get(), numbers_.size() + 1);
        out_.number(known->second);
        if (!fresh) {
            return;
        }
        bool joined = row->left_ != nullptr;
        out_(joined);
        if (joined) {
            out_.number(row->left_width_);
            this->row(row->left_);
            this->row(row->right_);
            return;
        }
        out_.number(row->values_.size());
        for (const event::Value& value : row->values_) {
            plan::Constant owned = plan::Constant::of(value);
            out_(owned);
        }
    }

private:
    StateWriter& out_;
    std::unordered_map<const Row*, std::uint64_t> numbers_;
};

class RowReader {
public:
    explicit RowReader(StateReader& in) : in_(in) {}
    /// Rows are nested as deep as views stand on views.
    [[nodiscard]] RowPtr row() {
        const std::uint64_t number = in_.number();
        if (number == 0) {
            return nullptr;
        }
        if (number <= rows_.size()) {
            return rows_[number - 1];
        }
        if (number != rows_.size() + 1) {
            in_.fail();
            return nullptr;
        }
        rows_.emplace_back();  // those that it is made of have the numbers behind its own
        bool joined = false;
        in_(joined);
        RowPtr made = joined ? read_joined() : read_values();
        return rows_[number - 1] = std::move(made);
    }

private:
    [[nodiscard]] RowPtr read_joined() {
        const std::size_t left_width = in_.number();
        RowPtr left = row();
        RowPtr right = row();
        if (left == nullptr) {
            in_.fail();
        }
        return in_.ok() ? Row::joined(std::move(left), std::move(right), left_width) : nullptr;
    }
    [[nodiscard]] RowPtr read_values() {
        std::vector<plan::Constant> owned;
        in_(owned);
        std::vector<event::Value> values;
        for (const plan::Constant& value : owned) {
            values.push_back(value.view());
        }
        return Row::of(values);
    }

    StateReader& in_;
    std::vector<RowPtr> rows_;
};

}  // namespace tocsin::matcher
