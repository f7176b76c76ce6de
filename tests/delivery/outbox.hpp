#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tocsin/state/outbox.hpp>

#include "support/test.hpp"

namespace tocsin::test {

/// An outbox in memory, for one endpoint called "hook", which can be told to fail.
class MemoryOutbox final : public state::Outbox {
public:
    /// Adds a row that is due at once. Gives its sequence.
    std::uint64_t add(std::uint64_t alert, const std::string& op = "alert", const std::string& key = "ann") {
        const std::uint64_t sequence = rows.size() + 1;
        state::OutboxRow row{sequence, alert, op, 1, "guessed", "", false};
        row.body = fmt::format(
            R"({{"id":"{:016x}","op":"{}","rule":"guessed","version":"0000002a","severity":"high","labels":{{"team":"soc"}},)"
            R"("key":{{"user":"{}"}},"time":"2026-01-01T00:00:02Z","first":"2026-01-01T00:00:00Z",)"
            R"("last":"2026-01-01T00:00:02Z","events":{{}},"values":{{"n":3}},"text":"{}: 3 failures"}})",
            alert, op, key, key);
        rows[sequence] = row;
        waiting[sequence] = {"hook", sequence, 0, 0};
        return sequence;
    }

    [[nodiscard]] Result<std::optional<state::OutboxRow>> row(std::uint64_t sequence) const override {
        const auto found = rows.find(sequence);
        return found == rows.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] Result<void> each_row(const std::function<Result<void>(const state::OutboxRow&)>& visit) const override {
        for (const auto& [sequence, row] : rows) {
            if (auto visited = visit(row); !visited) {
                return visited;
            }
        }
        return {};
    }
    [[nodiscard]] Result<std::vector<state::Delivery>> pending(std::string_view, std::uint64_t after,
                                                               std::size_t most) const override {
        std::vector<state::Delivery> out;
        for (auto at = waiting.upper_bound(after); at != waiting.end() && out.size() < most; ++at) {
            out.push_back(at->second);
        }
        most_read = std::max(most_read, out.empty() ? 0 : out.back().sequence);
        return out;
    }
    [[nodiscard]] Result<std::uint64_t> pending_count(std::string_view) const override { return waiting.size(); }
    [[nodiscard]] Result<std::vector<std::string>> endpoints_with_pending() const override {
        return waiting.empty() ? std::vector<std::string>{} : std::vector<std::string>{"hook"};
    }
    [[nodiscard]] Result<void> writable() const override {
        return full ? fail(Errc::limit, "the disk is full") : Result<void>{};
    }
    [[nodiscard]] Result<void> delivered(std::string_view, const std::vector<std::uint64_t>& sequences,
                                         std::optional<std::string> note) override {
        if (full || killed) {
            return fail(Errc::limit, "the disk is full");
        }
        for (const std::uint64_t sequence : sequences) {
            waiting.erase(sequence);
            done.push_back(sequence);
        }
        noted = note.value_or(noted);
        return {};
    }
    [[nodiscard]] Result<void> postpone(const state::Delivery& delivery) override {
        waiting.at(delivery.sequence) = delivery;
        return writable();
    }
    [[nodiscard]] Result<void> give_up(const state::DeadLetter& letter) override {
        waiting.erase(letter.sequence);
        letters.push_back(letter);
        return writable();
    }
    [[nodiscard]] Result<std::string> note(std::string_view) const override { return noted; }
    [[nodiscard]] Result<std::vector<state::DeadLetter>> dead_letters() const override { return letters; }
    [[nodiscard]] Result<void> redrive(std::string_view, std::uint64_t) override {
        return fail(Errc::unsupported, "not of this test");
    }

    std::map<std::uint64_t, state::OutboxRow> rows;
    std::map<std::uint64_t, state::Delivery> waiting;
    std::vector<std::uint64_t> done;
    std::vector<state::DeadLetter> letters;
    std::string noted;
    bool full{false};  ///< each change fails, and writable() says so
    bool killed{false};  ///< what is delivered is not noted, as if the process had ended before
    mutable std::uint64_t most_read{0};  ///< the last sequence that was read as pending
};

}  // namespace tocsin::test
