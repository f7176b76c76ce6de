#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tocsin::matcher {

/// What is held for each key of a rule, in slots that are used again. References to states stay good until erase().
template <class State>
class KeyTable {
public:
    [[nodiscard]] bool contains(std::string_view key) const { return slots_.contains(key); }
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const {
        const auto found = slots_.find(key);
        return found == slots_.end() ? std::nullopt : std::optional(found->second);
    }
    /// The key's slot, a new one with `make()` in it if it has none.
    template <class Make>
    std::uint32_t get(std::string_view key, Make make) {
        const auto found = find(key);
        return found ? *found : add(key, make());
    }
    /// Requires: the key has no slot.
    std::uint32_t add(std::string_view key, State state) {
        std::uint32_t slot = 0;
        if (free_.empty()) {
            slot = static_cast<std::uint32_t>(entries_.size());
            entries_.emplace_back();
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        // The map's nodes stay where they are.
        entries_[slot] = {&slots_.emplace(std::string(key), slot).first->first, std::move(state)};
        return slot;
    }
    void erase(std::uint32_t slot) {
        slots_.erase(slots_.find(*entries_[slot].key));
        entries_[slot] = Entry{};
        free_.push_back(slot);
    }
    [[nodiscard]] State& operator[](std::uint32_t slot) { return entries_[slot].state; }
    [[nodiscard]] const std::string& key(std::uint32_t slot) const { return *entries_[slot].key; }
    [[nodiscard]] std::size_t size() const { return slots_.size(); }

    /// Calls `visit(slot)` for each key; it may erase that one.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
            if (entries_[slot].key != nullptr) {
                visit(slot);
            }
        }
    }
    template <class Visit>
    void for_each_state(Visit visit) const {
        for (const Entry& entry : entries_) {
            if (entry.key != nullptr) {
                visit(entry.state);
            }
        }
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    struct Entry {
        const std::string* key{nullptr};        ///< null: the slot is free
        State state{};
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> slots_;
    std::deque<Entry> entries_;
    std::vector<std::uint32_t> free_;
};

}  // namespace tocsin::matcher
