#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/event/batch.hpp>

#include "number.hpp"

namespace tocsin::event {

/// Takes the rows of tables out of the envelopes of change data capture, as Debezium writes them: `op`, `before`, `after`, `source`,
/// `ts_ms`, on top or in a `payload`. A record is an envelope if it has an `op` and a `before` or `after`; of any other record
/// nothing is touched. Costs nothing where no column is of a row.
class Envelope {
public:
    explicit Envelope(const Projection& projection);

    /// What it wants to see of a record; a slot is an index of these.
    [[nodiscard]] const std::vector<std::vector<std::string>>& paths() const { return paths_; }

    // The order of calls: begin_record, { put_* }, finish.
    void begin_record();
    void put_null(std::uint32_t slot);
    void put_string(std::uint32_t slot, std::string_view text);
    void put_number(std::uint32_t slot, const Decimal& number, std::string_view text);
    void put_bool(std::uint32_t slot, bool value);
    void put_container(std::uint32_t slot, bool object);
    /// Of an envelope: its row becomes the batch's, and its header says what happened to it.
    void finish(Batch& batch, RecordHeader& header, std::size_t row);

private:
    enum class Kind : std::uint8_t { op, before, after, table, field };
    /// Where a field of a row can stand: in the row as it was, in the row as it is, around it. For its time: in `source`, in the
    /// row, around it.
    enum class Side : std::uint8_t { before, after, around };
    struct Slot {
        Kind kind;
        Side side{Side::around};
        std::uint32_t field{0};
    };
    struct Field {
        ColumnId column;
        ColumnSpec spec;
        bool outside{false};  ///< can stand around the row: `source.table`, `ts_ms`
        std::vector<Column> sides;  ///< by Side, one row each
        std::vector<bool> mistyped;  ///< by Side
        [[nodiscard]] Column& operator[](Side side) { return sides[static_cast<std::size_t>(side)]; }
    };
    enum class Found : std::uint8_t { no, null, object };

    void add(std::vector<std::string> path, Slot slot);
    [[nodiscard]] Column& column(const Slot& slot) { return fields_[slot.field][slot.side]; }
    [[nodiscard]] const ColumnSpec& spec(const Slot& slot) const;
    void note(const Slot& slot, bool fits);
    static void move_field(Field& field, bool deletes, Batch& batch, std::size_t row);
    static void move_time(Field& field, bool deletes, Batch& batch, std::size_t row);

    std::vector<std::vector<std::string>> paths_;
    std::vector<Slot> slots_;
    std::vector<Field> fields_;
    bool touched_{false};
    std::string_view op_;
    std::string_view table_;
    Found before_{Found::no};
    Found after_{Found::no};
};

}  // namespace tocsin::event
