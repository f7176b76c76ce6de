#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shape.hpp"

namespace tocsin::compiler {

/// `lookup T as c on …`
struct Alias {
    const dsl::Lookup* decl;
    const Table* table;  ///< null if it is wrong, which has been reported
};

/// What the names in a rule's expressions can mean besides the fields of an event. Filled as the rule is read.
struct RuleNames {
    struct Key {
        std::vector<std::string> path;
        std::optional<event::Type> type;  ///< nothing if it is wrong, which has been reported
        std::vector<std::pair<const Stream*, event::ColumnSpec>> columns;  ///< where each stream has it
    };
    struct Named {
        std::string name;
        Span span;
        std::optional<plan::ExprId> value;  ///< nothing if it is wrong
    };
    const dsl::RuleDecl* decl{nullptr};
    const dsl::File* file{nullptr};
    Shape shape;
    std::vector<Alias> aliases;
    const Stream* window{nullptr};  ///< of a window rule: the stream that its aggregates read
    std::vector<Key> keys;
    std::vector<Named> lets;  ///< those that have been read
    std::vector<Named> returns;
};

}  // namespace tocsin::compiler
