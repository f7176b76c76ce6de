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

CompiledPatterns compile_patterns(std::span<const PatternText> patterns, PatternSyntax syntax) {
    std::vector<std::string> owned;         // regular expressions end with a NUL byte
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> flags;
    std::vector<unsigned> numbers;
    owned.reserve(patterns.size());
    const bool literal = syntax == PatternSyntax::literal;
    for (const PatternText& pattern : patterns) {
        texts.push_back(literal ? pattern.bytes.data() : owned.emplace_back(pattern.bytes).c_str());
        sizes.push_back(pattern.bytes.size());
        flags.push_back((literal ? 0U : HS_FLAG_ALLOWEMPTY) | (pattern.once ? HS_FLAG_SINGLEMATCH : 0U));
        numbers.push_back(static_cast<unsigned>(numbers.size()));
    }
    const auto count = static_cast<unsigned>(patterns.size());
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t code =
        literal ? hs_compile_lit_multi(texts.data(), flags.data(), numbers.data(), sizes.data(), count, HS_MODE_BLOCK, nullptr,
                                       &database, &error)
                : hs_compile_multi(texts.data(), flags.data(), numbers.data(), count, HS_MODE_BLOCK, nullptr, &database, &error);
    CompiledPatterns made{Database(code == HS_SUCCESS ? database : nullptr), std::nullopt};
    if (error != nullptr && error->expression >= 0) {
        made.culprit = static_cast<std::size_t>(error->expression);
    }
    hs_free_compile_error(error);
    return made;
}

void grow(ScanScratch& scratch, const Database& database) {
    hs_scratch_t* grown = scratch.release();
    [[maybe_unused]] const hs_error_t code = hs_alloc_scratch(database.get(), &grown);
    assert(code == HS_SUCCESS && "no memory for scan scratch");
    scratch.reset(grown);
}

ScanScratch make_scratch(const std::vector<Database>& databases) {
    ScanScratch scratch;
    for (const Database& database : databases) {
        grow(scratch, database);
    }
    return scratch;
}

namespace {

void scan_bytes(const Database& database, std::string_view text, const ScanScratch& scratch, match_event_handler on_match,
                void* context) {
    const char* data = text.empty() ? "" : text.data();
    [[maybe_unused]] const hs_error_t code =
        hs_scan(database.get(), data, static_cast<unsigned>(text.size()), 0, scratch.get(), on_match, context);
    assert((code == HS_SUCCESS || code == HS_SCAN_TERMINATED) && "a scan with scratch space of its own does not fail");
}

}  // namespace

bool found(const Database& database, std::string_view text, const ScanScratch& scratch) {
    bool hit = false;
    const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned, void* context) -> int {
        *static_cast<bool*>(context) = true;
        return 1;
    };
    scan_bytes(database, text, scratch, on_match, &hit);
    return hit;
}

void scan(const Database& database, std::string_view text, const ScanScratch& scratch, void* context,
          void (*each)(std::size_t pattern, std::size_t end, void* context)) {
    struct Call {
        void (*each)(std::size_t, std::size_t, void*);
        void* context;
    } call{each, context};
    const auto on_match = [](unsigned pattern, unsigned long long, unsigned long long end, unsigned, void* to) -> int {
        const Call& of = *static_cast<const Call*>(to);
        of.each(pattern, static_cast<std::size_t>(end), of.context);
        return 0;
    };
    scan_bytes(database, text, scratch, on_match, &call);
}

std::optional<std::string> regex_problem(const std::string& pattern) {
    const auto database = compile_regex(pattern);
    if (database) {
        return std::nullopt;
    }
    return database.error().message;
}

}  // namespace tocsin::matcher
