#pragma once

#include <cstdint>
#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/time.hpp>
#include <tocsin/event/batch.hpp>

namespace tocsin::matcher {

/// A partition of an input, by the order in which it was first named.
enum class PartitionId : std::uint32_t {};

/// The names of partitions and their order: as numbers where both are numbers, else as text, numbers first.
/// Grows only between batches; reading it meanwhile is safe from any thread.
class PartitionTable {
public:
    [[nodiscard]] PartitionId intern(std::string_view name);
    [[nodiscard]] std::string_view name(PartitionId id) const { return names_[static_cast<std::size_t>(id)]; }
    /// Ranks change as names are added; their order among the names so far does not.
    [[nodiscard]] std::uint32_t rank(PartitionId id) const { return ranks_[static_cast<std::size_t>(id)]; }

    template <class Archive>
    void archive(Archive& a) {
        std::vector<std::string> names = names_;
        a(names);
        for (const std::string& name : names) {
            (void)intern(name);
        }
    }

private:
    struct Less {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const;
    };
    std::map<std::string, PartitionId, Less> ids_;
    std::vector<std::string> names_;
    std::vector<std::uint32_t> ranks_;
};

/// Where an event stands in the order of events: (event time, input, partition, offset).
struct Position {
    EventTime time;
    event::InputId input{};
    PartitionId partition{};
    std::uint64_t offset{0};
    std::uint64_t arrival{0};       ///< settles what has one offset twice; never shown
    friend bool operator==(const Position&, const Position&) = default;

    template <class Archive>
    void archive(Archive& a) {
        a(time, input, partition, offset, arrival);
    }
};

[[nodiscard]] std::strong_ordering compare(const Position& a, const Position& b, const PartitionTable& partitions);

/// The order of events, for ordered containers. The table outlives them.
struct Before {
    using is_transparent = void;
    const PartitionTable* partitions;
    bool operator()(const Position& a, const Position& b) const { return compare(a, b, *partitions) < 0; }
    /// A time counts as equal to all positions that have it.
    bool operator()(const Position& a, EventTime b) const { return a.time < b; }
    bool operator()(EventTime a, const Position& b) const { return a < b.time; }
};

}  // namespace tocsin::matcher
