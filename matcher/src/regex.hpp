#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>

struct hs_database;
struct hs_scratch;

namespace tocsin::matcher {

struct DatabaseFree {
    void operator()(hs_database* database) const;
};
struct ScratchFree {
    void operator()(hs_scratch* scratch) const;
};
using Database = std::unique_ptr<hs_database, DatabaseFree>;
using ScanScratch = std::unique_ptr<hs_scratch, ScratchFree>;

/// One regular expression, over bytes, found anywhere in the string.
[[nodiscard]] Result<Database> compile_regex(const std::string& pattern);

enum class PatternSyntax : std::uint8_t { literal, regex };
struct PatternText {
    std::string_view bytes;     ///< not empty; of a regular expression one that compile_regex() takes
    bool once;                  ///< that it is found is enough; otherwise each end of it is reported
};
struct CompiledPatterns {
    Database database;                      ///< null where they do not compile together
    std::optional<std::size_t> culprit;     ///< then, the one that does not compile alone, if it is known
};
/// Many patterns as one database, which one scan searches for. Each means what it means alone. Costs about 15 µs a literal and
/// 1 ms a regular expression.
[[nodiscard]] CompiledPatterns compile_patterns(std::span<const PatternText> patterns, PatternSyntax syntax);

/// Scratch space for one thread that serves all of `databases`.
[[nodiscard]] ScanScratch make_scratch(const std::vector<Database>& databases);
/// Makes scratch space (or null) serve one more database.
void grow(ScanScratch& scratch, const Database& database);

/// Whether the database's pattern is in the text.
[[nodiscard]] bool found(const Database& database, std::string_view text, const ScanScratch& scratch);
/// Calls `each` with the number of a pattern, the offset behind its last byte and `context`, for each that is found.
void scan(const Database& database, std::string_view text, const ScanScratch& scratch, void* context,
          void (*each)(std::size_t pattern, std::size_t end, void* context));

}  // namespace tocsin::matcher
