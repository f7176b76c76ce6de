#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tocsin/dsl/tree.hpp>

#include "symbols.hpp"

namespace tocsin::compiler {

/// Something in a rule that looks at an event: a step, a `not`, an `until`, or the `on` of a window.
struct Place {
    enum class Kind { step, absent, until, window };
    Kind kind;
    dsl::PatternId node;  ///< the step, the `not`, or the item that `until` belongs to; of a window without meaning
    const dsl::EventRef* event;
    const Stream* stream{nullptr};  ///< null if it is unknown, which has been reported
    std::uint32_t step{0};  ///< of a step: its nfa::StepId
    /// The steps of which one can have taken the event taken last, when this place looks.
    std::vector<std::uint32_t> before;
    bool may_be_first{false};  ///< nothing need be taken before it
    bool may_be_last{false};  ///< nothing need be taken after it
};

struct StepShape {
    std::size_t place;
    std::uint32_t name;  ///< index into Shape::names
    bool repeated;  ///< it, or a group around it, can have more than one turn
};

/// A step's name as the rule's text uses it.
struct StepName {
    std::string text;
    Span span;
    const Stream* stream;
    std::vector<std::uint32_t> steps;  ///< more than one only in branches of an `or`
    bool given{false};  ///< written, not made from the stream's name
};

/// A pattern seen as a whole: its places in order of the text, its steps with their names, and what can come before what.
class Shape {
public:
    Shape() = default;
    /// Reports unknown streams and names that are used twice.
    Shape(const dsl::File& file, dsl::PatternId root, Symbols& symbols, Report& report);
    /// A window: one place, no steps. Reports an unknown stream.
    Shape(const dsl::Window& window, Symbols& symbols, Report& report);

    std::vector<Place> places;
    std::vector<StepShape> steps;
    std::vector<StepName> names;
    bool skippable{false};  ///< every item is optional

    [[nodiscard]] std::optional<std::uint32_t> find_name(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> step_names() const;
    /// The step can have taken an event when the place looks.
    [[nodiscard]] bool may_precede(std::uint32_t step, const Place& place) const;
    [[nodiscard]] bool name_may_precede(std::uint32_t name, const Place& place) const;

private:
    struct Link {
        std::optional<dsl::PatternId> parent;
        std::uint32_t index{0};  ///< among the parent's items
        std::uint32_t depth{0};
    };
    /// What the event taken last can be: steps, or none at all.
    struct Before {
        std::vector<std::uint32_t> steps;
        bool none{false};
    };

    void walk(dsl::PatternId id, Link where, Symbols& symbols, Report& report);
    void add_until(dsl::PatternId id, const dsl::Tail& tail, Symbols& symbols, Report& report);
    void name_steps(Report& report);
    void share_name(std::uint32_t name, std::uint32_t step, const dsl::Name& written, Report& report);
    [[nodiscard]] bool in_different_branches(dsl::PatternId a, dsl::PatternId b) const;

    [[nodiscard]] bool may_skip(dsl::PatternId id) const;
    [[nodiscard]] std::vector<std::uint32_t> last_of(dsl::PatternId id) const;
    Before flow(dsl::PatternId id, Before before, bool last);
    Before flow_tail(dsl::PatternId id, const dsl::Tail& tail, Before before, bool last);
    void settle(dsl::PatternId id, Place::Kind kind, const Before& before, bool last);

    struct Node {
        Link link;
        std::vector<std::size_t> places;
    };
    [[nodiscard]] const Link& link(dsl::PatternId id) const { return nodes_.at(id).link; }
    [[nodiscard]] const std::vector<std::size_t>& places_of(dsl::PatternId id) const { return nodes_.at(id).places; }

    const dsl::File* file_{nullptr};
    std::unordered_map<dsl::PatternId, Node> nodes_;  ///< of this pattern; a file holds those of many rules
};

/// The tail of an item, null for what has none.
[[nodiscard]] const dsl::Tail* tail_of(const dsl::Pattern& pattern);
[[nodiscard]] bool loops(const dsl::Tail& tail);

}  // namespace tocsin::compiler
