// The loop around the grammar: declarations in a row, clauses in a row. Each is parsed by itself; after an error
// the loop goes on where the next clause or declaration begins.

#include <tocsin/dsl/parser.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "builder.hpp"
#include "guard.hpp"
#include "keywords.hpp"
#include "lexer.hpp"
#include "readers.hpp"

namespace tocsin::dsl {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

BrokenDecl::Kind kind_of(std::string_view keyword) {
    using Kind = BrokenDecl::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 6> kKinds{{{"stream", Kind::stream},
                                                                       {"table", Kind::table},
                                                                       {"view", Kind::view},
                                                                       {"list", Kind::list},
                                                                       {"define", Kind::define},
                                                                       {"rule", Kind::rule}}};
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& one) { return one.first == keyword; });
    return found == kKinds.end() ? Kind::unknown : found->second;
}

class Parser {
public:
    Parser(const Lexed& lexed, Builder& builder, Report& report, File& file)
        : at_(lexed.tokens.data()), last_(at_ + lexed.tokens.size() - 1), builder_(builder), report_(report), file_(file) {}

    void run() {
        while (at_ != last_ && !report_.full()) {
            begin_ = at_;
            errors_before_ = report_.count();
            declaration();
        }
        if (at_ != last_) {
            file_.broken.push_back({BrokenDecl::Kind::unknown, std::nullopt, at_->span});
        }
        std::ranges::sort(file_.broken, {}, [](const BrokenDecl& broken) { return broken.span.begin; });
    }

private:
    using Step = std::function<void(Cursor&)>;

    void declaration() {
        const bool keyword = at_->is(TokenKind::word) && is_keyword(Place::file, at_->text);
        if (!keyword) {
            report_.add(explain_unexpected(at_, at_, Place::file));
            note_misspelt(at_);
            ++at_;
            skip_to_declaration();
            return;
        }
        const std::string_view word = (at_++)->text;
        if (word == "rule") {
            rule();
        } else if (word == "stream" || word == "table") {
            stream(word == "table");
        } else if (word == "test") {
            test();
        } else if (word == "view") {
            whole<ViewDecl>(grammar::read_view, Place::view);
        } else if (word == "list") {
            whole<ListDecl>(grammar::read_list, Place::list);
        } else {
            whole<DefineDecl>(grammar::read_define, Place::define);
        }
    }

    /// Runs one parser; says what is wrong, if something is, and goes on where a clause or declaration begins.
    bool step(Cursor begin, const Step& parser) {
        const auto problem = grammar::guarded(begin, at_, parser);
        if (!problem) {
            return true;
        }
        // What the lexer refused already is not refused again.
        if (!report_.has_error_at(problem->span)) {
            report_.add(*problem);
        }
        builder_.settle_lowest_magnitude();
        if (at_ == begin) {
            ++at_;
        }
        return false;
    }

    template <class T>
    void keep(T&& declaration) {
        declaration.span = join(begin_->span, (at_ - 1)->span);
        // What has an error is left out, also one that the lexer found inside it.
        if (report_.count() == errors_before_ && !report_.has_error_in(declaration.span)) {
            file_.declarations.emplace_back(std::forward<T>(declaration));
        } else {
            note_broken();
        }
    }

    [[nodiscard]] std::optional<Name> name_at(Cursor at) const {
        Name name;
        const bool other = begins_clause(at) || begins_declaration(at);
        return !other && grammar::read_name(at, last_, builder_, name) ? std::optional(std::move(name)) : std::nullopt;
    }

    /// So that nobody is told that the name of the declaration being read is unknown.
    void note_broken() {
        if (!begin_->is_word("test")) {
            file_.broken.push_back({kind_of(begin_->text), name_at(begin_ + 1), begin_->span});
        }
    }

    /// The same for a word that stands where a declaration would begin: nearly a keyword, or with a name behind it.
    void note_misspelt(Cursor word) {
        if (!word->is(TokenKind::word)) {
            return;
        }
        const auto words = keywords_of(Place::file);
        const std::string_view meant = nearest(word->text, {words.begin(), words.end()});
        auto name = word[1].first_on_line ? std::nullopt : name_at(word + 1);
        if (meant != "test" && (name || !meant.empty())) {
            file_.broken.push_back({kind_of(meant), std::move(name), word->span});
        }
    }

    template <class T>
    void whole(void (*reader)(Cursor&, Cursor, Builder&, T&), Place place) {
        T out{};
        if (step(begin_, [&](Cursor& at) { reader(at, last_, builder_, out); })) {
            expect_end(place);
            keep(std::move(out));
        } else {
            note_broken();
            skip_to_declaration();
        }
    }

    [[nodiscard]] bool at_declaration() const {
        return at_->is(TokenKind::word) && is_keyword(Place::file, at_->text) &&
               (at_->first_on_line || begins_declaration(at_));
    }

    void expect_end(Place place) {
        if (at_ != last_ && !(at_->is(TokenKind::word) && is_keyword(Place::file, at_->text))) {
            report_.add(explain_unexpected(begin_, at_, place));
            skip_to_declaration();
        }
    }

    /// A word without indentation begins something, be it misspelt.
    [[nodiscard]] bool at_margin() const {
        const std::uint32_t begin = at_->span.begin;
        return at_->is(TokenKind::word) && (begin == 0 || builder_.text()[begin - 1] == '\n');
    }

    void skip_to_declaration() {
        while (at_ != last_ && !at_declaration() && !at_margin()) {
            ++at_;
        }
    }

    [[nodiscard]] bool at_clause(Place place) const {
        return at_->is(TokenKind::word) && is_keyword(place, at_->text) && (at_->first_on_line || begins_clause(at_));
    }

    /// First on its line, and nearly a keyword of the place.
    [[nodiscard]] bool at_misspelt_clause(Place place) const {
        const auto words = keywords_of(place);
        return at_->first_on_line && at_->is(TokenKind::word) && !is_reserved(at_->text) &&
               !nearest(at_->text, {words.begin(), words.end()}).empty();
    }

    [[nodiscard]] bool at_misspelt_declaration(Place place) const {
        const auto words = keywords_of(Place::file);
        return at_margin() && !at_misspelt_clause(place) && !nearest(at_->text, {words.begin(), words.end()}).empty();
    }

    void skip_to_clause(Place place) {
        while (at_ != last_ && !at_declaration() && !at_margin() && !at_clause(place) && !at_misspelt_clause(place)) {
            ++at_;
        }
    }

    /// `clause` reads one that begins at the cursor; `repeated` says which may come twice.
    void clauses(Place place, const Step& clause, std::initializer_list<std::string_view> repeated) {
        std::map<std::string_view, Span> seen;
        Cursor previous = begin_;
        while (at_ != last_ && !report_.full()) {
            const Cursor begin = at_;
            const bool word = at_->is(TokenKind::word);
            if (word && is_keyword(place, at_->text)) {
                const auto [first, fresh] = seen.emplace(at_->text, at_->span);
                if (!fresh && std::find(repeated.begin(), repeated.end(), at_->text) == repeated.end()) {
                    report_.error("E0104", at_->span, fmt::format("there are two clauses `{}`", at_->text), {},
                                  {{first->second, "the first one is here"}});
                }
                if (!step(begin, clause)) {
                    skip_to_clause(place);
                }
            } else if (word && (is_keyword(Place::file, at_->text) || at_misspelt_declaration(place))) {
                return;
            } else {
                report_.add(explain_unexpected(previous, at_, place));
                if (at_margin()) {
                    note_misspelt(at_);
                }
                ++at_;
                skip_to_clause(place);
            }
            previous = begin;
        }
    }

    void rule() {
        RuleDecl out;
        const bool named = step(begin_, [&](Cursor& at) {
            if (begins_clause(at) || !grammar::read_name(at, last_, builder_, out.name)) {
                throw SyntaxError{explain_missing(begin_, at, "a name")};
            }
            std::string title;
            if (grammar::read_string(at, last_, builder_, title)) {
                out.title = std::move(title);
            }
        });
        if (!named) {
            skip_to_clause(Place::rule);
        }
        clauses(Place::rule, [&](Cursor& at) { grammar::read_rule_clause(at, last_, builder_, out); },
                {"label", "lookup", "let"});
        keep(std::move(out));
    }

    void stream(bool is_table) {
        StreamDecl out;
        const Place place = is_table ? Place::table : Place::stream;
        const bool headed = step(begin_, [&](Cursor& at) { grammar::read_stream_head(at, last_, builder_, out); });
        if (!headed) {
            skip_to_clause(place);
        }
        out.is_table = is_table;
        clauses(place, [&](Cursor& at) { grammar::read_stream_clause(at, last_, builder_, out); }, {});
        if (is_table && headed && !out.key) {
            report_.error("E0125", out.name.span, fmt::format("the table {} has no key", out.name.text),
                          "say which field tells its rows apart: key id");
        }
        keep(std::move(out));
    }

    [[nodiscard]] bool at_test_line() const {
        return at_->is(TokenKind::time_of_day) || at_->is(TokenKind::timestamp) ||
               (at_->is(TokenKind::word) && is_keyword(Place::test, at_->text));
    }

    void test() {
        TestDecl out;
        if (!step(begin_, [&](Cursor& at) { grammar::read_test_head(at, last_, builder_, out); })) {
            skip_to_test_line();
        }
        Cursor previous = begin_;
        while (at_ != last_ && !report_.full()) {
            const Cursor begin = at_;
            if (at_test_line()) {
                if (!step(begin, [&](Cursor& at) { grammar::read_test_line(at, last_, builder_, out); })) {
                    skip_to_test_line();
                }
            } else if (at_->is(TokenKind::word) && is_keyword(Place::file, at_->text)) {
                break;
            } else {
                report_.add(explain_unexpected(previous, at_, Place::test));
                ++at_;
                skip_to_test_line();
            }
            previous = begin;
        }
        keep(std::move(out));
    }

    void skip_to_test_line() {
        while (at_ != last_ && !at_->first_on_line) {
            ++at_;
        }
    }

    Cursor at_;
    Cursor last_;
    Builder& builder_;
    Report& report_;
    File& file_;
    Cursor begin_{nullptr};  ///< the keyword of the declaration being read
    std::size_t errors_before_{0};
};

}  // namespace

ParseResult parse(const SourceMap& sources, SourceId source, const Limits& limits) {
    ParseResult result;
    result.file.source = source;
    Report report(source);
    const std::string_view text = sources.text(source);
    // Spans are 32 bits wide, whatever the limit says.
    if (text.size() > limits.rule_file_bytes || text.size() >= UINT32_MAX) {
        report.error("E0115", report.span(0, 0),
                     fmt::format("this file has {} bytes; the most is {}", text.size(), limits.rule_file_bytes),
                     "split it: all files of one load are one program");
        result.file.broken.push_back({BrokenDecl::Kind::unknown, std::nullopt, report.span(0, 0)});
        result.file.whole = false;
        result.diagnostics = report.take();
        return result;
    }
    check_encoding(text, report);
    const std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    Lexed lexed = lex(text, begin, text.size(), LexMode::file, report);
    Builder builder(result.file, text, limits, report);
    Parser(lexed, builder, report, result.file).run();
    result.file.comments = std::move(lexed.comments);
    result.file.whole = report.count() == 0;
    result.diagnostics = report.take();
    sort_by_place(result.diagnostics);
    return result;
}

}  // namespace tocsin::dsl
