#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::event {

/// Which names of a record lead to which slots: a tree of hash tables, one for each object that a path goes through.
/// A slot is the index of a path. A path's parts may be joined in a name at any place: `a.b.c` is found as
/// {"a":{"b":{"c":…}}}, {"a.b":{"c":…}}, {"a":{"b.c":…}} and {"a.b.c":…}.
/// Immutable after it is built; thread-safe.
class FieldTable {
public:
    enum class NodeId : std::uint32_t {};
    static constexpr NodeId kNoNode{~std::uint32_t{0}};
    static constexpr NodeId kRoot{0};

    struct Entry {
        std::string name;
        std::vector<std::uint32_t> slots;  ///< the paths that end here
        NodeId child{kNoNode};  ///< where the paths that go on, go on
        std::uint32_t index{0};  ///< unique in the whole table
        std::uint64_t head{0};  ///< the name's first eight bytes
    };

    explicit FieldTable(const std::vector<std::vector<std::string>>& paths);

    /// The entry of a name, or null. Requires: eight bytes can be read at name.data().
    [[nodiscard]] const Entry* find(NodeId node, std::string_view name) const;
    [[nodiscard]] std::size_t entries() const { return entries_; }

private:
    /// A name's hash cells hold 1 + the entry's place, 0 where empty; at most half of them are taken.
    struct Node {
        std::vector<Entry> entries;
        std::vector<std::uint32_t> cells;
        std::uint64_t marks{0};  ///< bit mark_of(name) of each name: most names that nobody wants have another
        int shift{63};
    };
    struct Builder;

    static std::uint64_t head_of(std::string_view name) {
        std::uint64_t head = 0;
        std::memcpy(&head, name.data(), sizeof head);
        return name.size() >= sizeof head ? head : head & ((std::uint64_t{1} << (8 * name.size())) - 1);
    }
    /// From the length and both ends of a name. Requires: it is not empty.
    static unsigned mark_of(std::string_view name) {
        return (static_cast<unsigned char>(name.front()) * 5U + static_cast<unsigned char>(name.back()) * 3U +
                static_cast<unsigned>(name.size()) * 11U) %
               64U;
    }
    static std::uint64_t hash_of(std::string_view name, std::uint64_t head) {
        std::uint64_t tail = 0;
        if (name.size() > sizeof tail) {
            std::memcpy(&tail, name.data() + name.size() - sizeof tail, sizeof tail);
        }
        return (head ^ (tail << 7) ^ (tail >> 57) ^ name.size()) * 0x9e3779b97f4a7c15ULL;
    }

    std::vector<Node> nodes_;
    std::size_t entries_{0};
};

inline const FieldTable::Entry* FieldTable::find(NodeId id, std::string_view name) const {
    const Node& node = nodes_[static_cast<std::size_t>(id)];
    if (!name.empty() && (node.marks >> mark_of(name) & 1U) == 0) {
        return nullptr;
    }
    const std::uint64_t head = head_of(name);
    const std::size_t mask = node.cells.size() - 1;
    for (std::size_t cell = hash_of(name, head) >> node.shift; node.cells[cell] != 0; cell = (cell + 1) & mask) {
        const Entry& entry = node.entries[node.cells[cell] - 1];
        if (entry.head == head && entry.name.size() == name.size() &&
            (name.size() <= sizeof head || std::memcmp(entry.name.data(), name.data(), name.size()) == 0)) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace tocsin::event
