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
    Advice{"over", "an aggregate in a pattern is over the events of a step; for a time window use `window 5m on …`"},
    Advice{"per", "`per` goes with `throttle`; the key of a rule is `by a, b`"},
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

std::string did_you_mean(std::string_view word) { return word.empty() ? "" : fmt::format("did you mean `{}`?", word); }

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

bool touches(const Token& a, const Token& b) { return a.span.end == b.span.begin; }

bool looks_like_comment(Cursor where) {
    if (where->is(TokenKind::end) || where[1].is(TokenKind::end) || !touches(where[0], where[1])) {
        return false;
    }
    return (where->is(TokenKind::minus) && where[1].is(TokenKind::minus)) ||
           (where->is(TokenKind::slash) && (where[1].is(TokenKind::slash) || where[1].is(TokenKind::star)));
}

bool has_clauses(Place place) { return place == Place::rule || place == Place::stream || place == Place::table; }

std::string_view name_of(Place place) { return place == Place::rule ? "rule" : place == Place::stream ? "stream" : "table"; }

/// On the line that is being read, the token found; else the place where the missing thing should stand.
Span place_of(Cursor begin, Cursor where) {
    if (where != begin && (where->first_on_line || where->is(TokenKind::end))) {
        const Span before = (where - 1)->span;
        return {before.source, before.end, before.end};
    }
    return where->span;
}

bool comes_later(Cursor begin, Cursor where) { return where != begin && (where->first_on_line || where->is(TokenKind::end)); }

std::string hint_for_missing(Cursor begin, Cursor where, std::string_view which) {
    if (looks_like_comment(where) || (where != begin && looks_like_comment(where - 1))) {
        return "a comment starts with `#`";
    }
    if (comes_later(begin, where)) {
        return {};
    }
    if (where - begin == 1 && (where->is(TokenKind::colon) || where->is(TokenKind::equal)) &&
        is_keyword(Place::rule, begin->text)) {
        return fmt::format("there is no {} behind a clause's keyword", shown(*where));
    }
    if (which == "`(`" && (where->is(TokenKind::open_bracket) || where->is(TokenKind::open_brace))) {
        return "use ( )";
    }
    if (where != begin && where[-1].is_word("not") && where->is(TokenKind::open_paren)) {
        return "`not` takes one event with its condition";
    }
    if (where->is(TokenKind::word)) {
        const std::string_view meant = nearest(where->text, choices_of(which));
        if (!meant.empty()) {
            return did_you_mean(meant);
        }
    }
    if (which == "an expression" || which == "a condition") {
        if (where->is(TokenKind::close_bracket) && where != begin && where[-1].is(TokenKind::open_bracket)) {
            return "a step without a condition has no [ ]";
        }
        if (where->is_word("in") || where->is_word("like") || where->is_word("matches")) {
            return "a value stands before it, as in `x in (1, 2)`";
        }
    }
    if (which == "a string" && where->is(TokenKind::word)) {
        return fmt::format("put it in double quotes: \"{}\"", where->text);
    }
    if (which == "a literal" && where->is(TokenKind::word)) {
        return fmt::format("a string has double quotes: \"{}\"", where->text);
    }
    if (which == "a stream name" && where->is(TokenKind::open_bracket)) {
        return "a step is a stream with its condition: Login[status = \"fail\"]";
    }
    return {};
}

std::string hint_without_unit(Cursor where) {
    constexpr std::array<std::string_view, 5> kUnits{"ms", "s", "m", "h", "d"};
    if (where->is(TokenKind::floating)) {
        return "a duration is a whole number with a unit: 90s, 5m, 2h; units are ms, s, m, h and d";
    }
    if (where[1].is(TokenKind::word) && std::find(kUnits.begin(), kUnits.end(), where[1].text) != kUnits.end()) {
        return fmt::format("write {}{}, without a blank", where->text, where[1].text);
    }
    return fmt::format("write {0}s, {0}m, {0}h …; units are ms, s, m, h and d", where->text);
}

/// What is wrong with a token that nothing can be done with.
std::string hint_for_unexpected(Cursor where, Place place) {
    if (looks_like_comment(where)) {
        return "a comment starts with `#`";
    }
    switch (where->kind) {
        case TokenKind::question:
            if (place != Place::rule) {
                return "write if(c, x, y)";
            }
            [[fallthrough]];
        case TokenKind::plus:
        case TokenKind::star:
        case TokenKind::open_brace:
            return place == Place::rule ? "a quantifier stands behind a step, once; a `not` takes none" : "";
        case TokenKind::open_bracket:
            return place == Place::rule ? "a condition in [ ] stands right behind the stream's name, before a quantifier" : "";
        case TokenKind::open_paren:
        case TokenKind::dot: return place == Place::rule ? "a condition of a step stands in [ ]: Login[status = \"fail\"]" : "";
        case TokenKind::comma:
            return place == Place::rule ? "steps of a pattern are joined with `->`, conditions with `and`" : "";
        case TokenKind::fat_arrow: return "use `>=` for greater or equal, `=` for equal";
        case TokenKind::colon: return "use `=` to compare; `:` stands between a step's name and its stream";
        default: break;
    }
    const bool item = where->is(TokenKind::integer) || where->is(TokenKind::floating) || where->is(TokenKind::string) ||
                      where->is(TokenKind::duration) || where->is(TokenKind::quoted_name);
    if (!where->is(TokenKind::word)) {
        return item && place == Place::embedded ? "a `,` or an operator is missing before it" : "";
    }
    if (where->is_word("not")) {
        return "write not (x like \"…\"); only `in` takes `not` before it";
    }
    if (place == Place::rule && where[-1].is_word("every")) {
        return "every event that fits the first step starts a run: leave `every` out";
    }
    if (const std::string_view advice = advice_for(where->text); !advice.empty()) {
        return std::string(advice);
    }
    std::vector<std::string_view> candidates;
    const auto add = [&candidates](std::span<const std::string_view> words) {
        candidates.insert(candidates.end(), words.begin(), words.end());
    };
    add(keywords_of(place));
    if (place != Place::file) {
        constexpr std::array<std::string_view, 7> kOperators{"and", "or", "not", "in", "like", "matches", "until"};
        add(kOperators);
        add(keywords_of(Place::file));
    }
    if (const std::string_view meant = nearest(where->text, candidates); !meant.empty() && meant != where->text) {
        return did_you_mean(meant);
    }
    if (place == Place::file) {
        return is_keyword(Place::rule, where->text)
                   ? "a clause stands in a rule: `rule NAME` comes before it"
                   : "a declaration begins with stream, table, view, list, define, rule or test";
    }
    return place == Place::embedded ? "a `,` or an operator is missing before it" : "";
}

/// The text goes on in a bracket with something that does not fit: the bracket is not what is wrong.
bool goes_on(Cursor where) {
    return !where->is(TokenKind::end) && !begins_clause(where) && !begins_declaration(where) && !closes(*where) &&
           !where->is(TokenKind::arrow) && !where->is(TokenKind::wavy_arrow) &&
           !(where->first_on_line && is_keyword(Place::rule, where->text));
}

}  // namespace

Diagnostic explain_missing(Cursor begin, Cursor where, std::string_view which) {
    Diagnostic diagnostic{"E0101", Severity::error, place_of(begin, where), fmt::format("expected {}", which), {}, {}};
    const std::string after = where == begin ? "" : fmt::format(" after {}", shown(where[-1]));
    diagnostic.message += after;
    if (which.starts_with("a duration") && (where->is(TokenKind::integer) || where->is(TokenKind::floating))) {
        diagnostic.code = "E0114";
        diagnostic.message = "this duration has no unit";
        diagnostic.hint = hint_without_unit(where);
        return diagnostic;
    }
    const bool wants_name =
        which.find("name") != std::string_view::npos || which.find("field") != std::string_view::npos || which == "a pattern";
    if (wants_name && where->is(TokenKind::word) && is_reserved(where->text)) {
        diagnostic.code = "E0120";
        diagnostic.span = where->span;
        diagnostic.message += fmt::format(", and `{}` is a reserved word", where->text);
        diagnostic.hint = "write it in backticks to use it as a name";
        return diagnostic;
    }
    const bool wants_close = which == "`)`" || which == "`]`" || which == "`}`";
    if (const auto opened = open_bracket_before(begin, where); wants_close && opened) {
        if (where->is(TokenKind::comma)) {
            diagnostic.span = where->span;
            diagnostic.message = "expected one more after `,`";
            diagnostic.hint = "the last one has no `,` behind it";
            return diagnostic;
        }
        if (which == "`}`" && where->is(TokenKind::dot)) {
            diagnostic.hint = "write {2,3}";
            return diagnostic;
        }
        if (goes_on(where)) {
            diagnostic.span = where->span;
            diagnostic.message = fmt::format("unexpected {}{}", shown(*where), after);
            diagnostic.hint = hint_for_unexpected(where, Place::embedded);
            return diagnostic;
        }
        diagnostic.code = "E0105";
        diagnostic.notes.push_back({*opened, "the bracket was opened here"});
    }
    diagnostic.hint = hint_for_missing(begin, where, which);
    return diagnostic;
}

Diagnostic explain_unexpected(Cursor begin, Cursor where, Place place) {
    Diagnostic diagnostic{"E0101", Severity::error, where->span, fmt::format("unexpected {}", shown(*where)), {}, {}};
    if (closes(*where)) {
        diagnostic.code = "E0105";
        diagnostic.message = fmt::format("{} closes nothing", shown(*where));
        return diagnostic;
    }
    if (where->is(TokenKind::comma) && !goes_on(where + 1)) {
        diagnostic.message = "expected one more after `,`";
        diagnostic.hint = "the last one has no `,` behind it";
        return diagnostic;
    }
    if (place == Place::file) {
        diagnostic.code = "E0102";
        diagnostic.message = fmt::format("{} begins no declaration", shown(*where));
    } else if (where->is(TokenKind::word) && !is_reserved(where->text) && has_clauses(place)) {
        diagnostic.code = "E0103";
        diagnostic.message = fmt::format("there is no clause {} in a {}", shown(*where), name_of(place));
    } else if (where != begin) {
        diagnostic.message += fmt::format(" after {}", shown(where[-1]));
    }
    const bool stream = place == Place::stream || place == Place::table;
    if (place == Place::test && where->is(TokenKind::integer) && where[1].is(TokenKind::colon)) {
        diagnostic.hint = "a time has seconds: 10:00:00";
    } else if (place == Place::test && where->first_on_line) {
        diagnostic.hint = "a line of a test begins with a time, `expect`, `idle` or `watermark`";
    } else if (place == Place::test && where->is(TokenKind::word)) {
        diagnostic.hint = fmt::format("a field has its value behind it: {}=1", where->text);
    } else if (stream && where - begin == 2 && begin->is_word("time")) {
        diagnostic.hint = "the unit of a numeric time is s, ms, us or ns";
    } else {
        diagnostic.hint = hint_for_unexpected(where, place);
    }
    return diagnostic;
}

}  // namespace tocsin::dsl
