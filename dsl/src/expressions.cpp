// The grammar of expressions, loosest first: or, and, not, comparison, + -, * / %, unary -, calls and members.
// Each level is a loop over the next, so a chain costs no stack; brackets come back through read_expr, which
// counts them.

#include "grammar.hpp"

namespace tocsin::dsl::grammar {

namespace {

using boost::fusion::at_c;
using x3::_attr;
using x3::_val;

/// A token whose place matters.
struct Marked : x3::parser<Marked> {
    using attribute_type = Span;
    [[maybe_unused]] static constexpr bool has_attribute = true;

    TokenKind kind;
    std::string_view word;
    const char* shown;

    constexpr Marked(TokenKind k, const char* s) : kind(k), shown(s) {}
    constexpr explicit Marked(const char* w) : kind(TokenKind::word), word(w), shown(w) {}

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context&, RContext&, Attribute& attribute) const {
        if (first == last || !first->is(kind) || (!word.empty() && first->text != word)) {
            return false;
        }
        x3::traits::move_to(Span(first->span), attribute);
        ++first;
        return true;
    }
};

}  // namespace

}  // namespace tocsin::dsl::grammar

namespace boost::spirit::x3 {

template <>
struct get_info<tocsin::dsl::grammar::Marked> {
    using result_type = std::string;
    std::string operator()(const tocsin::dsl::grammar::Marked& m) const { return m.shown; }
};

}  // namespace boost::spirit::x3

namespace tocsin::dsl::grammar {

namespace {

inline constexpr Reader<ExprId> operand_literal{read_operand_literal, "a literal"};

// ---- what is done with what was read ---------------------------------------------------------------------------

const auto take = [](auto& ctx) { _val(ctx) = _attr(ctx); };

/// Left to right: what was read so far is the left operand.
const auto fold = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const ExprId left = _val(ctx);
    const ExprId right = at_c<1>(_attr(ctx));
    _val(ctx) = tree.add(join(tree[left].span, tree[right].span), Binary{at_c<0>(_attr(ctx)), left, right});
};

const auto apply_nots = [](auto& ctx) {
    Builder& tree = builder(ctx);
    ExprId operand = at_c<1>(_attr(ctx));
    const std::vector<Span>& nots = at_c<0>(_attr(ctx));
    for (auto it = nots.rbegin(); it != nots.rend(); ++it) {
        operand = tree.add(join(*it, tree[operand].span), Unary{UnaryOp::logical_not, operand});
    }
    _val(ctx) = operand;
};

const auto apply_minuses = [](auto& ctx) {
    ExprId operand = at_c<1>(_attr(ctx));
    const std::vector<Span>& minuses = at_c<0>(_attr(ctx));
    for (auto it = minuses.rbegin(); it != minuses.rend(); ++it) {
        operand = negated(*it, operand, builder(ctx));
    }
    _val(ctx) = operand;
};

/// 2^63 is an integer only with a minus before it.
const auto take_positive = [](auto& ctx) {
    Builder& tree = builder(ctx);
    if (tree.is_lowest_magnitude(_attr(ctx))) {
        fail("E0113", tree[_attr(ctx)].span, "this number is out of range",
             "integers go from -9223372036854775808 to 9223372036854775807");
    }
    _val(ctx) = _attr(ctx);
};

const auto close = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const ExprId inner = at_c<1>(_attr(ctx));
    tree[inner].parenthesised = true;
    tree[inner].span = join(at_c<0>(_attr(ctx)), at_c<2>(_attr(ctx)));
    _val(ctx) = inner;
};

struct Arguments {
    bool approximate{false};
    std::vector<ExprId> values;
    Span close;
};

const auto take_path = [](auto& ctx) {
    const Path& path = _attr(ctx);
    _val(ctx) = builder(ctx).add(path.span, PathExpr{path});
};

const auto call = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const ExprId id = _val(ctx);
    const Path path = std::get<PathExpr>(tree[id].node).path;
    const Arguments& arguments = _attr(ctx);
    if (path.parts.size() > 1) {
        fail("E0101", path.span, "a function's name has no dots", "write first(b).price for a field of what a call gives");
    }
    _val(ctx) = tree.add(join(path.span, arguments.close),
                         Call{{path.parts.front(), path.span}, arguments.approximate, arguments.values});
};

const auto member = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const ExprId base = _val(ctx);
    const Path& path = _attr(ctx);
    _val(ctx) = tree.add(join(tree[base].span, path.span), Member{base, path});
};

/// `x in …` after x was read.
struct InTail {
    bool negated{false};
    decltype(In::set) set;
    Span end;
};

const auto contain = [](auto& ctx) {
    Builder& tree = builder(ctx);
    const ExprId value = _val(ctx);
    const InTail& tail = _attr(ctx);
    _val(ctx) = tree.add(join(tree[value].span, tail.end), In{value, tail.negated, tail.set});
};

const auto set_negated = [](auto& ctx) { _val(ctx).negated = true; };
const auto set_items = [](auto& ctx) {
    _val(ctx).set = at_c<0>(_attr(ctx));
    _val(ctx).end = at_c<1>(_attr(ctx));
};
const auto set_list = [](auto& ctx) {
    _val(ctx).set = _attr(ctx);
    _val(ctx).end = _attr(ctx).span;
};
const auto set_literal = [](auto& ctx) {
    _val(ctx).set = _attr(ctx);
    _val(ctx).end = builder(ctx)[_attr(ctx)].span;
};
const auto take_set = [](auto& ctx) {
    _val(ctx).set = _attr(ctx).set;
    _val(ctx).end = _attr(ctx).end;
};
const auto set_approximate = [](auto& ctx) { _val(ctx).approximate = true; };
const auto set_values = [](auto& ctx) { _val(ctx).values = _attr(ctx); };
const auto set_close = [](auto& ctx) { _val(ctx).close = _attr(ctx); };

/// `a < b < c` would compare a truth value; nobody means that.
struct NotChained : x3::parser<NotChained> {
    using attribute_type = x3::unused_type;
    [[maybe_unused]] static constexpr bool has_attribute = false;

    template <class Context, class RContext, class Attribute>
    bool parse(Cursor& first, const Cursor& last, const Context&, RContext&, Attribute&) const {
        const bool comparison = first != last && first->kind >= TokenKind::equal && first->kind <= TokenKind::greater_equal;
        if (comparison) {
            fail("E0124", first->span, "comparisons cannot be chained", "write `a < b and b < c`");
        }
        return true;
    }
};

// ---- the grammar --------------------------------------------------------------------------------------------

// Two levels are functions of their own: Spirit would copy each level into every place of the one above, and the
// copies into each other, until one frame of the recursion takes 100 kB of stack.
[[gnu::noinline]] bool read_operand(Cursor& first, Cursor last, Builder& builder, ExprId& out);
[[gnu::noinline]] bool read_comparison(Cursor& first, Cursor last, Builder& builder, ExprId& out);
constexpr Reader<ExprId> operand{read_operand, "an expression"};
constexpr Reader<ExprId> comparison{read_comparison, "an expression"};

constexpr Punct tilde{TokenKind::tilde, "`~`"};
constexpr Marked marked_open{TokenKind::open_paren, "`(`"};
constexpr Marked marked_close{TokenKind::close_paren, "`)`"};
constexpr Marked minus{TokenKind::minus, "`-`"};
constexpr Marked not_word{"not"};

using Op = Choice<BinaryOp>;

const auto parenthesised = x3::rule<struct Parenthesised, ExprId>{"`(`"} = (marked_open > expr > marked_close)[close];

const auto arguments = x3::rule<struct ArgumentsRule, Arguments>{
    "arguments"} = (-tilde[set_approximate] >> open_paren) > -(expr % comma)[set_values] > marked_close[set_close];

const auto path_or_call = x3::rule<struct PathOrCall, ExprId>{"a field"} = path[take_path] >>
                                                                           -(arguments[call] >> -(dot > path)[member]);

const auto postfix = x3::rule<struct Postfix, ExprId>{"an expression"} = operand_literal | parenthesised | path_or_call;

const auto unary = x3::rule<struct UnaryRule, ExprId>{"an expression"} =
    (+minus > postfix)[apply_minuses] | postfix[take_positive];

bool read_operand(Cursor& first, Cursor last, Builder& builder, ExprId& out) { return read(unary, first, last, builder, out); }

const auto multiply_op = one_of(Op{TokenKind::star, BinaryOp::multiply}, Op{TokenKind::slash, BinaryOp::divide},
                                Op{TokenKind::percent, BinaryOp::modulo});
const auto product = x3::rule<struct Product, ExprId>{"an expression"} = operand[take] >> *(multiply_op > operand)[fold];

const auto add_op = one_of(Op{TokenKind::plus, BinaryOp::add}, Op{TokenKind::minus, BinaryOp::subtract});
const auto sum = x3::rule<struct Sum, ExprId>{"an expression"} = product[take] >> *(add_op > product)[fold];

const auto in_set = x3::rule<struct InSet, InTail>{"a list in ( ), a list's name or a literal"} =
    (open_paren > (expr % comma) > marked_close)[set_items] | name[set_list] | literal[set_literal];
const auto in_tail = x3::rule<struct InTailRule, InTail>{"`in`"} =
    ((not_word >> Keyword{"in"})[set_negated] | Keyword{"in"}) > in_set[take_set];

const auto compare_op = one_of(Op{TokenKind::equal, BinaryOp::equal}, Op{TokenKind::not_equal, BinaryOp::not_equal},
                               Op{TokenKind::less, BinaryOp::less}, Op{TokenKind::less_equal, BinaryOp::less_equal},
                               Op{TokenKind::greater, BinaryOp::greater}, Op{TokenKind::greater_equal, BinaryOp::greater_equal},
                               Op{"like", BinaryOp::like}, Op{"matches", BinaryOp::matches});
const auto compared = x3::rule<struct Compared, ExprId>{
    "an expression"} = sum[take] >> -((compare_op > sum)[fold] | in_tail[contain]) >> NotChained{};

bool read_comparison(Cursor& first, Cursor last, Builder& builder, ExprId& out) {
    return read(compared, first, last, builder, out);
}

const auto negation = x3::rule<struct Negation, ExprId>{"an expression"} =
    (+not_word > comparison)[apply_nots] | comparison[take];

const auto and_op = one_of(Op{"and", BinaryOp::logical_and});
const auto conjunction = x3::rule<struct Conjunction, ExprId>{"an expression"} = negation[take] >> *(and_op > negation)[fold];

const auto or_op = one_of(Op{"or", BinaryOp::logical_or});
const auto disjunction = x3::rule<struct Disjunction, ExprId>{"an expression"} = conjunction[take] >>
                                                                                 *(or_op > conjunction)[fold];

}  // namespace

bool read_expr(Cursor& first, Cursor last, Builder& builder, ExprId& out) {
    const Builder::Nested nested(builder, first->span);
    return read(disjunction, first, last, builder, out);
}

}  // namespace tocsin::dsl::grammar
