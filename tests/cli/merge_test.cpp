#include "merge.hpp"

#include <string>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;

namespace {

struct FakeBatch {
    std::vector<int> times;
    [[nodiscard]] std::size_t rows() const { return times.size(); }
    [[nodiscard]] EventTime time(std::size_t row) const { return EventTime(times[row]); }
};

/// Merges whole inputs, each one batch, and writes the rows taken as `input:time`.
std::string merged(const std::vector<FakeBatch>& inputs, std::size_t max_rows) {
    std::vector<Cursor<FakeBatch>> cursors;
    for (const FakeBatch& input : inputs) {
        cursors.push_back(input.rows() > 0 ? Cursor<FakeBatch>{&input, 0} : Cursor<FakeBatch>{});
    }
    std::string out;
    while (const auto piece = next_piece(cursors, max_rows)) {
        for (std::size_t row = piece->begin; row < piece->end; ++row) {
            out += std::to_string(piece->input) + ":" + std::to_string(inputs[piece->input].times[row]) + " ";
        }
        cursors[piece->input].row = piece->end;
        if (piece->end == inputs[piece->input].rows()) {
            cursors[piece->input] = {};
        }
    }
    return out;
}

}  // namespace

TEST_CASE("inputs are merged by event time, ties in the order of the inputs") {
    CHECK(merged({{{1, 4, 9}}, {{2, 4, 5}}, {{4}}}, 100) == "0:1 1:2 0:4 1:4 2:4 1:5 0:9 ");
}

TEST_CASE("an input keeps its own order where it goes back in time") {
    CHECK(merged({{{5, 1, 6}}, {{3, 7}}}, 100) == "1:3 0:5 0:1 0:6 1:7 ");
}

TEST_CASE("the order does not depend on the size of the pieces") {
    const std::vector<FakeBatch> inputs{{{1, 3, 3, 8, 2}}, {{3, 3, 4}}, {{}}, {{0, 9, 9}}};
    const std::string expected = merged(inputs, 1);
    for (const std::size_t rows : {2u, 3u, 7u, 100u}) {
        CHECK(merged(inputs, rows) == expected);
    }
}

TEST_CASE("nothing comes from inputs that have all ended") { CHECK_FALSE(next_piece(std::vector<Cursor<FakeBatch>>(3), 10)); }
