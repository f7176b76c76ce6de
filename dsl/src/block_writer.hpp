#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tocsin/dsl/tree.hpp>

#include "layout.hpp"

namespace tocsin::dsl {

/// A part of a clause that may get a line of its own.
struct Piece {
    std::uint32_t begin;
    std::uint32_t end;
    std::string text;
};

/// Makes the lines of one declaration. What was written over several lines with comments between stays so; else a
/// line is broken only where it is too long.
class BlockWriter {
public:
    static constexpr std::size_t kIndent = 2;

    BlockWriter(const File& file, std::string_view text, Span span);

    [[nodiscard]] Block take() { return std::move(block_); }
    [[nodiscard]] Block& block() { return block_; }

    void line(Span span, std::size_t indent, std::string text);

    /// `open` item, item `)`: on one line, or an item a line. Requires: at least one item.
    void bracketed(std::uint32_t begin, std::string open, const std::vector<Piece>& items);

    /// A clause of a rule, its keyword in the column; the pieces are joined by a blank, or stand below each other.
    void clause(std::string_view keyword, std::uint32_t begin, const std::vector<Piece>& pieces);
    void clause(std::string_view keyword, Span span, std::string text);

    [[nodiscard]] std::uint32_t end_of(ExprId id) const { return file_[id].span.end; }

private:
    [[nodiscard]] bool comment_inside(std::uint32_t begin, std::uint32_t end) const;
    [[nodiscard]] std::uint32_t closing_paren(std::uint32_t at) const;

    const File& file_;
    std::string_view text_;
    Block block_;
};

}  // namespace tocsin::dsl
