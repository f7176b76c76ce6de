#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tocsin/event/value.hpp>

namespace tocsin::matcher {

class Row;
class RowWriter;
class RowReader;
/// Versions of a table, changes of it and the views over it share a row. Null: there is none.
using RowPtr = std::shared_ptr<const Row>;

/// The values of a row of a table or view, by field. Immutable, owns its strings.
/// Memory: about 140 bytes, 24 for each field, and the strings; a view's row is about 140 bytes and two rows that it shares.
class Row {
public:
    [[nodiscard]] static RowPtr of(std::span<const event::Value> values);
    /// A row of a view: the fields of `left`, which has `left_width`, then those of `right`; null where there is no right row.
    [[nodiscard]] static RowPtr joined(RowPtr left, RowPtr right, std::size_t left_width);

    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;
    ~Row() = default;

    /// Strings live as long as the row. Null behind the last field.
    [[nodiscard]] event::Value operator[](std::size_t field) const;

private:
    friend class RowWriter;
    friend class RowReader;
    Row() = default;

    std::vector<event::Value> values_;
    std::string bytes_;  ///< of all strings; not moved after it is filled
    RowPtr left_;
    RowPtr right_;
    std::size_t left_width_{0};
};

/// Equal in these fields, null being equal to null; or no row both.
[[nodiscard]] bool same(const RowPtr& a, const RowPtr& b, std::span<const std::uint32_t> fields);

}  // namespace tocsin::matcher
