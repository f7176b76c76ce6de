// Optimal string alignment: the edit distance of Damerau (insert, delete, replace, swap neighbours) in which no
// part is edited twice. O(|a|·|b|) for each candidate, with three rows.

#include <tocsin/base/diagnostic.hpp>

#include <algorithm>

namespace tocsin {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string lowered(std::string_view word) {
    std::string out(word);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

constexpr std::size_t kLongestWord = 64;

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (word.empty() || word.size() > kLongestWord) {
        return {};
    }
    // Upper and lower case are one typing habit, not several mistakes.
    const std::string wanted = lowered(word);
    // One mistake in a short word, two from five letters on, three from nine on; none in one or two letters.
    const std::size_t allowed = word.size() < 3 ? 0 : word.size() < 5 ? 1 : word.size() < 9 ? 2 : 3;
    std::string_view best;
    std::size_t best_distance = allowed + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        const std::size_t shorter = std::min(candidate.size(), word.size());
        if (longer - shorter >= best_distance) {
            continue;
        }
        const std::size_t d = distance(wanted, lowered(candidate));
        // A word of which nothing is left is another word, not a misspelling.
        if (d < best_distance && d < shorter) {
            best = candidate;
            best_distance = d;
        }
    }
    return best;
}

}  // namespace tocsin
