// The grammar of patterns: items with their quantifiers, joined by `and` or `or` into parts, parts joined by
// arrows. Groups come back through read_pattern, which counts them.

#include <fmt/format.h>

#include "grammar.hpp"
#include "keywords.hpp"

BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::EventRef, stream, condition)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Tail, times, until, in)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Step, name, event, tail)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Group, body, tail)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::NotItem, event, in)

namespace tocsin::dsl::grammar {

void set_span(Builder&, Times& times, Span span) {
    times.span = span;
    if (times.max && *times.max == 0) {
        fail("E0119", times.span, "a loop of no turns takes nothing", "leave the item out, or use `not`");
    }
    if (times.max && *times.max < times.min) {
        fail("E0119", times.span, "the most turns are fewer than the least",
             fmt::format("write {{{},{}}}", *times.max, times.min));
    }
}

namespace {

using boost::fusion::at_c;
using x3::_attr;
using x3::_val;

// ---- events ---------------------------------------------------------------------------------------------------

/// A stream's name, and not a clause that follows an arrow too many.
bool read_stream_name(Cursor& first, Cursor last, Builder& builder, Name& out) {
    return !begins_clause(first) && !begins_declaration(first) && read_name(first, last, builder, out);
}

constexpr Reader<Name> stream_name{read_stream_name, "a stream name"};

const auto event_ref =
    spanned(x3::rule<struct EventRule, EventRef>{"a stream name"} = stream_name >> -(open_bracket > condition > close_bracket));

// ---- quantifiers ----------------------------------------------------------------------------------------------

struct Bounds {
    std::uint32_t min{1};
    bool open{false};
    std::optional<std::uint32_t> max;
};

bool read_turns(Cursor& first, Cursor last, Builder&, std::uint32_t& out) {
    if (first == last || !first->is(TokenKind::integer)) {
        return false;
    }
    std::uint64_t value = 0;
    for (const char digit : first->text) {
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
        if (value > UINT32_MAX) {
            fail("E0119", first->span, "a loop cannot have so many turns");
        }
    }
    out = static_cast<std::uint32_t>(value);
    ++first;
    return true;
}

constexpr Reader<std::uint32_t> turns{read_turns, "a number of turns"};

enum class LoopWord { strict, any, lazy, each };

using Form = Times::Form;

const auto set_form = [](auto& ctx) {
    Times& times = _val(ctx);
    times.form = _attr(ctx);
    times.min = times.form == Form::plus ? 1 : 0;
    if (times.form == Form::question) {
        times.max = 1;
    }
};
const auto set_exactly = [](auto& ctx) {
    _val(ctx).form = Form::exactly;
    _val(ctx).min = _attr(ctx);
    _val(ctx).max = _attr(ctx);
};
const auto set_at_least = [](auto& ctx) {
    _val(ctx).form = Form::at_least;
    _val(ctx).max.reset();
};
const auto set_between = [](auto& ctx) {
    _val(ctx).form = Form::between;
    _val(ctx).max = _attr(ctx);
};

const auto loop_word = one_of(Choice<LoopWord>{"strict", LoopWord::strict}, Choice<LoopWord>{"any", LoopWord::any},
                              Choice<LoopWord>{"lazy", LoopWord::lazy}, Choice<LoopWord>{"each", LoopWord::each});

/// Words that say two things at once, or the same twice, are refused where they stand.
void set_loop_word(Times& times, LoopWord word, const Token& token) {
    const bool links = word == LoopWord::strict || word == LoopWord::any;
    if (links ? times.between != Arrow::follows : times.lazy || times.each) {
        fail("E0119", token.span, in_backticks(token.text) + " does not go with the word before it",
             links ? "say `strict` or `any`, once" : "say `lazy` or `each`, once; without them a loop is greedy");
    }
    switch (word) {
        case LoopWord::strict: times.between = Arrow::strict; break;
        case LoopWord::any: times.between = Arrow::any; break;
        case LoopWord::lazy: times.lazy = true; break;
        case LoopWord::each: times.each = true; break;
    }
}

/// An action's place is behind what it read.
const auto add_loop_word = [](auto& ctx) { set_loop_word(_val(ctx), _attr(ctx), x3::_where(ctx).begin()[-1]); };

const auto sign = one_of(Choice<Form>{TokenKind::plus, Form::plus}, Choice<Form>{TokenKind::star, Form::star},
                         Choice<Form>{TokenKind::question, Form::question});
const auto bounds = open_brace > turns[set_exactly] > -(comma[set_at_least] > -turns[set_between]) > close_brace;
const auto times =
    spanned(x3::rule<struct TimesRule, Times>{"a quantifier"} = (sign[set_form] | bounds) >> *loop_word[add_loop_word]);

// ---- items ----------------------------------------------------------------------------------------------------

const auto in_limit = Keyword{"in"} > duration;
const auto until_event = Keyword{"until"} > event;
const auto tail = x3::rule<struct TailRule, Tail>{"a quantifier"} = -times >> -until_event >> -in_limit;

const auto add_node = [](auto& ctx) { _val(ctx) = builder(ctx).add(Span{}, std::move(_attr(ctx))); };

const auto step = x3::rule<struct StepRule, Step>{"a stream name"} =
    ((stream_name >> colon) > event > tail) | (x3::attr(std::optional<Name>{}) >> event >> tail);
const auto group = x3::rule<struct GroupRule, Group>{"`(`"} = open_paren > pattern > close_paren > tail;
const auto not_item = x3::rule<struct NotRule, NotItem>{"`not`"} = Keyword{"not"} > event > -in_limit;

const auto item = spanned(x3::rule<struct ItemRule, PatternId>{"a stream name, `(` or `not`"} =
                              not_item[add_node] | group[add_node] | step[add_node]);

// ---- parts and sequences ---------------------------------------------------------------------------------------

using Kind = Alternatives::Kind;

template <class T>
struct Joint {
    T value{};
    Span span;
};

bool read_joiner(Cursor& first, Cursor last, Builder&, Joint<Kind>& out) {
    if (first == last || !(first->is_word("and") || first->is_word("or"))) {
        return false;
    }
    out = {first->is_word("and") ? Kind::all_of : Kind::one_of, first->span};
    ++first;
    return true;
}

bool read_arrow(Cursor& first, Cursor last, Builder&, Joint<Arrow>& out) {
    if (first == last) {
        return false;
    }
    switch (first->kind) {
        case TokenKind::arrow: out.value = Arrow::follows; break;
        case TokenKind::fat_arrow: out.value = Arrow::strict; break;
        case TokenKind::wavy_arrow: out.value = Arrow::any; break;
        default: return false;
    }
    out.span = first->span;
    ++first;
    return true;
}

constexpr Reader<Joint<Kind>> joiner{read_joiner, "`and` or `or`"};
constexpr Reader<Joint<Arrow>> arrow{read_arrow, "`->`, `=>` or `~>`"};

void refuse_not(Builder& tree, PatternId id) {
    if (std::holds_alternative<NotItem>(tree[id].node)) {
        fail("E0118", tree[id].span, "`not` cannot stand beside `and` or `or`",
             "put it between arrows: a -> not X -> b, or into the branches: (not X -> a) or (not X -> b)");
    }
}

const auto join_items = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const PatternId first = at_c<0>(_attr(ctx));
    const auto& more = at_c<1>(_attr(ctx));
    if (more.empty()) {
        _val(ctx) = first;
        return;
    }
    const Joint<Kind>& word = at_c<0>(more.front());
    Alternatives node{word.value, {first}};
    refuse_not(tree, first);
    for (const auto& next : more) {
        const Joint<Kind>& joint = at_c<0>(next);
        const PatternId id = at_c<1>(next);
        if (joint.value != word.value) {
            fail("E0117", joint.span, "`and` and `or` are mixed here, and neither goes first",
                 "put ( ) around what belongs together", {{word.span, "the other one is here"}});
        }
        refuse_not(tree, id);
        node.items.push_back(id);
    }
    _val(ctx) = tree.add(Span{}, std::move(node));
};

const auto join_parts = [](auto& ctx) {
    const PatternId first = at_c<0>(_attr(ctx));
    const auto& more = at_c<1>(_attr(ctx));
    if (more.empty()) {
        _val(ctx) = first;
        return;
    }
    Sequence node;
    node.parts.push_back({Arrow::follows, Span{}, first});
    for (const auto& next : more) {
        node.parts.push_back({at_c<0>(next).value, at_c<0>(next).span, at_c<1>(next)});
    }
    _val(ctx) = builder(ctx).add(Span{}, std::move(node));
};

const auto part =
    spanned(x3::rule<struct PartRule, PatternId>{"a stream name, `(` or `not`"} = (item >> *(joiner > item))[join_items]);

const auto sequence = spanned(x3::rule<struct SequenceRule, PatternId>{"a pattern"} = (part >> *(arrow > part))[join_parts]);

}  // namespace

bool read_event(Cursor& first, Cursor last, Builder& builder, EventRef& out) {
    return read(event_ref, first, last, builder, out);
}

bool read_pattern(Cursor& first, Cursor last, Builder& builder, PatternId& out) {
    const Builder::Nested nested(builder, first->span);
    return read(sequence, first, last, builder, out);
}

}  // namespace tocsin::dsl::grammar
