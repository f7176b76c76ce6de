#include "regex.hpp"

#include <cassert>
#include <utility>

#include <hs.h>

#include <tocsin/matcher/evaluator.hpp>

namespace tocsin::matcher {

void DatabaseFree::operator()(hs_database* database) const { hs_free_database(database); }
void ScratchFree::operator()(hs_scratch* scratch) const { hs_free_scratch(scratch); }

Result<Database> compile_regex(const std::string& pattern) {
    if (pattern.find('\0') != std::string::npos) {
        return fail(Errc::invalid, "a regular expression cannot hold a NUL byte; write \\x00");
    }
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t code = hs_compile(pattern.c_str(), HS_FLAG_ALLOWEMPTY | HS_FLAG_SINGLEMATCH, HS_MODE_BLOCK, nullptr,
                                       &database, &error);
    if (code != HS_SUCCESS) {
        std::string message = error != nullptr ? error->message : "it does not compile";
        hs_free_compile_error(error);
        return fail(Errc::invalid, std::move(message));
    }
    return Database(database);
}

ScanScratch make_scratch(const std::vector<Database>& databases) {
    hs_scratch_t* scratch = nullptr;
    for (const Database& database : databases) {
        [[maybe_unused]] const hs_error_t code = hs_alloc_scratch(database.get(), &scratch);
        assert(code == HS_SUCCESS && "no memory for scan scratch");
    }
    return ScanScratch(scratch);
}

bool found(const Database& database, std::string_view text, const ScanScratch& scratch) {
    bool hit = false;
    const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned, void* context) -> int {
        *static_cast<bool*>(context) = true;
        return 1;
    };
    const char* data = text.empty() ? "" : text.data();
    hs_scan(database.get(), data, static_cast<unsigned>(text.size()), 0, scratch.get(), on_match, &hit);
    return hit;
}

std::optional<std::string> regex_problem(const std::string& pattern) {
    const auto database = compile_regex(pattern);
    if (database) {
        return std::nullopt;
    }
    return database.error().message;
}

}  // namespace tocsin::matcher
