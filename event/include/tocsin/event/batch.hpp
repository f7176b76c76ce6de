#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/value.hpp>

namespace tocsin::event {

enum class ColumnId : std::uint32_t {};
enum class InputId : std::uint32_t {};

/// A field that some rule reads. The same path with two types, or two time units, is two columns.
struct ColumnSpec {
    /// What the field is one of: the record; a table's row, which is the record itself or stands in an envelope, as
    /// docs/records.md says; or it is the row's time, which an envelope can know better than the row.
    enum class Of : std::uint8_t { record, row, row_time };
    std::vector<std::string> path;  ///< `a.x` reads field x of object a, or a field named "a.x"
    Type type{Type::string};
    TimeUnit unit{TimeUnit::ms};  ///< of a number in a time column
    Of of{Of::record};
    friend bool operator==(const ColumnSpec&, const ColumnSpec&) = default;
};

/// What a decoder extracts; a column's id is its index.
using Projection = std::vector<ColumnSpec>;

/// The values of one field for all rows of a batch, null where the record lacks it or holds another type.
class Column {
public:
    explicit Column(Type type) : type_(type) {}
    [[nodiscard]] Type type() const { return type_; }
    [[nodiscard]] std::size_t size() const { return valid_.size(); }
    [[nodiscard]] bool is_null(std::size_t row) const { return valid_[row] == 0; }
    [[nodiscard]] Value value(std::size_t row) const;

    // The typed vectors, for loops over a whole column; a null row holds a default. Which one is filled follows from type().
    [[nodiscard]] const std::vector<std::uint8_t>& valid() const { return valid_; }
    [[nodiscard]] const std::vector<std::int64_t>& integers() const { return integers_; }  ///< bool int time(us) duration(us)
    [[nodiscard]] const std::vector<double>& floats() const { return floats_; }
    [[nodiscard]] const std::vector<std::string_view>& strings() const { return strings_; }
    [[nodiscard]] const std::vector<Ip>& ips() const { return ips_; }

    /// Requires: as append, and row < size().
    void set(std::size_t row, const Value& value);
    void append_null();
    /// Requires: value is null or of type().
    void append(const Value& value);
    /// New rows are null.
    void resize(std::size_t rows);

    // Each makes `row` hold a value. Requires: row < size(), and the type that the name says (integers as above).
    void set_null(std::size_t row) { valid_[row] = 0; }
    void set_integer(std::size_t row, std::int64_t value) {
        integers_[row] = value;
        valid_[row] = 1;
    }
    void set_float(std::size_t row, double value) {
        floats_[row] = value;
        valid_[row] = 1;
    }
    void set_string(std::size_t row, std::string_view value) {
        strings_[row] = value;
        valid_[row] = 1;
    }
    void set_ip(std::size_t row, const Ip& value) {
        ips_[row] = value;
        valid_[row] = 1;
    }

private:
    Type type_;
    std::vector<std::uint8_t> valid_;
    std::vector<std::int64_t> integers_;
    std::vector<double> floats_;
    std::vector<std::string_view> strings_;
    std::vector<Ip> ips_;
};

enum class RecordKind : std::uint8_t {
    event,
    watermark,  ///< {"$watermark": {"stream", "partition", "ts"}}
    idle,  ///< {"$idle": {"stream", "partition"}}
};

/// What a record says of itself besides its fields.
struct RecordHeader {
    RecordKind kind{RecordKind::event};
    bool offset_given{false};  ///< by "$offset"; else `offset` is the line
    std::uint64_t offset{0};  ///< "$offset", or the record's line in its input, from 1
    std::uint64_t line{0};
    std::string_view stream;  ///< "$stream", or a control record's stream; empty if none
    bool deletes{false};  ///< of a table's row: "$op" or an envelope says so
    std::string_view type;  ///< the record's top-level string field `type`, or an envelope's table; empty if none
    std::string_view partition;  ///< "$partition" as text; "0" if none
    EventTime time;  ///< a watermark record's ts
    std::string_view raw;  ///< the record's bytes, without the line end
};

/// Why a record could not be read.
struct RecordError {
    std::uint64_t line{0};
    std::string reason;
};

/// The first line of a CSV input, split. Shared by all blocks and batches of the input.
using CsvHeader = std::vector<std::string>;

/// Some records of one input, in arrival order, with the projected fields as columns. Owns the bytes that every
/// view in it points into; movable, not copyable. Thread-compatible: after it is filled, only read.
class Batch {
public:
    Batch(InputId input, const Projection& projection);
    Batch(Batch&&) noexcept = default;
    Batch& operator=(Batch&&) noexcept = default;

    [[nodiscard]] InputId input() const { return input_; }
    /// What a record's fields are called, if the input is CSV; else null. Needed to read a raw record again.
    [[nodiscard]] const std::shared_ptr<const CsvHeader>& csv_header() const { return csv_header_; }
    [[nodiscard]] std::size_t rows() const { return headers_.size(); }
    [[nodiscard]] const RecordHeader& header(std::size_t row) const { return headers_[row]; }
    [[nodiscard]] const Column& column(ColumnId id) const { return columns_[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const std::vector<RecordError>& errors() const { return errors_; }
    /// A field that held something else than its column's type, or a number out of its range: it is null.
    struct Mistyped {
        std::uint32_t row;
        ColumnId column;
        friend bool operator==(const Mistyped&, const Mistyped&) = default;
    };
    /// By row. Where streams declare one field with several types, every record has some: see whose column it is.
    [[nodiscard]] const std::vector<Mistyped>& mistyped() const { return mistyped_; }

    // ---- for decoders: append a header, then one value to each column.
    std::vector<RecordHeader>& headers() { return headers_; }
    std::vector<Column>& columns() { return columns_; }
    std::vector<RecordError>& errors() { return errors_; }
    void set_csv_header(std::shared_ptr<const CsvHeader> header) { csv_header_ = std::move(header); }
    /// Keeps a buffer alive as long as the batch; returns a view of it.
    std::string_view keep(std::string bytes);
    void keep(std::shared_ptr<const std::string> bytes);
    /// Room for `size` bytes that lives as long as the batch and does not move; cheaper than `keep` for many small ones.
    char* allocate(std::size_t size);
    std::vector<Mistyped>& mistyped() { return mistyped_; }

private:
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::size_t size{0};
        std::size_t used{0};
    };

    InputId input_;
    std::shared_ptr<const CsvHeader> csv_header_;
    std::vector<RecordHeader> headers_;
    std::vector<Column> columns_;
    std::vector<RecordError> errors_;
    std::deque<std::string> owned_;
    std::vector<std::shared_ptr<const std::string>> shared_;
    std::vector<Chunk> chunks_;
    std::vector<Mistyped> mistyped_;
};

}  // namespace tocsin::event
