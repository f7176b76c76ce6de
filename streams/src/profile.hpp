#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tocsin/base/time.hpp>

namespace tocsin::streams {

/// How far a field that may be the time runs backwards, within each partition.
class Disorder {
public:
    void add(std::string_view partition, std::int64_t time);
    [[nodiscard]] std::int64_t largest() const { return largest_; }

private:
    std::unordered_map<std::string, std::int64_t> newest_;
    std::int64_t largest_{0};
};

/// What the values of one field look like.
struct FieldProfile {
    std::string path;  ///< parts joined by dots
    std::uint64_t bools{0};
    std::uint64_t integers{0};
    std::uint64_t floats{0};
    std::uint64_t strings{0};
    // Of the strings:
    std::uint64_t times{0};
    std::uint64_t addresses{0};
    std::uint64_t durations{0};
    std::uint64_t arrays{0};

    double least{std::numeric_limits<double>::max()};  ///< of the numbers
    double largest{std::numeric_limits<double>::lowest()};
    Disorder number_disorder;  ///< of the numbers, in their own unit
    Disorder time_disorder;  ///< of RFC 3339 strings, in microseconds

    [[nodiscard]] std::uint64_t numbers() const { return integers + floats; }
    [[nodiscard]] std::uint64_t values() const { return bools + numbers() + strings; }
};

/// What the records of one stream look like; fields in the order in which they came up.
class StreamProfile {
public:
    void begin_record() { ++records_; }
    void add_bool(std::string_view path) { ++field(path).bools; }
    void add_integer(std::string_view path, std::string_view partition, std::int64_t value);
    void add_float(std::string_view path, std::string_view partition, double value);
    void add_string(std::string_view path, std::string_view partition, std::string_view value);
    /// A field of CSV, whose type shows in its text only.
    void add_text(std::string_view path, std::string_view partition, std::string_view value);
    void add_array(std::string_view path) { ++field(path).arrays; }

    [[nodiscard]] std::uint64_t records() const { return records_; }
    [[nodiscard]] const std::vector<FieldProfile>& fields() const { return fields_; }
    /// Whether both have fields of the same names.
    [[nodiscard]] bool same_fields(const StreamProfile& other) const;

private:
    FieldProfile& field(std::string_view path);
    void add_number(FieldProfile& field, std::string_view partition, double value, std::int64_t whole);

    std::uint64_t records_{0};
    std::vector<FieldProfile> fields_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace tocsin::streams
