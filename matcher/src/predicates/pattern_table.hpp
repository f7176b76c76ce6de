#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "../regex.hpp"
#include "contents.hpp"

namespace tocsin::matcher {

/// Patterns over one subject; one scan of its bytes finds all that are in it (a second one, where there are both literals and
/// regular expressions: a database of literals alone is made a hundred times faster). Immutable once sealed; thread-safe.
class PatternTable {
public:
    void add(const Literal& literal, std::uint32_t number);
    void add(const Regex& regex, std::uint32_t number);
    /// Before the first find(). Gives the numbers of what no database takes.
    [[nodiscard]] std::vector<std::uint32_t> seal();
    /// Makes the scratch space large enough for find().
    void fit(ScanScratch& scratch) const;
    /// Appends the numbers of the patterns found: of each once.
    void find(std::string_view text, const ScanScratch& scratch, std::vector<std::uint32_t>& out) const;

private:
    struct Entry {
        std::string_view bytes;
        bool at_end;
        std::uint32_t number;
    };
    /// Moves what can be compiled from `entries` into databases, and returns the rest.
    std::vector<std::uint32_t> compile(std::vector<Entry> entries, PatternSyntax syntax);

    std::vector<Entry> literals_;
    std::vector<Entry> regexes_;
    struct Part {
        Database database;
        std::vector<Entry> entries;     ///< by the pattern's number in the database
    };
    std::vector<Part> parts_;
};

}  // namespace tocsin::matcher
