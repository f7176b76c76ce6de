#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "window_rule.hpp"

namespace tocsin::matcher {

/// The windows of one key. Owned by one shard.
///
/// Legal calls: (pass (add | remove)*)*. Of a rule that is not revisable, events are added in order and pass comes before each
/// with its time; what is shown is for good. Else they come and go in any order at or after Progress::settled, and the next
/// pass brings what is shown up to date.
class KeyWindows {
public:
    KeyWindows() = default;
    KeyWindows(const KeyWindows&) = delete;
    KeyWindows& operator=(const KeyWindows&) = delete;
    virtual ~KeyWindows() = default;

    virtual void add(std::span<const event::Value> row, const Position& at) = 0;
    /// False: there is no such event.
    virtual bool remove(const Position& at) = 0;
    /// Shows what is due and gives up what nothing can change any more.
    virtual void pass(const Progress& now) = 0;
    /// Tables have changed from `from` on: windows without events have to be judged again. The others are, since their events
    /// go and come again.
    virtual void look_again(EventTime /*from*/) {}

    /// The times that must be passed for `pass` to have something to do; EventTime::highest(): never.
    [[nodiscard]] virtual Progress due() const = 0;
    [[nodiscard]] virtual bool empty() const = 0;
    /// How many windows are held; of a sliding one, how many events.
    [[nodiscard]] virtual std::size_t live() const = 0;

    virtual void save(StateWriter& out) = 0;
    /// Requires: new windows of the same rule.
    virtual void restore(StateReader& in) = 0;
};

/// The windows that the rule asks for. The rule outlives them.
[[nodiscard]] std::unique_ptr<KeyWindows> make_key_windows(WindowRule& rule, std::string key);

/// The events that can still be taken back, or that a window needs when another is.
using EventLog = std::map<Position, Operands, Before>;

/// `when` is passed as soon as `now` reaches it. Requires: it is not lowest().
[[nodiscard]] inline EventTime just_before(EventTime when) { return when == EventTime::highest() ? when : when - Duration(1); }

}  // namespace tocsin::matcher
