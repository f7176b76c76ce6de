#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tocsin/base/archive.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/matcher/row.hpp>
#include <tocsin/plan/expr.hpp>

namespace tocsin::matcher {

/// A row from its place in the order of events on, until the next version of its key. Null: deleted.
struct RowVersion {
    Position position;
    RowPtr row;
};

/// What happened to a key's row: inserted (nothing before), updated, deleted (nothing after).
struct RowChange {
    Position position;
    RowPtr before;
    RowPtr after;
};

/// How the changes of one key changed when a version came that was not the newest, or not the first of its place.
struct RowChanges {
    std::vector<RowChange> removed;
    std::vector<RowChange> added;
    [[nodiscard]] bool empty() const { return removed.empty() && added.empty(); }
};

struct TableKeyHash {
    using is_transparent = void;
    std::size_t operator()(const event::Value& key) const { return event::hash(key); }
    std::size_t operator()(const plan::Constant& key) const { return event::hash(key.view()); }
};
struct TableKeyEqual {
    using is_transparent = void;
    static event::Value view(const event::Value& key) { return key; }
    static event::Value view(const plan::Constant& key) { return key.view(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        return event::equal(view(a), view(b));
    }
};

/// The rows of one table or view: for each key its versions in the order of events. Versions may come in any order; what a
/// look-up finds and which changes there were depends on their set alone. A version that says the same as the one before, but for
/// its time, is no change.
///
/// Memory: a key is about 200 bytes, a version 64, and its row. `compact` keeps one version a key, and those that a look-up can
/// still ask for. Changed by one thread; may be read by many while it is not.
class TableStore {
public:
    /// `telling`: the fields, of `width` in a row, in which a version has to differ from the one before to be a change.
    TableStore(const PartitionTable& partitions, std::size_t width, std::vector<std::uint32_t> telling);

    /// From `position` on `key` has `row`; null deletes it.
    /// Requires: key is not null; position.time is not before the last compact().
    [[nodiscard]] RowChanges apply(const event::Value& key, const Position& position, RowPtr row);
    /// The key has these versions and no others; of a view.
    [[nodiscard]] RowChanges replace(const event::Value& key, std::vector<RowVersion> versions);

    /// The row that the key has at `time`, versions of that very time included; null if none. Lives until the store changes.
    [[nodiscard]] const Row* as_of(const event::Value& key, EventTime time) const;
    /// In the order of events; empty if the key is not known.
    [[nodiscard]] std::span<const RowVersion> history(const event::Value& key) const;
    /// Forgets versions that no look-up at or after `horizon`, and no version to come at or after it, can see. Costs what it
    /// forgets. Calls `forgotten` with the keys of which nothing is left, if it is given.
    using Forgotten = std::function<void(const event::Value&)>;
    void compact(EventTime horizon, const Forgotten& forgotten = {});

    /// `visit(const event::Value&)` for each key, in no particular order.
    template <class Visit>
    void for_each_key(Visit visit) const {
        for (const auto& [key, history] : keys_) {
            visit(key.view());
        }
    }
    [[nodiscard]] std::size_t keys() const { return keys_.size(); }
    [[nodiscard]] std::size_t versions() const { return versions_; }
    [[nodiscard]] std::size_t width() const { return all_.size(); }

    void save(StateWriter& out, RowWriter& rows);
    /// Requires: an empty store of the same table.
    void restore(StateReader& in, RowReader& rows);

private:
    struct History {
        std::vector<RowVersion> versions;
        bool queued{false};  ///< something of it can be forgotten one day
    };
    using Keys = std::unordered_map<plan::Constant, History, TableKeyHash, TableKeyEqual>;
    using Entry = Keys::value_type;
    struct Due {
        EventTime time;
        Entry* entry;
        friend bool operator>(const Due& a, const Due& b) { return a.time > b.time; }
    };

    Entry& entry_of(const event::Value& key);
    /// From `a` to `b` is a change.
    [[nodiscard]] bool changes(const RowPtr& a, const RowPtr& b) const { return !same(a, b, telling_); }
    [[nodiscard]] bool identical(const RowPtr& a, const RowPtr& b) const { return same(a, b, all_); }
    [[nodiscard]] std::size_t before(const std::vector<RowVersion>& versions, EventTime time) const;
    [[nodiscard]] std::vector<RowChange> changes_of(const std::vector<RowVersion>& versions) const;
    [[nodiscard]] RowChanges difference(const std::vector<RowVersion>& old, const std::vector<RowVersion>& now) const;
    void trim(std::vector<RowVersion>& versions) const;
    void queue(Entry& entry);

    const PartitionTable* partitions_;
    std::vector<std::uint32_t> all_;
    std::vector<std::uint32_t> telling_;
    Keys keys_;
    std::size_t versions_{0};
    EventTime horizon_{EventTime::lowest()};
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace tocsin::matcher
