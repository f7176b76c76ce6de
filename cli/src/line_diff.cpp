// The shortest way from one list of lines to another: Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1,
// 1986, section 4, without its refinement for little memory. Time and memory grow with the lines times those that differ, after
// what both have in common at the start and the end is left out.
#include "line_diff.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace tocsin::cli {

namespace {

constexpr std::size_t kContext = 3;
/// More lines than these, in what differs, go and come as a whole: the way between them would take gigabytes.
constexpr std::size_t kMostLines = 4000;

struct Edit {
    char kind{' '};             ///< ' ', '-' or '+'
    std::string_view line;
};

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

using Lines = std::vector<std::string_view>;

/// For each number of edits: how far into `a` each diagonal gets with them.
std::vector<std::vector<long>> furthest(const Lines& a, const Lines& b) {
    const long size_a = static_cast<long>(a.size());
    const long size_b = static_cast<long>(b.size());
    const long most = size_a + size_b;
    std::vector<std::vector<long>> reached;
    std::vector<long> x(static_cast<std::size_t>(2 * most + 3), 0);
    const auto at = [&](long diagonal) -> long& { return x[static_cast<std::size_t>(diagonal + most + 1)]; };
    for (long edits = 0; edits <= most; ++edits) {
        for (long diagonal = -edits; diagonal <= edits; diagonal += 2) {
            const bool down = diagonal == -edits || (diagonal != edits && at(diagonal - 1) < at(diagonal + 1));
            long i = down ? at(diagonal + 1) : at(diagonal - 1) + 1;
            long j = i - diagonal;
            while (i < size_a && j < size_b && a[static_cast<std::size_t>(i)] == b[static_cast<std::size_t>(j)]) {
                ++i;
                ++j;
            }
            at(diagonal) = i;
            if (i >= size_a && j >= size_b) {
                reached.emplace_back(x.begin() + (most + 1 - edits - 1), x.begin() + (most + 1 + edits + 2));
                return reached;
            }
        }
        reached.emplace_back(x.begin() + (most + 1 - edits - 1), x.begin() + (most + 1 + edits + 2));
    }
    return reached;
}

/// From the end back along what was reached.
std::vector<Edit> edits_between(const Lines& a, const Lines& b) {
    if (a.size() + b.size() > kMostLines) {
        std::vector<Edit> all;
        std::transform(a.begin(), a.end(), std::back_inserter(all), [](std::string_view line) { return Edit{'-', line}; });
        std::transform(b.begin(), b.end(), std::back_inserter(all), [](std::string_view line) { return Edit{'+', line}; });
        return all;
    }
    const std::vector<std::vector<long>> reached = furthest(a, b);
    std::vector<Edit> edits;
    long i = static_cast<long>(a.size());
    long j = static_cast<long>(b.size());
    for (long step = static_cast<long>(reached.size()) - 1; step >= 0; --step) {
        const long diagonal = i - j;
        long from_i = 0;
        long from_j = 0;
        if (step > 0) {
            const std::vector<long>& before = reached[static_cast<std::size_t>(step - 1)];
            const auto at = [&](long k) { return before[static_cast<std::size_t>(k + step)]; };
            const bool down = diagonal == -step || (diagonal != step && at(diagonal - 1) < at(diagonal + 1));
            from_i = at(down ? diagonal + 1 : diagonal - 1);
            from_j = from_i - (down ? diagonal + 1 : diagonal - 1);
        }
        while (i > from_i && j > from_j) {
            --i;
            --j;
            edits.push_back({' ', a[static_cast<std::size_t>(i)]});
        }
        if (step > 0) {
            const bool down = j > from_j;
            edits.push_back(down ? Edit{'+', b[static_cast<std::size_t>(j - 1)]} : Edit{'-', a[static_cast<std::size_t>(i - 1)]});
            i = from_i;
            j = from_j;
        }
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
}

/// Without what is far from every change.
std::string shown(const std::vector<Edit>& edits) {
    std::vector<bool> near(edits.size(), false);
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (edits[i].kind != ' ') {
            const std::size_t end = std::min(i + kContext + 1, edits.size());
            std::fill(near.begin() + static_cast<std::ptrdiff_t>(i - std::min(i, kContext)), near.begin() + static_cast<std::ptrdiff_t>(end), true);
        }
    }
    std::string out;
    bool skipped = false;
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (!near[i]) {
            skipped = true;
            continue;
        }
        out += skipped ? "…\n" : "";
        skipped = false;
        out += fmt::format("{}{}\n", edits[i].kind, edits[i].line);
    }
    return out + (skipped ? "…\n" : "");
}

}  // namespace

std::string line_diff(std::string_view before_name, std::string_view before, std::string_view after_name, std::string_view after) {
    const Lines old_lines = lines_of(before);
    const Lines new_lines = lines_of(after);
    if (old_lines == new_lines) {
        return {};
    }
    const auto [old_begin, new_begin] = std::mismatch(old_lines.begin(), old_lines.end(), new_lines.begin(), new_lines.end());
    const auto [old_end, new_end] = std::mismatch(old_lines.rbegin(), std::make_reverse_iterator(old_begin), new_lines.rbegin(),
                                                  std::make_reverse_iterator(new_begin));
    std::vector<Edit> edits;
    for (auto line = old_lines.begin(); line != old_begin; ++line) {
        edits.push_back({' ', *line});
    }
    const std::vector<Edit> middle = edits_between(Lines(old_begin, old_end.base()), Lines(new_begin, new_end.base()));
    edits.insert(edits.end(), middle.begin(), middle.end());
    for (auto line = old_end.base(); line != old_lines.end(); ++line) {
        edits.push_back({' ', *line});
    }
    return fmt::format("--- {}\n+++ {}\n{}", before_name, after_name, shown(edits));
}

}  // namespace tocsin::cli
