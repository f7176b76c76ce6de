#include "explain.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace tocsin::dsl {

namespace {

struct Advice {
    std::string_view word;
    std::string_view hint;
};

/// What people type who come from SQL, EQL, Sigma, Flink or Esper.
constexpr std::array kAdvice{
    Advice{"select", "there is no select: `when` or `window` says what to look at, `return` what to give"},
    Advice{"group", "use `by` for the key"},
    Advice{"partition", "use `by` for the key"},
    Advice{"key", "use `by` for the key of a rule"},
    Advice{"having", "use `where`"},
    Advice{"condition", "use `where`, or a condition in [ ] behind a step"},
    Advice{"filter", "use `where`, or a condition in [ ] behind a step"},
    Advice{"if", "use `where`, or a condition in [ ] behind a step"},
    Advice{"pattern", "use `when`"},
    Advice{"sequence", "use `when` and join the steps with `->`"},
    Advice{"match", "use `when`"},
    Advice{"detection", "use `when`"},
    Advice{"on", "use `when` for a pattern, `window 5m on Stream` for a window"},
    Advice{"maxspan", "use `within`"},
    Advice{"timeframe", "use `within`"},
    Advice{"timespan", "use `within`"},
    Advice{"level", "use `severity`"},
    Advice{"priority", "use `severity`"},
    Advice{"tag", "use `label NAME = value`"},
    Advice{"tags", "use `label NAME = value`"},
    Advice{"description", "the title is a string behind the rule's name; other facts go in `label NAME = value`"},
    Advice{"title", "the title is a string behind the rule's name"},
    Advice{"message", "use `alert \"…\"`"},
    Advice{"output", "use `return` for values, `alert \"…\"` for the text"},
    Advice{"watermark", "a stream's `slack` says how late its events may be"},
    Advice{"join", "use `lookup TABLE as NAME on …`, or a `view`"},
    Advice{"then", "steps are joined with `->`"},
    Advice{"followed", "steps are joined with `->`"},
    Advice{"followedBy", "steps are joined with `->`"},
    Advice{"next", "`=>` says that the next event must be the step"},
    Advice{"between", "write x >= low and x <= high"},
    Advice{"is", "use `=`, also for null: x = null"},
    Advice{"rlike", "use `matches` for a regular expression"},
    Advice{"regexp", "use `matches` for a regular expression"},
    Advice{"xor", "write (a or b) and not (a and b)"},
    Advice{"suppress", "use `throttle`"},
    Advice{"dedup", "use `throttle`"},
    Advice{"import", "all files of one load are one program: name them on the command line"},
    Advice{"include", "all files of one load are one program: name them on the command line"},
};

std::string_view advice_for(std::string_view word) {
    const auto same = [word](const Advice& advice) {
        return std::equal(word.begin(), word.end(), advice.word.begin(), advice.word.end(), [](char a, char b) {
            const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
            return lower(a) == lower(b);
        });
    };
    const auto found = std::find_if(kAdvice.begin(), kAdvice.end(), same);
    return found == kAdvice.end() ? std::string_view{} : found->hint;
}

std::string shown(const Token& token) {
    constexpr std::size_t kMost = 40;
    if (token.is(TokenKind::quoted_name)) {
        return std::string(token.text);
    }
    if (token.text.size() <= kMost) {
        return fmt::format("`{}`", token.text);
    }
    std::size_t cut = kMost;
    while (cut > 0 && (static_cast<unsigned char>(token.text[cut]) & 0xC0U) == 0x80U) {
        --cut;
    }
    return fmt::format("`{}…`", token.text.substr(0, cut));
}

std::string did_you_mean(std::string_view word) {
    return word.empty() ? "" : fmt::format("did you mean `{}`?", word);
}

/// The words in backticks of "`a`, `b` or `c`".
std::vector<std::string_view> choices_of(std::string_view which) {
    std::vector<std::string_view> words;
    for (std::size_t open = which.find('`'); open != std::string_view::npos; open = which.find('`', open)) {
        const std::size_t close = which.find('`', open + 1);
        if (close == std::string_view::npos) {
            break;
        }
        words.push_back(which.substr(open + 1, close - open - 1));
        open = close + 1;
    }
    return words;
}

bool opens(const Token& token) {
    return token.is(TokenKind::open_paren) || token.is(TokenKind::open_bracket) || token.is(TokenKind::open_brace);
}
bool closes(const Token& token) {
    return token.is(TokenKind::close_paren) || token.is(TokenKind::close_bracket) || token.is(TokenKind::close_brace);
}

/// The innermost bracket that is open at `where`.
std::optional<Span> open_bracket_before(Cursor begin, Cursor where) {
    std::size_t closed = 0;
    for (Cursor at = where; at != begin;) {
        --at;
        if (closes(*at)) {
            ++closed;
        } else if (opens(*at)) {
            if (closed == 0) {
                return at->span;
            }
            --closed;
        }
    }
    return std::nullopt;
}

bool touches(const Token& a, const Token& b) {
    return a.span.end == b.span.begin;
}

bool looks_like_comment(Cursor where) {
    if (where->is(TokenKind::end) || where[1].is(TokenKind::end) || !touches(where[0], where[1])) {
        return false;
    }
    return (where->is(TokenKind::minus) && where[1].is(TokenKind::minus)) ||
           (where->is(TokenKind::slash) && (where[1].is(TokenKind::slash) || where[1].is(TokenKind::star)));
}

/// On the line that is being read, the token found; else the place where the missing thing should stand.
Span place_of(Cursor begin, Cursor where) {
    if (where != begin && (where->first_on_line || where->is(TokenKind::end))) {
        const Span before = (where - 1)->span;
        return {before.source, before.end, before.end};
    }
    return where->span;
}

std::string hint_for_missing(Cursor begin, Cursor where, std::string_view which) {
    if (looks_like_comment(where) || (where != begin && looks_like_comment(where - 1))) {
        return "a comment starts with `#`";
    }
    if (where->is(TokenKind::word)) {
        const std::string_view meant = nearest(where->text, choices_of(which));
        if (!meant.empty()) {
            return did_you_mean(meant);
        }
    }
    if (which == "an expression" || which == "a condition") {
        if (where->is(TokenKind::fat_arrow)) {
            return "use `>=` for greater or equal";
        }
        if (where->is_word("in") || where->is_word("like") || where->is_word("matches")) {
            return "a value stands before it, as in `x in (1, 2)`";
        }
    }
    if (which == "a string" && where->is(TokenKind::word)) {
        return fmt::format("put it in double quotes: \"{}\"", where->text);
    }
    if (which == "a stream name" && (where->is(TokenKind::open_bracket))) {
        return "a step is a stream with its condition: Login[status = \"fail\"]";
    }
    return {};
}

}  // namespace

Diagnostic explain_missing(Cursor begin, Cursor where, std::string_view which) {
    Diagnostic diagnostic{"E0101", Severity::error, place_of(begin, where), fmt::format("expected {}", which), {}, {}};
    if (where != begin) {
        diagnostic.message += fmt::format(" after {}", shown(where[-1]));
    }
    if (which == "a duration" && (where->is(TokenKind::integer) || where->is(TokenKind::floating))) {
        diagnostic.code = "E0114";
        diagnostic.message = "this duration has no unit";
        diagnostic.hint = fmt::format("write {0}s, {0}m, {0}h …; units are ms, s, m, h and d", where->text);
        return diagnostic;
    }
    const bool wants_name = which.find("name") != std::string_view::npos || which.find("field") != std::string_view::npos;
    if (wants_name && where->is(TokenKind::word) && is_reserved(where->text)) {
        diagnostic.code = "E0120";
        diagnostic.span = where->span;
        diagnostic.message += fmt::format(", and `{}` is a reserved word", where->text);
        diagnostic.hint = "write it in backticks to use it as a name";
        return diagnostic;
    }
    const bool wants_close = which == "`)`" || which == "`]`" || which == "`}`";
    if (const auto opened = open_bracket_before(begin, where); wants_close && opened) {
        diagnostic.code = "E0105";
        diagnostic.notes.push_back({*opened, "the bracket was opened here"});
    }
    diagnostic.hint = hint_for_missing(begin, where, which);
    return diagnostic;
}

Diagnostic explain_unexpected(Cursor begin, Cursor where, Place place) {
    Diagnostic diagnostic{"E0101", Severity::error, where->span, fmt::format("unexpected {}", shown(*where)), {}, {}};
    if (where != begin) {
        diagnostic.message += fmt::format(" after {}", shown(where[-1]));
    }
    if (closes(*where)) {
        diagnostic.code = "E0105";
        diagnostic.message = fmt::format("{} closes nothing", shown(*where));
        return diagnostic;
    }
    if (looks_like_comment(where)) {
        diagnostic.hint = "a comment starts with `#`";
        return diagnostic;
    }
    if (!where->is(TokenKind::word)) {
        if (where->is(TokenKind::open_brace)) {
            diagnostic.hint = "a quantifier {n,m} stands behind a step, once; a `not` takes none";
        } else if (where->is(TokenKind::comma)) {
            diagnostic.hint = "steps of a pattern are joined with `->`, conditions with `and`";
        } else if (where->is(TokenKind::open_bracket)) {
            diagnostic.hint = "a condition in [ ] stands right behind the stream's name, before a quantifier";
        }
        return diagnostic;
    }
    std::vector<std::string_view> candidates;
    const auto add = [&candidates](std::span<const std::string_view> words) {
        candidates.insert(candidates.end(), words.begin(), words.end());
    };
    add(keywords_of(place));
    if (place != Place::file) {
        constexpr std::array<std::string_view, 7> kOperators{"and", "or", "not", "in", "like", "matches", "until"};
        add(keywords_of(Place::file));
        add(kOperators);
    }
    if (place == Place::file) {
        diagnostic.code = "E0102";
        diagnostic.message = fmt::format("{} begins no declaration", shown(*where));
    } else if (!is_reserved(where->text)) {
        diagnostic.code = "E0103";
        diagnostic.message = fmt::format("there is no clause {}{}", shown(*where),
                                         place == Place::rule ? " in a rule" : place == Place::stream ? " in a stream"
                                         : place == Place::table ? " in a table" : "");
    }
    const std::string_view meant = nearest(where->text, candidates);
    if (where->is_word("not")) {
        diagnostic.hint = "write not (x like \"…\"); only `in` takes `not` before it";
    } else if (const std::string_view advice = advice_for(where->text); !advice.empty()) {
        diagnostic.hint = advice;
    } else if (!meant.empty() && meant != where->text) {
        diagnostic.hint = did_you_mean(meant);
    } else if (place == Place::file && is_keyword(Place::rule, where->text)) {
        diagnostic.hint = "a clause stands in a rule: `rule NAME` comes before it";
    } else if (place == Place::file) {
        diagnostic.hint = "a declaration begins with stream, table, view, list, define, rule or test";
    }
    return diagnostic;
}

}  // namespace tocsin::dsl
