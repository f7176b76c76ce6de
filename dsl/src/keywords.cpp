#include "keywords.hpp"

#include <algorithm>
#include <array>

namespace tocsin::dsl {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 7> kFileWords{"stream", "table", "view", "list", "define", "rule", "test"};
constexpr std::array<std::string_view, 5> kStreamWords{"time", "slack", "idle", "where", "from"};
constexpr std::array<std::string_view, 6> kTableWords{"key", "time", "slack", "idle", "where", "from"};
constexpr std::array<std::string_view, 1> kViewWords{"where"};
constexpr std::array<std::string_view, 17> kRuleWords{"severity", "label",    "mode",     "lookup", "when",    "window",
                                                      "by",       "within",   "let",      "where",  "overlap", "skip",
                                                      "emit",     "lateness", "throttle", "return", "alert"};
constexpr std::array<std::string_view, 3> kTestWords{"idle", "watermark", "expect"};

bool contains(Words words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

bool is_name(const Token& token) {
    return token.is(TokenKind::quoted_name) || (token.is(TokenKind::word) && !is_reserved(token.text));
}

bool is_amount(const Token& token) {
    return token.is(TokenKind::duration) || token.is(TokenKind::integer) || token.is(TokenKind::floating);
}

bool is_string(const Token& token) { return token.is(TokenKind::string) || token.is(TokenKind::raw_string); }

/// How many keywords in a row are looked at to tell names from clauses.
constexpr unsigned kLookahead = 8;

bool clause_begins(Cursor at, unsigned ahead);
bool declaration_begins(Cursor at, unsigned ahead);

/// A name, and not the keyword of the next clause.
bool is_argument(Cursor at, unsigned ahead) {
    return is_name(*at) && !clause_begins(at, ahead - 1) && !declaration_begins(at, ahead - 1);
}

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
    return token.is(TokenKind::word) && std::find(words.begin(), words.end(), token.text) != words.end();
}

bool starts_operand(Cursor at, unsigned ahead) {
    return is_amount(*at) || is_string(*at) || is_argument(at, ahead) || is_one_of(*at, {"not", "true", "false", "null"}) ||
           at->is(TokenKind::open_paren);
}

bool clause_begins(Cursor at, unsigned ahead) {
    if (ahead == 0 || !at->is(TokenKind::word) || !(contains(kRuleWords, at->text) || contains(kTableWords, at->text))) {
        return false;
    }
    const std::string_view word = at->text;
    const Cursor next = at + 1;
    if (word == "within" || word == "lateness" || word == "throttle" || word == "slack" || word == "idle") {
        return is_amount(*next);
    }
    if (word == "window") {
        return is_amount(*next) || (is_one_of(*next, {"sliding", "session"}) && is_amount(next[1]));
    }
    if (word == "severity") {
        return is_one_of(*next, {"info", "low", "medium", "high", "critical"});
    }
    if (word == "mode") {
        return is_one_of(*next, {"live", "shadow", "off"});
    }
    if (word == "overlap") {
        return is_one_of(*next, {"ends", "all", "none"});
    }
    if (word == "emit") {
        return is_one_of(*next, {"final", "early"});
    }
    if (word == "skip") {
        return is_one_of(*next, {"past", "to"});
    }
    if (word == "alert" || word == "from") {
        return is_string(*next);
    }
    if (word == "let" || word == "label" || word == "return") {
        return is_name(*next) && next[1].is(TokenKind::equal);
    }
    if (word == "lookup") {
        return is_name(*next) && next[1].is_word("as");
    }
    if (word == "where") {
        return starts_operand(next, ahead);
    }
    if (word == "when") {
        return is_argument(next, ahead) || next->is_word("not") || next->is(TokenKind::open_paren);
    }
    return is_argument(next, ahead);  // by, key, time
}

bool declaration_begins(Cursor at, unsigned ahead) {
    if (ahead == 0 || !at->is(TokenKind::word)) {
        return false;
    }
    const std::string_view word = at->text;
    const Cursor next = at + 1;
    if (word == "test") {
        return is_string(*next);
    }
    if (!contains(kFileWords, word) || !is_name(*next)) {
        return false;
    }
    if (word == "stream" || word == "table") {
        return next[1].is(TokenKind::open_paren) && !contains(kRuleWords, next->text);
    }
    if (word == "view" || word == "define") {
        return next[1].is(TokenKind::equal);
    }
    if (word == "list") {
        return next[1].is(TokenKind::equal) || next[1].is_word("from");
    }
    return is_string(next[1]) || next[1].is(TokenKind::end) || clause_begins(next + 1, ahead - 1) ||
           declaration_begins(next + 1, ahead - 1);  // rule
}

}  // namespace

bool is_reserved(std::string_view word) {
    static constexpr std::array<std::string_view, 10> kReserved{"and",     "or",   "not",   "in",   "like",
                                                                "matches", "true", "false", "null", "until"};
    return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

Words keywords_of(Place place) {
    switch (place) {
        case Place::file: return kFileWords;
        case Place::stream: return kStreamWords;
        case Place::table: return kTableWords;
        case Place::view: return kViewWords;
        case Place::rule: return kRuleWords;
        case Place::test: return kTestWords;
        case Place::list:
        case Place::define:
        case Place::embedded: return {};
    }
    return {};
}

bool is_keyword(Place place, std::string_view word) { return contains(keywords_of(place), word); }

bool begins_clause(Cursor at) { return clause_begins(at, kLookahead); }

bool begins_declaration(Cursor at) { return declaration_begins(at, kLookahead); }

}  // namespace tocsin::dsl
