#include "pattern_table.hpp"

#include <cassert>
#include <utility>

namespace tocsin::matcher {

void PatternTable::add(const Literal& literal, std::uint32_t number) {
    literals_.push_back({literal.bytes, literal.at_end, number});
}

void PatternTable::add(const Regex& regex, std::uint32_t number) { regexes_.push_back({regex.expression, false, number}); }

std::vector<std::uint32_t> PatternTable::seal() {
    std::vector<std::uint32_t> refused = compile(std::exchange(literals_, {}), PatternSyntax::literal);
    const std::vector<std::uint32_t> more = compile(std::exchange(regexes_, {}), PatternSyntax::regex);
    refused.insert(refused.end(), more.begin(), more.end());
    return refused;
}

std::vector<std::uint32_t> PatternTable::compile(std::vector<Entry> entries, PatternSyntax syntax) {
    std::vector<std::uint32_t> refused;
    std::vector<std::vector<Entry>> open;
    open.push_back(std::move(entries));
    while (!open.empty()) {
        std::vector<Entry> now = std::move(open.back());
        open.pop_back();
        if (now.empty()) {
            continue;
        }
        std::vector<PatternText> texts;
        for (const Entry& entry : now) {
            // A literal that has to stand at the end may occur before it too, so all its places are wanted.
            texts.push_back({entry.bytes, !entry.at_end});
        }
        CompiledPatterns made = compile_patterns(texts, syntax);
        if (made.database != nullptr) {
            parts_.push_back({std::move(made.database), std::move(now)});
        } else if (made.culprit || now.size() == 1) {
            const auto culprit = now.begin() + static_cast<std::ptrdiff_t>(made.culprit.value_or(0));
            refused.push_back(culprit->number);
            now.erase(culprit);
            open.push_back(std::move(now));
        } else {
            // Together they are too large.
            const auto half = now.begin() + static_cast<std::ptrdiff_t>(now.size() / 2);
            open.emplace_back(half, now.end());
            open.emplace_back(now.begin(), half);
        }
    }
    return refused;
}

void PatternTable::fit(ScanScratch& scratch) const {
    for (const Part& part : parts_) {
        grow(scratch, part.database);
    }
}

void PatternTable::find(std::string_view text, const ScanScratch& scratch, std::vector<std::uint32_t>& out) const {
    for (const Part& part : parts_) {
        struct Context {
            const std::vector<Entry>& entries;
            std::size_t size;
            std::vector<std::uint32_t>& out;
        } context{part.entries, text.size(), out};
        scan(part.database, text, scratch, &context, [](std::size_t pattern, std::size_t end, void* to) {
            const auto& [entries, size, hits] = *static_cast<Context*>(to);
            if (!entries[pattern].at_end || end == size) {
                hits.push_back(entries[pattern].number);
            }
        });
    }
}

}  // namespace tocsin::matcher
