#include "field_table.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tocsin::event {

/// A node is determined by the set of (path, parts already used) that reach it; sets that come up twice share their
/// node, which keeps the table small although a path of n parts can be joined in 2^(n-1) ways.
struct FieldTable::Builder {
    using Position = std::pair<std::uint32_t, std::size_t>;
    using Positions = std::vector<Position>;

    const std::vector<std::vector<std::string>>& paths;
    std::map<Positions, NodeId> known{};
    std::vector<Positions> todo{};

    NodeId node_of(Positions positions) {
        std::sort(positions.begin(), positions.end());
        positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
        const auto [place, added] = known.try_emplace(positions, NodeId{static_cast<std::uint32_t>(todo.size())});
        if (added) {
            todo.push_back(std::move(positions));
        }
        return place->second;
    }

    Node build(const Positions& positions, std::size_t& entries) {
        std::map<std::string, std::pair<std::vector<std::uint32_t>, Positions>> names;
        for (const auto& [slot, used] : positions) {
            const std::vector<std::string>& path = paths[slot];
            std::string name;
            for (std::size_t end = used; end < path.size(); ++end) {
                name += end == used ? path[end] : "." + path[end];
                auto& [slots, onward] = names[name];
                if (end + 1 == path.size()) {
                    slots.push_back(slot);
                } else {
                    onward.emplace_back(slot, end + 1);
                }
            }
        }
        Node node;
        for (auto& [name, targets] : names) {
            Entry entry{name, std::move(targets.first), kNoNode, static_cast<std::uint32_t>(entries++), 0};
            if (!targets.second.empty()) {
                entry.child = node_of(std::move(targets.second));
            }
            node.entries.push_back(std::move(entry));
        }
        index(node);
        return node;
    }

    static void index(Node& node) {
        std::size_t size = 2;
        node.shift = 63;
        while (size < 2 * node.entries.size()) {
            size *= 2;
            --node.shift;
        }
        node.cells.assign(size, 0);
        for (std::size_t i = 0; i < node.entries.size(); ++i) {
            Entry& entry = node.entries[i];
            std::string padded = entry.name;
            padded.append(sizeof entry.head, '\0');
            const std::string_view name = std::string_view(padded).substr(0, entry.name.size());
            entry.head = head_of(name);
            if (!name.empty()) {
                node.marks |= std::uint64_t{1} << mark_of(name);
            }
            std::size_t cell = hash_of(name, entry.head) >> node.shift;
            while (node.cells[cell] != 0) {
                cell = (cell + 1) & (size - 1);
            }
            node.cells[cell] = static_cast<std::uint32_t>(i + 1);
        }
    }
};

FieldTable::FieldTable(const std::vector<std::vector<std::string>>& paths) {
    Builder builder{paths};
    Builder::Positions all;
    for (std::uint32_t slot = 0; slot < paths.size(); ++slot) {
        all.emplace_back(slot, 0);
    }
    builder.node_of(std::move(all));
    for (std::size_t i = 0; i < builder.todo.size(); ++i) {
        const Builder::Positions positions = builder.todo[i];
        nodes_.push_back(builder.build(positions, entries_));
    }
}

}  // namespace tocsin::event
