#pragma once

#include <cstddef>
#include <string>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/base/diagnostic.hpp>

namespace tocsin::alerts {

struct TableStyle {
    Colour colour{Colour::off};
    std::size_t width{0};  ///< of the terminal in columns; 0: lines are never broken
    std::size_t rule_width{12};  ///< of the longest rule name that will come; names above 28 push their line
};

/// Alerts for people: time, severity, rule, key and text in columns, one alert a line, broken and indented below its
/// text where the terminal is narrow. All that comes from events is printable(). Thread-compatible.
class Table {
public:
    explicit Table(TableStyle style);

    /// The line above the first alert, with its line end.
    void append_header(std::string& out) const;
    /// One alert or late record, with its line end.
    void append(std::string& out, const Output& output) const;

private:
    struct Row;
    void append_row(std::string& out, const Row& row) const;
    TableStyle style_;
};

}  // namespace tocsin::alerts
