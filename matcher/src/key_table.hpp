#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tsl/robin_set.h>

#include <tocsin/base/archive.hpp>

namespace tocsin::matcher {

/// What is held for each key of a rule, in slots that are used again. References to keys and states stay good until erase(). A state that is
/// erased gives its memory back: keeping it for the next key made keyed rules a tenth slower.
/// The index holds slots alone, in one flat table: a key is found with one look there and one at its slot.
template <class State>
class KeyTable {
public:
    KeyTable() : slots_(16, Hash{&entries_}, Equal{&entries_}) {}
    KeyTable(const KeyTable&) = delete;
    KeyTable& operator=(const KeyTable&) = delete;

    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const {
        const auto found = slots_.find(key);
        return found == slots_.end() ? std::nullopt : std::optional(*found);
    }
    [[nodiscard]] bool contains(std::string_view key) const { return find(key).has_value(); }
    /// A slot with a new state. Requires: the key has none.
    std::uint32_t add(std::string_view key) {
        std::uint32_t slot = 0;
        if (free_.empty()) {
            slot = entries_.grow();
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        Entry& entry = entries_[slot];
        entry.key.assign(key);
        entry.used = true;
        slots_.insert(slot);
        return slot;
    }
    void erase(std::uint32_t slot) {
        slots_.erase(slot);
        entries_[slot] = Entry{};
        free_.push_back(slot);
    }
    void clear() {
        slots_.clear();
        entries_.clear();
        free_.clear();
    }
    [[nodiscard]] State& operator[](std::uint32_t slot) { return entries_[slot].state; }
    [[nodiscard]] const std::string& key(std::uint32_t slot) const { return entries_[slot].key; }
    [[nodiscard]] std::size_t size() const { return slots_.size(); }

    /// Calls `visit(slot)` for each key; it may erase that one.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
            if (entries_[slot].used) {
                visit(slot);
            }
        }
    }
    template <class Visit>
    void for_each_state(Visit visit) const {
        for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
            if (entries_[slot].used) {
                visit(entries_[slot].state);
            }
        }
    }

    /// `write(slot)` writes the state there.
    template <class Write>
    void save(StateWriter& out, Write write) {
        std::size_t slots = entries_.size();
        out(free_);
        out.number(slots - free_.size());
        for_each([&](std::uint32_t slot) {
            out(slot, entries_[slot].key);
            write(slot);
        });
    }
    /// `read(slot)` fills the new state there. Requires: an empty table.
    template <class Read>
    void restore(StateReader& in, Read read) {
        in(free_);
        const std::size_t used = in.count();
        for (std::size_t i = 0; i < used + free_.size(); ++i) {
            (void)entries_.grow();
        }
        for (std::size_t i = 0; i < used && in.ok(); ++i) {
            std::uint32_t slot = 0;
            std::string key;
            in(slot, key);
            if (slot >= entries_.size() || entries_[slot].used) {
                in.fail();
                return;
            }
            entries_[slot].key = std::move(key);
            entries_[slot].used = true;
            slots_.insert(slot);
            read(slot);
        }
    }

private:
    struct Entry {
        std::string key;
        bool used{false};
        State state{};
    };
    /// Entries that stay where they are. A std::deque of entries of this size has a block for each, and divides to find it.
    class Entries {
    public:
        [[nodiscard]] Entry& operator[](std::uint32_t slot) { return (*blocks_[slot / kBlock])[slot % kBlock]; }
        [[nodiscard]] const Entry& operator[](std::uint32_t slot) const { return (*blocks_[slot / kBlock])[slot % kBlock]; }
        [[nodiscard]] std::uint32_t size() const { return size_; }
        std::uint32_t grow() {
            if (size_ % kBlock == 0) {
                blocks_.push_back(std::make_unique<std::array<Entry, kBlock>>());
            }
            return size_++;
        }
        void clear() {
            blocks_.clear();
            size_ = 0;
        }

    private:
        static constexpr std::uint32_t kBlock = 8;
        std::vector<std::unique_ptr<std::array<Entry, kBlock>>> blocks_;
        std::uint32_t size_{0};
    };
    struct Hash {
        const Entries* entries;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
        std::size_t operator()(std::uint32_t slot) const { return (*this)((*entries)[slot].key); }
    };
    struct Equal {
        using is_transparent = void;
        const Entries* entries;
        bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
        bool operator()(std::string_view key, std::uint32_t slot) const { return key == (*entries)[slot].key; }
        bool operator()(std::uint32_t slot, std::string_view key) const { return key == (*entries)[slot].key; }
    };
    /// With each slot stands a part of its key's hash: other keys are told apart, and the table grows, without a look at them.
    using Slots = tsl::robin_set<std::uint32_t, Hash, Equal, std::allocator<std::uint32_t>, true>;

    Entries entries_;
    Slots slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace tocsin::matcher
