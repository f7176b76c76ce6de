#include "layout.hpp"

#include <algorithm>
#include <compare>

namespace tocsin::dsl {

namespace {

constexpr std::size_t kIndent = 2;

/// Where comments were put: before a line, behind it, or at the end of its block.
struct Attached {
    std::vector<const Comment*> before;
    const Comment* behind{nullptr};
};

struct PlacedBlock {
    std::vector<Attached> lines;
    std::vector<const Comment*> after;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

/// Is there an empty line right before `offset`?
bool gap_before(std::string_view text, std::uint32_t offset) {
    std::size_t breaks = 0;
    for (std::size_t i = offset; i > 0 && is_blank(text[i - 1]); --i) {
        breaks += text[i - 1] == '\n' ? 1U : 0U;
    }
    return breaks > 1;
}

bool is_indented(std::string_view text, const Comment& comment) {
    return comment.span.begin > 0 && (text[comment.span.begin - 1] == ' ' || text[comment.span.begin - 1] == '\t');
}

class Layout {
public:
    Layout(const std::vector<Block>& blocks, const std::vector<Comment>& comments, std::string_view text)
        : blocks_(blocks), text_(text) {
        for (const Block& block : blocks) {
            placed_.push_back({std::vector<Attached>(block.lines.size()), {}});
        }
        index();
        for (const Comment& comment : comments) {
            place(comment);
        }
    }

    std::string run() {
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
            const Block& block = blocks_[b];
            if (b > 0 && (!block.compact || !blocks_[b - 1].compact || gap_before(text_, first_place(b)))) {
                out_ += '\n';
            }
            for (std::size_t i = 0; i < block.lines.size(); ++i) {
                write(block, i, placed_[b].lines[i]);
            }
            for (const Comment* comment : placed_[b].after) {
                write_comment(*comment, kIndent);
            }
        }
        for (std::size_t i = 0; i < tail_.size(); ++i) {
            if (!out_.empty() && gap_before(text_, tail_[i]->span.begin)) {
                out_ += '\n';
            }
            write_comment(*tail_[i], 0);
        }
        return std::move(out_);
    }

private:
    struct Place {
        std::uint32_t begin;
        std::size_t block;
        std::size_t line;

        friend auto operator<=>(const Place&, const Place&) = default;
    };

    /// Lines by their place in the source, which canonical order does not follow.
    void index() {
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
            for (std::size_t i = 0; i < blocks_[b].lines.size(); ++i) {
                places_.push_back({blocks_[b].lines[i].begin, b, i});
            }
        }
        std::sort(places_.begin(), places_.end());
    }

    [[nodiscard]] const Line& line(const Place& place) const { return blocks_[place.block].lines[place.line]; }
    [[nodiscard]] Attached& attached(const Place& place) { return placed_[place.block].lines[place.line]; }

    void place(const Comment& comment) {
        const auto next = std::upper_bound(places_.begin(), places_.end(), comment.span.begin,
                                           [](std::uint32_t at, const Place& place) { return at < place.begin; });
        if (next != places_.begin()) {
            const Place& holder = *std::prev(next);
            Attached& held = attached(holder);
            if (!comment.own_line) {
                // A line has one end: an earlier comment behind a part of it goes before the line.
                if (held.behind != nullptr) {
                    held.before.push_back(held.behind);
                }
                held.behind = &comment;
                return;
            }
            if (comment.span.begin < line(holder).end) {
                held.before.push_back(&comment);
                return;
            }
            const bool last = next == places_.end() || next->block != holder.block;
            if (last && is_indented(text_, comment)) {
                placed_[holder.block].after.push_back(&comment);
                return;
            }
        }
        if (next == places_.end()) {
            tail_.push_back(&comment);
        } else {
            attached(*next).before.push_back(&comment);
        }
    }

    [[nodiscard]] std::uint32_t first_place(std::size_t block) const {
        const std::vector<const Comment*>& before = placed_[block].lines.front().before;
        return before.empty() ? blocks_[block].begin : std::min(before.front()->span.begin, blocks_[block].begin);
    }

    void write(const Block& block, std::size_t index, const Attached& attached) {
        const Line& line = block.lines[index];
        const bool head = index == 0;
        for (std::size_t i = 0; i < attached.before.size(); ++i) {
            const bool gap = gap_before(text_, attached.before[i]->span.begin);
            if (gap && (head ? i > 0 : block.keeps_gaps)) {
                out_ += '\n';
            }
            write_comment(*attached.before[i], line.comment_indent);
        }
        if (gap_before(text_, line.begin) && (head ? !attached.before.empty() : block.keeps_gaps)) {
            out_ += '\n';
        }
        out_.append(line.indent, ' ');
        out_ += line.text;
        if (attached.behind != nullptr) {
            out_ += "  ";
            out_ += shown(*attached.behind);
        }
        out_ += '\n';
    }

    void write_comment(const Comment& comment, std::size_t indent) {
        out_.append(indent, ' ');
        out_ += shown(comment);
        out_ += '\n';
    }

    [[nodiscard]] std::string_view shown(const Comment& comment) const {
        return text_.substr(comment.span.begin, comment.span.end - comment.span.begin);
    }

    const std::vector<Block>& blocks_;
    std::string_view text_;
    std::vector<PlacedBlock> placed_;
    std::vector<Place> places_;
    std::vector<const Comment*> tail_;
    std::string out_;
};

}  // namespace

std::string lay_out(const std::vector<Block>& blocks, const std::vector<Comment>& comments, std::string_view text) {
    return Layout(blocks, comments, text).run();
}

}  // namespace tocsin::dsl
