#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/source.hpp>
#include <tocsin/dsl/tree.hpp>

namespace tocsin::dsl {

/// One line to be written, and the text it was read from. Comments find their line by these places.
struct Line {
    std::uint32_t begin{0};
    std::uint32_t end{0};
    std::size_t indent{0};
    std::size_t comment_indent{0};  ///< of the comments before it
    std::string text;
};

/// A declaration: its head, then its lines in canonical order.
struct Block {
    std::uint32_t begin{0};
    bool compact{false};  ///< of one line: may stand next to another without a blank line
    bool keeps_gaps{false};  ///< blank lines between its lines stay (tests)
    std::vector<Line> lines;
};

/// Writes the blocks with their comments: one on its own line goes before the line that holds or follows it, one
/// behind text goes to the end of its line. A comment thus moves with its clause.
[[nodiscard]] std::string lay_out(const std::vector<Block>& blocks, const std::vector<Comment>& comments,
                                  std::string_view text);

}  // namespace tocsin::dsl
