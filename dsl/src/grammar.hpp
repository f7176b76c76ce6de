#pragma once

// What every grammar file needs: Spirit X3 over tokens. Only the grammar's sources include this header.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/fusion/include/adapt_struct.hpp>
#include <boost/fusion/include/at_c.hpp>
#include <boost/spirit/home/x3.hpp>

#include "builder.hpp"
#include "readers.hpp"
#include "token.hpp"

namespace tocsin::dsl::grammar {

namespace x3 = boost::spirit::x3;

struct BuilderTag;

template <class Context>
Builder& builder(const Context& context) {
    return x3::get<BuilderTag>(context).get();
}

/// A token of one kind, without an attribute.
struct Punct : x3::parser<Punct> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;

    TokenKind kind;
    const char* shown;

    constexpr Punct(TokenKind k, const char* s) : kind(k), shown(s) {}

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context&, RContext&, Attribute&) const {
        if (first == last || !first->is(kind)) {
            return false;
        }
        ++first;
        return true;
    }
};

/// One word, without an attribute.
struct Keyword : x3::parser<Keyword> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;

    const char* word;

    constexpr explicit Keyword(const char* w) : word(w) {}

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context&, RContext&, Attribute&) const {
        if (first == last || !first->is_word(word)) {
            return false;
        }
        ++first;
        return true;
    }
};

/// A parser that is a function: names, literals, and the places where the grammar calls itself, so that the
/// recursion goes through one counted function and each grammar file compiles alone.
template <class T>
struct Reader : x3::parser<Reader<T>> {
    using attribute_type = T;
    static constexpr bool has_attribute = true;
    using Function = bool (*)(Cursor& first, Cursor last, Builder& builder, T& out);

    Function function;
    const char* shown;

    constexpr Reader(Function f, const char* s) : function(f), shown(s) {}

    /// The same, called what it stands for at this place.
    constexpr Reader operator()(const char* as) const { return {function, as}; }

    template <class Context, class RContext>
    bool parse(Cursor& first, const Cursor& last, const Context& context, RContext&, T& out) const {
        return function(first, last, builder(context), out);
    }
    template <class Context, class RContext>
    bool parse(Cursor& first, const Cursor& last, const Context& context, RContext&, x3::unused_type) const {
        T out{};
        return function(first, last, builder(context), out);
    }
    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context& context, RContext&, Attribute& attribute) const {
        T out{};
        if (!function(first, last, builder(context), out)) {
            return false;
        }
        x3::traits::move_to(out, attribute);
        return true;
    }
};

inline constexpr Reader<Name> name{read_name, "a name"};
inline constexpr Reader<Path> path{read_path, "a field"};
inline constexpr Reader<std::string> string{read_string, "a string"};
inline constexpr Reader<Duration> duration{read_duration, "a duration"};
inline constexpr Reader<ExprId> literal{read_literal, "a literal"};
inline constexpr Reader<ExprId> expr{read_expr, "an expression"};
inline constexpr Reader<ExprId> condition{read_expr, "a condition"};
inline constexpr Reader<EventRef> event{read_event, "a stream name"};
inline constexpr Reader<PatternId> pattern{read_pattern, "a pattern"};

inline constexpr Punct open_paren{TokenKind::open_paren, "`(`"};
inline constexpr Punct close_paren{TokenKind::close_paren, "`)`"};
inline constexpr Punct open_bracket{TokenKind::open_bracket, "`[`"};
inline constexpr Punct close_bracket{TokenKind::close_bracket, "`]`"};
inline constexpr Punct open_brace{TokenKind::open_brace, "`{`"};
inline constexpr Punct close_brace{TokenKind::close_brace, "`}`"};
inline constexpr Punct comma{TokenKind::comma, "`,`"};
inline constexpr Punct colon{TokenKind::colon, "`:`"};
inline constexpr Punct dot{TokenKind::dot, "`.`"};
inline constexpr Punct equal{TokenKind::equal, "`=`"};

/// A token that stands for a value.
template <class T>
struct Choice {
    TokenKind kind;
    std::string_view word;
    T value;

    constexpr Choice(TokenKind k, T v) : kind(k), value(v) {}
    constexpr Choice(std::string_view w, T v) : kind(TokenKind::word), word(w), value(v) {}
};

/// One of a few tokens, each of which stands for a value.
template <class T, std::size_t N>
struct OneOf : x3::parser<OneOf<T, N>> {
    using attribute_type = T;
    static constexpr bool has_attribute = true;

    std::array<Choice<T>, N> choices;

    constexpr explicit OneOf(const std::array<Choice<T>, N>& c) : choices(c) {}

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context&, RContext&, Attribute& attribute) const {
        for (const Choice<T>& choice : choices) {
            if (first != last && first->is(choice.kind) && (choice.word.empty() || first->text == choice.word)) {
                x3::traits::move_to(T(choice.value), attribute);
                ++first;
                return true;
            }
        }
        return false;
    }
};

template <class T, class... More>
constexpr auto one_of(Choice<T> first, More... more) {
    return OneOf<T, 1 + sizeof...(More)>({first, more...});
}

inline void set_span(Builder& tree, PatternId node, Span span) { tree[node].span = span; }
/// Throws where the bounds leave nothing to take.
void set_span(Builder& tree, Times& times, Span span);
template <class T>
void set_span(Builder&, T& node, Span span) {
    node.span = span;
}

/// Notes the span of what was read. (A rule's on_success cannot: it does not see the value of a rule with actions.)
template <class Subject>
struct Spanned : x3::unary_parser<Subject, Spanned<Subject>> {
    using attribute_type = typename Subject::attribute_type;
    static constexpr bool has_attribute = true;

    constexpr explicit Spanned(const Subject& inner) : x3::unary_parser<Subject, Spanned<Subject>>(inner) {}

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context& context, RContext& rcontext, Attribute& attribute) const {
        const Cursor begin = first;
        attribute_type value{};
        if (!this->subject.parse(first, last, context, rcontext, value)) {
            return false;
        }
        set_span(builder(context), value, join(begin->span, (first - 1)->span));
        x3::traits::move_to(value, attribute);
        return true;
    }
};

template <class Rule>
constexpr auto spanned(const Rule& rule) {
    return Spanned<Rule>(rule);
}

/// Reads `parser` into `out`, and moves `first` behind it. Throws expectation_failure or SyntaxError.
template <class Parser, class T>
bool read(const Parser& parser, Cursor& first, Cursor last, Builder& builder, T& out) {
    return x3::parse(first, last, x3::with<BuilderTag>(std::ref(builder))[parser], out);
}

}  // namespace tocsin::dsl::grammar

namespace boost::spirit::x3 {

template <>
struct get_info<tocsin::dsl::grammar::Punct> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::Punct& p) const { return p.shown; }
};
template <>
struct get_info<tocsin::dsl::grammar::Keyword> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::Keyword& k) const { return tocsin::dsl::in_backticks(k.word); }
};
template <class T, std::size_t N>
struct get_info<tocsin::dsl::grammar::OneOf<T, N>> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::OneOf<T, N>& one) const {
        std::string out;
        for (std::size_t i = 0; i < N; ++i) {
            out += i == 0 ? "" : i + 1 == N ? " or " : ", ";
            out += tocsin::dsl::in_backticks(one.choices[i].word);
        }
        return out;
    }
};
// A composed parser is called what it begins with.
template <class Subject, class Action>
struct get_info<action<Subject, Action>> {
    using result_type = std::string;
    std::string operator()(const action<Subject, Action>& a) const { return what(a.subject); }
};
template <class Left, class Right>
struct get_info<list<Left, Right>> {
    using result_type = std::string;
    std::string operator()(const list<Left, Right>& l) const { return what(l.left); }
};
template <class Left, class Right>
struct get_info<sequence<Left, Right>> {
    using result_type = std::string;
    std::string operator()(const sequence<Left, Right>& s) const { return what(s.left); }
};
template <class Subject>
struct get_info<tocsin::dsl::grammar::Spanned<Subject>> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::Spanned<Subject>& s) const { return what(s.subject); }
};
template <class T>
struct get_info<tocsin::dsl::grammar::Reader<T>> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::Reader<T>& r) const { return r.shown; }
};

}  // namespace boost::spirit::x3
