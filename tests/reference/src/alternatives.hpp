// The tree of what a run can do next.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "matcher.hpp"

namespace reference {

using History = std::shared_ptr<const std::vector<Taken>>;

// One entry into a loop's turn: the loop, and how many events the run had when the turn began.
using TurnId = std::pair<int, std::size_t>;

// What comes after the place in the pattern where the run stands, innermost first.
struct Frame;
using FramePtr = std::shared_ptr<const Frame>;
struct Frame {
    enum class Kind { kSequence, kBranch, kTurn };
    Kind kind = Kind::kSequence;
    const Node* node = nullptr;
    std::size_t next_part = 0;   // kSequence
    std::int64_t turns = 0;      // kTurn: complete ones before this
    std::size_t entry = 0;       // kBranch, kTurn: events taken at its beginning
    FramePtr outer;
};

// A `not` that watches from the event taken before.
struct Watch {
    const Node* node = nullptr;
    bool next_only = false;  // => not
    std::int64_t until = 0;  // the last time at which it watches
    bool settled = false;
    Moment settled_at;
};

struct Tree;
using TreePtr = std::shared_ptr<const Tree>;
struct Tree {
    enum class Kind {
        kLeaf,      // a step can take an event
        kEnd,       // the pattern can end here
        kPrefer,    // the first of the children that can
        kUnderWay,  // a turn of a group has begun: first child goes on with it, second is what follows if it is given up
        kBoth,      // an `or`: each child that can
    };
    Kind kind = Kind::kLeaf;
    std::vector<TreePtr> children;
    std::optional<TurnId> turn;  // kPrefer of a loop: the turn that may begin; kUnderWay
    std::size_t turn_child = 0;  // kPrefer: which child begins it

    // kLeaf, kEnd
    History history;
    std::vector<Watch> watches;
    bool open = true;
    Moment closed;
    // kLeaf
    const Node* step = nullptr;
    FramePtr frames;
    Link link = Link::kNext;
    std::int64_t limit = 0;  // the last time at which it can take an event
    std::vector<const EventSpec*> untils;
};

// One way to go on from here, and the turns that are complete, or could be left as they are, at this point.
struct Way {
    TreePtr tree;
    std::set<TurnId> complete;
};

class Expander {
   public:
    explicit Expander(const MatchInput& input) : input_(input) {}

    std::vector<Way> start() const;
    std::vector<Way> after(const Tree& leaf, const History& history) const;
    std::int64_t last_time(const History& history) const;
    std::int64_t deadline(const History& history) const;  // first + within

   private:
    using Watches = std::vector<Watch>;
    std::vector<Way> node(const Node& n, Link link, Watches watches, const History& history, FramePtr frames) const;
    std::vector<Way> sequence(const Node& n, std::size_t part, Link link, Watches watches, const History& history,
                              FramePtr frames) const;
    std::vector<Way> loop(const Node& n, std::int64_t turns, Link link, const Watches& watches, const History& history,
                          FramePtr frames) const;
    std::vector<Way> complete(const FramePtr& frames, Watches watches, const History& history) const;
    Watch watch(const Node& n, Link link, const History& history) const;
    Way leaf(const Node& n, Link link, Watches watches, const History& history, FramePtr frames) const;

    const MatchInput& input_;
};

std::string describe(const Tree& tree);  // equal text: equal future

}  // namespace reference
