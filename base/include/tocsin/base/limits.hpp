#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin {

/// Every bound the engine keeps, with its default. docs/limits.md lists them with the options that set them.
struct Limits {
    std::size_t rule_file_bytes{16u << 20};         ///< size of one rule file
    std::size_t nesting{200};                       ///< depth of ( ) and [ ] in a rule
    std::size_t expression_depth{1'000};             ///< operators in a chain, brackets included, in one expression
    std::size_t expression_nodes{50'000};           ///< parts of one expression, definitions expanded
    std::size_t record_bytes{16u << 20};            ///< size of one record (line)
    std::size_t record_nesting{1'000};              ///< depth of objects and arrays in a record
    std::size_t pattern_states{10'000};             ///< states of one rule's automaton, loops unrolled
    std::size_t windows_per_event{1'000};           ///< windows of one rule that hold one event: size / every, rounded up
    std::size_t runs_per_key{100'000};              ///< live runs of one rule and key
    std::size_t events_shown_per_step{1'000};       ///< above it an alert shows the first and last half, and `omitted`
    std::size_t explained_events{1'000'000};        ///< events of one key that `explain --why` keeps
    std::size_t reported_records{10};               ///< unreadable records described one by one
};

}  // namespace tocsin
