// The declarations other than rules: heads of streams and tables with their clauses, views, lists, definitions,
// and the lines of tests.

#include "grammar.hpp"

BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Field, path, type)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::TimeClause, path, unit)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::StreamDecl, name, fields)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::ViewDecl, name, left, left_join, right, on_left, on_right, where)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::ListDecl, name, items)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::DefineDecl, name, expr)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::TestDecl, title, rule)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::Assignment, path, value)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::TestRow, time, stream, fields)
BOOST_FUSION_ADAPT_STRUCT(tocsin::dsl::TestWatermark, stream, time)

namespace tocsin::dsl::grammar {

namespace {

using x3::_attr;
using x3::_val;

// ---- streams, tables, views, lists, definitions -------------------------------------------------------------------

const auto field = x3::rule<struct FieldRule, Field>{"a field's name"} = path > colon > name("a type");
const auto head = x3::rule<struct HeadRule, StreamDecl>{"a name"} = name > open_paren > (field % comma) > close_paren;

const auto unit = one_of(Choice<TimeUnit>{"s", TimeUnit::s}, Choice<TimeUnit>{"ms", TimeUnit::ms},
                         Choice<TimeUnit>{"us", TimeUnit::us}, Choice<TimeUnit>{"ns", TimeUnit::ns});
const auto time_clause = x3::rule<struct TimeRule, TimeClause>{"a field"} = path >> -unit;

bool read_source(Cursor& first, Cursor last, Builder& builder, From& out) {
    const Cursor token = first;
    return read_string(first, last, builder, out.source) && (out.span = token->span, true);
}

constexpr Reader<From> source{read_source, "a string"};

const auto left_word = x3::matches[Keyword{"left"} >> &Keyword{"join"}];
const auto view = x3::rule<struct ViewRule, ViewDecl>{"a name"} = name > equal > name("a table's name") > left_word
                                                                  > Keyword{"join"} > name("a table's name") > Keyword{"on"} >
                                                                  path("a field as `TABLE.FIELD`") > equal >
                                                                  path("a field as `TABLE.FIELD`") >
                                                                  -(Keyword{"where"} > condition);

const auto set_items = [](auto& ctx) { _val(ctx) = _attr(ctx); };
using ListItems = decltype(ListDecl::items);
const auto literals = open_paren > (literal % comma) > close_paren;
const auto list_items = x3::rule<struct ListItemsRule, ListItems>{"`=` or `from`"} =
    (equal > literals[set_items]) | (Keyword{"from"} > source[set_items]);
const auto list = x3::rule<struct ListRule, ListDecl>{"a name"} = name > list_items;
const auto define = x3::rule<struct DefineRule, DefineDecl>{"a name"} = name > equal > expr;

// ---- tests --------------------------------------------------------------------------------------------------------

/// A time of day is one on 1970-01-01.
bool read_time(Cursor& first, Cursor last, Builder&, TestTime& out) {
    if (first == last || !(first->is(TokenKind::time_of_day) || first->is(TokenKind::timestamp))) {
        return false;
    }
    out.raw = first->text;
    const bool of_day = first->is(TokenKind::time_of_day);
    const auto time = parse_rfc3339(of_day ? "1970-01-01T" + out.raw + "Z" : out.raw);
    if (!time) {
        fail("E0123", first->span, "there is no such time",
             of_day ? "write 10:00:00 or 10:00:00.250" : "write 2026-11-23T10:00:00Z; the offset is compulsory");
    }
    out.time = *time;
    ++first;
    return true;
}

constexpr Reader<TestTime> time{read_time, "a time"};

/// In a row a word before `=` is a field, whatever it means elsewhere.
bool read_assignment(Cursor& first, Cursor last, Builder& builder, Assignment& out) {
    Cursor at = first;
    if (!(read_path(at, last, builder, out.path) && at->is(TokenKind::equal))) {
        return false;
    }
    ++at;
    if (!read_literal(at, last, builder, out.value)) {
        throw x3::expectation_failure<Cursor>(at, "a literal");
    }
    first = at;
    return true;
}

constexpr Reader<Assignment> assignment{read_assignment, "a field and its value"};

const auto row = spanned(x3::rule<struct RowRule, TestRow>{"a time"} = time > name("a stream name") > *assignment);

const auto set_stream = [](auto& ctx) { _val(ctx).stream = _attr(ctx); };
const auto idle = spanned(x3::rule<struct IdleRule, TestIdle>{"`idle`"} = Keyword{"idle"} > name("a stream name")[set_stream]);
const auto watermark =
    spanned(x3::rule<struct WatermarkRule, TestWatermark>{"`watermark`"} = Keyword{"watermark"} > name("a stream name") > time);

using Kind = TestExpect::Kind;
using Expected = Choice<Kind>;
const auto set_kind = [](auto& ctx) { _val(ctx).kind = _attr(ctx); };
const auto set_fields = [](auto& ctx) { _val(ctx).fields = _attr(ctx); };
const auto set_at = [](auto& ctx) { _val(ctx).at = _attr(ctx); };
const auto expected =
    one_of(Expected{"nothing", Kind::nothing}, Expected{"alert", Kind::alert}, Expected{"retract", Kind::retract},
           Expected{"correct", Kind::correct}, Expected{"late", Kind::late});
const auto expect =
    spanned(x3::rule<struct ExpectRule, TestExpect>{"`expect`"} =
                Keyword{"expect"} > expected[set_kind] > (*assignment)[set_fields] > -(Keyword{"at"} > time[set_at]));

const auto test_head = x3::rule<struct TestHead, TestDecl>{"a title in quotes"} = string("a title in quotes") > Keyword{"for"} >
                                                                                  name("a rule's name");

}  // namespace

void read_stream_head(Cursor& first, Cursor last, Builder& builder, StreamDecl& out) {
    read(x3::expect[head], first, last, builder, out);
}

void read_stream_clause(Cursor& first, Cursor last, Builder& builder, StreamDecl& out) {
    const Cursor begin = first++;
    const std::string_view word = begin->text;
    const auto into = [&]<class T>(const auto& parser, std::optional<T>& value) {
        read(x3::expect[parser], first, last, builder, value.emplace());
    };
    if (word == "key") {
        into(path, out.key);
    } else if (word == "time") {
        into(time_clause, out.time);
    } else if (word == "slack") {
        into(duration, out.slack);
        out.slack_span = join(begin->span, (first - 1)->span);
    } else if (word == "idle") {
        into(duration, out.idle);
        out.idle_span = join(begin->span, (first - 1)->span);
    } else if (word == "where") {
        into(condition, out.where);
    } else if (word == "from") {
        into(source, out.from);
    }
}

void read_view(Cursor& first, Cursor last, Builder& builder, ViewDecl& out) {
    read(x3::expect[view], first, last, builder, out);
}

void read_list(Cursor& first, Cursor last, Builder& builder, ListDecl& out) {
    read(x3::expect[list], first, last, builder, out);
}

void read_define(Cursor& first, Cursor last, Builder& builder, DefineDecl& out) {
    read(x3::expect[define], first, last, builder, out);
}

void read_test_head(Cursor& first, Cursor last, Builder& builder, TestDecl& out) {
    read(x3::expect[test_head], first, last, builder, out);
}

void read_test_line(Cursor& first, Cursor last, Builder& builder, TestDecl& out) {
    const auto line = [&]<class T>(const auto& parser, T value) {
        read(x3::expect[parser], first, last, builder, value);
        out.lines.emplace_back(std::move(value));
    };
    if (first->is_word("idle")) {
        line(idle, TestIdle{});
    } else if (first->is_word("watermark")) {
        line(watermark, TestWatermark{});
    } else if (first->is_word("expect")) {
        line(expect, TestExpect{});
    } else {
        line(row, TestRow{});
    }
}

}  // namespace tocsin::dsl::grammar
