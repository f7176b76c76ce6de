#include "block_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tocsin::dsl {

namespace {

constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kRuleColumn = 9;  ///< the width of a rule's keywords, with the blank behind

}  // namespace

BlockWriter::BlockWriter(const File& file, std::string_view text, Span span) : file_(file), text_(text) {
    block_.begin = span.begin;
}

void BlockWriter::line(Span span, std::size_t indent, std::string text) {
    block_.lines.push_back({span.begin, span.end, indent, indent, std::move(text)});
}

void BlockWriter::bracketed(std::uint32_t begin, std::string open, const std::vector<Piece>& items) {
    std::string one_line = open;
    for (const Piece& item : items) {
        one_line += fmt::format("{}{}", &item == &items.front() ? "" : ", ", item.text);
    }
    one_line += ')';
    const std::uint32_t close = closing_paren(items.back().end);
    if (one_line.size() <= kLineWidth && !comment_inside(begin, close)) {
        block_.lines.push_back({begin, close + 1, 0, 0, std::move(one_line)});
        return;
    }
    block_.lines.push_back({begin, items.front().begin, 0, 0, std::move(open)});
    for (const Piece& item : items) {
        block_.lines.push_back({item.begin, item.end, kIndent, kIndent, item.text + (&item == &items.back() ? "" : ",")});
    }
    block_.lines.push_back({close, close + 1, 0, kIndent, ")"});
}

void BlockWriter::clause(std::string_view keyword, std::uint32_t begin, const std::vector<Piece>& pieces) {
    const std::string head = fmt::format("{:<{}}", keyword, kRuleColumn);
    std::string one_line = head;
    for (const Piece& piece : pieces) {
        one_line += fmt::format("{}{}", &piece == &pieces.front() ? "" : " ", piece.text);
    }
    const std::uint32_t end = pieces.back().end;
    if (pieces.size() == 1 || (kIndent + one_line.size() <= kLineWidth && !comment_inside(begin, end))) {
        block_.lines.push_back({begin, end, kIndent, kIndent, std::move(one_line)});
        return;
    }
    block_.lines.push_back({begin, pieces.front().end, kIndent, kIndent, head + pieces.front().text});
    constexpr std::size_t kBelow = kIndent + kRuleColumn;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        block_.lines.push_back({pieces[i].begin, pieces[i].end, kBelow, kBelow, pieces[i].text});
    }
}

void BlockWriter::clause(std::string_view keyword, Span span, std::string text) {
    clause(keyword, span.begin, {{span.begin, span.end, std::move(text)}});
}

bool BlockWriter::comment_inside(std::uint32_t begin, std::uint32_t end) const {
    const auto next = std::lower_bound(file_.comments.begin(), file_.comments.end(), begin,
                                       [](const Comment& c, std::uint32_t at) { return c.span.begin < at; });
    return next != file_.comments.end() && next->span.begin < end;
}

/// The `)` behind the last item, past white space and comments.
std::uint32_t BlockWriter::closing_paren(std::uint32_t at) const {
    while (at < text_.size() && text_[at] != ')') {
        at = text_[at] == '#' ? static_cast<std::uint32_t>(std::min(text_.find('\n', at), text_.size())) : at + 1;
    }
    return at;
}

}  // namespace tocsin::dsl
