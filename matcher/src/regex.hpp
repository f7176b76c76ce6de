#pragma once

#include <memory>
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
/// Scratch space for one thread that serves all of `databases`.
[[nodiscard]] ScanScratch make_scratch(const std::vector<Database>& databases);
[[nodiscard]] bool found(const Database& database, std::string_view text, const ScanScratch& scratch);

}  // namespace tocsin::matcher
