// The clauses of a rule, one parser each. Which clause comes is known by its keyword, so there is no grammar of
// the rule as a whole: the parser's loop calls read_rule_clause, and an error in one clause leaves the others.

#include "grammar.hpp"

#include "alert_text.hpp"

BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Label, name, value)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Lookup, table, as, on, equals)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::KeyPart, path, others)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::KeyPart::Other, stream, path)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::NamedExpr, name, expr)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Throttle, duration, per)

namespace tocsin::dsl::grammar {

namespace {

using x3::_attr;
using x3::_val;

const auto severity =
    one_of(Choice<RuleSeverity>{"info", RuleSeverity::info}, Choice<RuleSeverity>{"low", RuleSeverity::low},
           Choice<RuleSeverity>{"medium", RuleSeverity::medium}, Choice<RuleSeverity>{"high", RuleSeverity::high},
           Choice<RuleSeverity>{"critical", RuleSeverity::critical});
const auto mode =
    one_of(Choice<Mode>{"live", Mode::live}, Choice<Mode>{"shadow", Mode::shadow}, Choice<Mode>{"off", Mode::off});
const auto overlap = one_of(Choice<Overlap>{"ends", Overlap::ends}, Choice<Overlap>{"all", Overlap::all},
                            Choice<Overlap>{"none", Overlap::none});
const auto emit = one_of(Choice<Emit>{"final", Emit::final}, Choice<Emit>{"early", Emit::early});

const auto lookup =
    spanned(x3::rule<struct LookupRule, Lookup>{"a table's name"} =
                name("a table's name") > Keyword{"as"} > name > Keyword{"on"} > path("the key as `NAME.FIELD`") > equal > expr);

const auto other_key = x3::rule<struct OtherKey, KeyPart::Other>{"`Stream.field`"} = name("a stream name") > dot > path;
const auto key = spanned(x3::rule<struct KeyRule, KeyPart>{"a field"} = path >> *(equal > other_key));

const auto named_expr = x3::rule<struct NamedExprRule, NamedExpr>{"a name"} = name > equal > expr;
const auto label = x3::rule<struct LabelRule, Label>{"a name"} = name > equal > literal;

const auto throttle =
    spanned(x3::rule<struct ThrottleRule, Throttle>{"a duration"} = duration > -(Keyword{"per"} > name % comma));

using Target = Choice<Skip::Kind>;
const auto set_skip = [](auto& ctx) { _val(ctx).kind = _attr(ctx); };
const auto set_skip_step = [](auto& ctx) { _val(ctx).step = _attr(ctx); };
const auto to_next = one_of(Target{"next", Skip::Kind::to_next});
const auto to_step = one_of(Target{"first", Skip::Kind::to_first}, Target{"last", Skip::Kind::to_last});
const auto skip_place = x3::rule<struct SkipPlace, Skip>{"`next`, `first` or `last`"} =
    to_next[set_skip] | (to_step[set_skip] > name("a step's name")[set_skip_step]);
const auto take_skip = [](auto& ctx) { _val(ctx) = _attr(ctx); };
const auto skip_past = (Keyword{"past"} >> x3::attr(Skip::Kind::past_last)) > Keyword{"last"};
const auto skip =
    spanned(x3::rule<struct SkipRule, Skip>{"`past` or `to`"} = skip_past[set_skip] | (Keyword{"to"} > skip_place[take_skip]));

const auto set_size = [](auto& ctx) { _val(ctx).size = _attr(ctx); };
const auto set_kind = [](auto& ctx) { _val(ctx).kind = _attr(ctx); };
const auto set_every = [](auto& ctx) {
    _val(ctx).kind = Window::Kind::hopping;
    _val(ctx).every = _attr(ctx);
};
const auto set_keep = [](auto& ctx) { _val(ctx).keep = _attr(ctx); };
const auto set_on = [](auto& ctx) { _val(ctx).on = _attr(ctx); };

using WindowKind = Choice<Window::Kind>;
const auto moving = one_of(WindowKind{"sliding", Window::Kind::sliding}, WindowKind{"session", Window::Kind::session});
const auto every = Keyword{"every"} > duration;
const auto keep = Keyword{"for"} > duration;
const auto window_size = x3::rule<struct WindowSize, Window>{"a duration, `sliding` or `session`"} =
    (moving[set_kind] > duration[set_size]) | (duration[set_size] >> -every[set_every] >> -keep[set_keep]);
const auto take_size = [](auto& ctx) { _val(ctx) = _attr(ctx); };
const auto window = spanned(x3::rule<struct WindowRule, Window>{"a duration, `sliding` or `session`"} =
                                window_size[take_size] > Keyword{"on"} > event[set_on]);

}  // namespace

void read_rule_clause(Cursor& first, Cursor last, Builder& builder, RuleDecl& rule) {
    const Cursor begin = first++;
    const std::string_view word = begin->text;
    const auto into = [&](const auto& parser, auto& out) { read(x3::expect[parser], first, last, builder, out); };
    const auto span = [&] { return join(begin->span, (first - 1)->span); };
    const auto clause = [&]<class T>(const auto& parser, std::optional<Clause<T>>& out) {
        T value{};
        into(parser, value);
        out = Clause<T>{std::move(value), span()};
    };
    const auto one_more = [&]<class T>(const auto& parser, std::vector<T>& out) {
        T value{};
        into(parser, value);
        out.push_back(std::move(value));
    };
    if (word == "severity") {
        clause(severity, rule.severity);
    } else if (word == "label") {
        one_more(label, rule.labels);
    } else if (word == "mode") {
        clause(mode, rule.mode);
    } else if (word == "lookup") {
        one_more(lookup, rule.lookups);
    } else if (word == "when") {
        clause(pattern, rule.when);
    } else if (word == "window") {
        into(window, rule.window.emplace());
    } else if (word == "by") {
        into(key % comma, rule.by);
    } else if (word == "within") {
        clause(duration, rule.within);
    } else if (word == "let") {
        one_more(named_expr, rule.lets);
    } else if (word == "where") {
        clause(condition, rule.where);
    } else if (word == "overlap") {
        clause(overlap, rule.overlap);
    } else if (word == "skip") {
        into(skip, rule.skip.emplace());
    } else if (word == "emit") {
        clause(emit, rule.emit);
    } else if (word == "lateness") {
        clause(duration, rule.lateness);
    } else if (word == "throttle") {
        into(throttle, rule.throttle.emplace());
    } else if (word == "return") {
        into(named_expr % comma, rule.returns);
    } else if (word == "alert") {
        into(Reader<AlertText>{read_alert_text, "a string"}, rule.alert.emplace());
    }
}

}  // namespace tocsin::dsl::grammar
