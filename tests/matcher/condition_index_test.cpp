// The index against asking every condition.

#include <tocsin/matcher/predicate_index.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidcheck.h>

#include "matcher/evaluated.hpp"

namespace tocsin::test {
namespace {

using matcher::ConditionIndex;

// Numbers that are next to each other where floats are not, and the ends of what 64 bits hold.
const std::vector<std::string> kNumbers{"0", "1", "2", "3", "-1", "0.5", "1.0", "1.5", "-0.0", "9007199254740991",
                                        "9007199254740992", "9007199254740993", "9007199254740992.0", "-9007199254740993",
                                        "9223372036854775807", "-9223372036854775807", "9223372036854775807.0", "1e300"};
const std::vector<double> kFloats{0,   0.5, 1,    1.5,   2,      3,      -1,      -0.0,     0x1p53 - 1,
                                  0x1p53, 0x1p53 + 2, -0x1p53, 0x1p63, -0x1p63, 1e300, -1e300};
const std::vector<std::int64_t> kInts{0, 1, 2, 3, -1, (1LL << 53) - 1, 1LL << 53, (1LL << 53) + 1, -(1LL << 53) - 1,
                                      std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
const std::vector<std::string> kAddresses{"10.0.0.0", "10.0.0.1", "10.255.255.255", "11.0.0.0", "::1", "2001:db8::1", "a00::1"};
const std::vector<std::string> kNetworks{"10.0.0.0/8", "10.0.0.0/31", "10.0.0.1", "0.0.0.0/0", "::/0", "2001:db8::/33", "a00::/7"};
const std::vector<std::string> kRegexes{"a", "^a", "b$", "^$", "^", "a.b", "a.", "(?i)A", "[^a]", "a*", "é", "\\x00", "^b\\nb", "a|b$",
                                        "\\bab", "[\\x80-\\xff]", "(?s)a.+b", "b$|^a", "(ab){2,}"};

template <class T>
T one_of(const std::vector<T>& values) {
    return *rc::gen::elementOf(values);
}

std::string pieces(const std::vector<std::string>& alphabet, int most) {
    std::string text;
    for (int left = *rc::gen::inRange(0, most + 1); left > 0; --left) {
        text += one_of(alphabet);
    }
    return text;
}

/// Text of a rule, in quotes.
std::string text_constant() { return fmt::format("\"{}\"", pieces({"a", "b", "ab", "é", "日", "\\n", "\\u{0}", "\\u{80}"}, 3)); }
std::string like_constant() { return fmt::format("\"{}\"", pieces({"a", "b", "ab", "é", "\\n", "\\u{80}", "*", "*", "?"}, 5)); }
/// Text of a record: not always UTF-8.
std::string text_value() {
    return pieces({"a", "b", "ab", "é", "日", "\n", std::string(1, '\0'), "\x80", "\xc3", "\xff", "*", "?"}, 5);
}

std::string any_number_test() {
    const std::string field = one_of<std::string>({"i", "j", "x", "i", "j", "x", "i + j", "abs(i)", "round(x)", "length(s)"});
    const std::string a = one_of(kNumbers);
    const std::string b = one_of(kNumbers);
    switch (*rc::gen::inRange(0, 6)) {
        case 0: return fmt::format("{} = {}", field, a);
        case 1: return fmt::format("{} in ({}, {})", field, a, b);
        case 2: return fmt::format("{} {} {}", a, one_of<std::string>({"<", "<=", ">", ">=", "=", "!="}), field);
        case 3: return fmt::format("({0} {1} {2} and {0} {3} {4})", field, one_of<std::string>({">", ">="}), a,
                                   one_of<std::string>({"<", "<="}), b);
        default: return fmt::format("{} {} {}", field, one_of<std::string>({"<", "<=", ">", ">="}), a);
    }
}

std::string any_text_test() {
    const std::string field = one_of<std::string>({"s", "s", "s", "u", "lower(s)", "substring(s, 1)"});
    switch (*rc::gen::inRange(0, 9)) {
        case 0: return fmt::format("{} = {}", field, text_constant());
        case 1: return fmt::format("{} in ({}, {})", field, text_constant(), text_constant());
        case 2: return fmt::format("{} {} {}", field, one_of<std::string>({"<", "<=", ">", ">=", "!="}), text_constant());
        case 3: return fmt::format("{} matches r\"{}\"", field, one_of(kRegexes));
        case 4: return fmt::format("contains({}, {})", field, text_constant());
        case 5: return fmt::format("starts_with({}, {})", field, text_constant());
        case 6: return fmt::format("ends_with({}, {})", field, text_constant());
        case 7: return fmt::format("not ({} like {})", field, like_constant());
        default: return fmt::format("{} like {}", field, like_constant());
    }
}

std::string any_other_test() {
    return one_of<std::string>({
        "i = j", "i != null", "s = null", "b", "not b", "b = true", "b = false", "s < u", "s not in (\"a\", \"b\")",
        "t > \"2026-01-01T00:00:00Z\"", "t <= \"2026-01-01T00:00:01Z\"", "d > 1s", "1s >= d", "d in (1s, 2s)", "i * i > 3",
        fmt::format("a = \"{}\"", one_of(kAddresses)), fmt::format("a < \"{}\"", one_of(kAddresses)),
        fmt::format("a in \"{}\"", one_of(kNetworks)), fmt::format("a not in \"{}\"", one_of(kNetworks)),
        fmt::format("a in (\"{}\", \"{}\", \"{}\")", one_of(kNetworks), one_of(kNetworks), one_of(kAddresses)),
    });
}

std::string any_condition(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 8 : 5)) {
        case 0:
        case 1: return any_number_test();
        case 2:
        case 3: return any_text_test();
        case 4: return any_other_test();
        case 5: return fmt::format("({} or {})", any_condition(depth - 1), any_condition(depth - 1));
        case 6: return fmt::format("not ({})", any_condition(depth - 1));
        default: return fmt::format("({} and {})", any_condition(depth - 1), any_condition(depth - 1));
    }
}

event::Value any_value(event::Type type, event::Batch& batch) {
    if (*rc::gen::inRange(0, 6) == 0) {
        return {};
    }
    switch (type) {
        case event::Type::boolean: return event::Value::of_bool(*rc::gen::inRange(0, 2) == 1);
        case event::Type::integer: return event::Value::of_int(one_of(kInts));
        case event::Type::floating: return event::Value::of_float(one_of(kFloats));
        case event::Type::string: return event::Value::of_string(batch.keep(text_value()));
        case event::Type::time:
            return event::Value::of_time(EventTime(parse_rfc3339("2026-01-01T00:00:00Z").value().micros() +
                                                   one_of<std::int64_t>({-1, 0, 1, 999'999, 1'000'000, 1'000'001})));
        case event::Type::duration: return event::Value::of_duration(Duration(one_of<std::int64_t>({999'999, 1'000'000, 2'000'000})));
        case event::Type::ip: return event::Value::of_ip(*event::parse_ip(one_of(kAddresses)));
        case event::Type::null: break;
    }
    return {};
}

event::Batch any_batch(const plan::Program& program, std::size_t rows) {
    event::Batch batch(event::InputId{0}, program.projection);
    batch.headers().resize(rows);
    for (event::Column& column : batch.columns()) {
        for (std::size_t row = 0; row < rows; ++row) {
            column.append(any_value(column.type(), batch));
        }
    }
    return batch;
}

std::string row_text(const plan::Program& program, const event::Batch& batch, std::size_t row) {
    std::string text;
    for (std::size_t c = 0; c < program.projection.size(); ++c) {
        const event::Value value = batch.column(event::ColumnId{static_cast<std::uint32_t>(c)}).value(row);
        text += fmt::format("{}=", program.projection[c].path.front());
        if (value.type() == event::Type::string) {
            for (const char byte : value.as_string()) {
                text += fmt::format("{:02x} ", static_cast<unsigned char>(byte));
            }
        } else {
            event::append_json(text, value);
        }
        text += "; ";
    }
    return text;
}

/// A program with one rule a condition.
Compiled program_of(const std::vector<std::string>& conditions) {
    std::string rules = kFields;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        rules += fmt::format("rule r{} when E[{}]\n", i, conditions[i]);
    }
    return compiled(rules);
}

/// The program's predicates, by their number.
std::vector<ConditionIndex::Entry> entries_of(const plan::Program& program) {
    std::vector<ConditionIndex::Entry> entries;
    for (const plan::Predicate& predicate : program.predicates) {
        entries.push_back({static_cast<std::uint32_t>(entries.size()), predicate.expr});
    }
    return entries;
}

event::Batch batch_of(const plan::Program& program, const std::vector<std::string>& records) {
    event::Decoder decoder(event::Format::ndjson, program.projection, {});
    return decoder.decode(event::InputId{0}, event::make_block(fmt::format("{}\n", fmt::join(records, "\n")), 1));
}

/// An index over all predicates of a program, and asking each of them.
class Asked {
public:
    explicit Asked(const std::shared_ptr<const plan::Program>& program)
        : entries_(entries_of(*program)), index_(*program, entries_), session_(*matcher::Evaluator::create(program)) {
        workspace_.serve(index_);
    }
    [[nodiscard]] std::vector<std::uint32_t> found(const event::Batch& batch, std::size_t row) {
        std::vector<std::uint32_t> ids;
        index_.find(batch, row, session_, workspace_, ids);
        std::sort(ids.begin(), ids.end());
        return ids;
    }
    [[nodiscard]] std::vector<std::uint32_t> evaluated(const event::Batch& batch, std::size_t row) {
        matcher::Scope scope;
        scope.batch = &batch;
        scope.row = row;
        std::vector<std::uint32_t> ids;
        for (const ConditionIndex::Entry& entry : entries_) {
            if (!entry.expr || session_.condition(*entry.expr, scope)) {
                ids.push_back(entry.id);
            }
        }
        return ids;
    }

private:
    std::vector<ConditionIndex::Entry> entries_;
    ConditionIndex index_;
    matcher::Evaluator::Session session_;
    ConditionIndex::Workspace workspace_;
};

std::string access_of(const std::string& condition) {
    const Compiled made = program_of({condition});
    INFO(condition << "\n" << made.found);
    REQUIRE(made.program != nullptr);
    const plan::Program& program = *made.program;
    const plan::RulePlan& rule = program.rules.front();
    const auto predicate = rule.conditions[static_cast<std::size_t>(rule.steps[0].condition)].predicate;
    return ConditionIndex(program, entries_of(program)).access(static_cast<std::size_t>(predicate), program);
}

/// How many of the conditions hold for one record, by the index.
std::size_t count_of(const std::vector<std::string>& conditions, const std::string& record) {
    const Compiled made = program_of(conditions);
    INFO(made.found);
    REQUIRE(made.program != nullptr);
    Asked asked(made.program);
    const event::Batch batch = batch_of(*made.program, {record});
    CHECK(asked.found(batch, 0) == asked.evaluated(batch, 0));
    return asked.found(batch, 0).size() - 1;    // the stream's bare predicate always holds
}

/// Random sets of conditions over random rows: the index finds what asking each of them finds.
template <class AnyCondition>
bool agrees(const AnyCondition& any) {
    return rc::check("index equals brute force", [&] {
        std::vector<std::string> conditions;
        for (int left = *rc::gen::inRange(10, 40); left > 0; --left) {
            conditions.push_back(any());
        }
        RC_LOG(fmt::format("{}\n", fmt::join(conditions, "\n")));
        const Compiled made = program_of(conditions);
        if (made.program == nullptr) {
            RC_FAIL(made.found);
        }
        Asked asked(made.program);
        const event::Batch batch = any_batch(*made.program, 20);
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            RC_LOG(row_text(*made.program, batch, row));
            RC_ASSERT(asked.found(batch, row) == asked.evaluated(batch, row));
        }
    });
}

TEST_CASE("the index finds what asking every condition finds") {
    CHECK(agrees([] { return any_condition(2); }));
}

TEST_CASE("the index compares numbers as the language does") {
    CHECK(agrees([] { return any_number_test(); }));
}

TEST_CASE("the index holds bounds as the language does, and ranges of the tightest of them") {
    CHECK(agrees([] {
        std::vector<std::string> bounds;
        for (int left = *rc::gen::inRange(1, 5); left > 0; --left) {
            const std::string op = one_of<std::string>({"<", "<=", ">", ">="});
            const std::string number = one_of<std::string>({"0", "1", "2", "1.5"});
            bounds.push_back(*rc::gen::inRange(0, 2) == 0 ? fmt::format("i {} {}", op, number) : fmt::format("{} {} i", number, op));
        }
        return fmt::format("{}", fmt::join(bounds, " and "));
    }));
}

TEST_CASE("the index reads texts as the language does") {
    CHECK(agrees([] { return any_text_test(); }));
}

TEST_CASE("the index finds what like and its kin find, byte by byte") {
    CHECK(agrees([] {
        const std::string ab = pieces({"a", "b"}, 2);
        switch (*rc::gen::inRange(0, 6)) {
            case 0: return fmt::format("ends_with(s, \"{}\")", ab);
            case 1: return fmt::format("s like \"{}*{}\"", ab, pieces({"a", "b", "*"}, 2));
            case 2: return fmt::format("s like \"*{}\"", ab);
            case 3: return fmt::format("s like \"*{}*\"", ab);
            case 4: return fmt::format("s like \"?{}\"", pieces({"a", "?", "*"}, 2));
            default: return fmt::format("s like \"{}\"", pieces({"a", "b", "\\u{80}", "*", "?"}, 5));
        }
    }));
}

TEST_CASE("the index looks for addresses as the language does") {
    CHECK(agrees([] {
        switch (*rc::gen::inRange(0, 4)) {
            case 0: return fmt::format("a in \"{}\"", one_of(kNetworks));
            case 1: return fmt::format("a = \"{}\"", one_of(kAddresses));
            case 2: return fmt::format("a {} \"{}\"", one_of<std::string>({"<", "<=", ">", ">="}), one_of(kAddresses));
            default:
                return fmt::format("a in (\"{}\", \"{}\", \"{}\")", one_of(kNetworks), one_of(kNetworks), one_of(kAddresses));
        }
    }));
}

TEST_CASE("one workspace serves several indices") {
    const Compiled made = program_of({"s like \"*a*\"", "s matches r\"b$\"", "u like \"*c\""});
    REQUIRE(made.program != nullptr);
    const event::Batch batch = batch_of(*made.program, {R"({"s":"ab","u":"c"})"});
    matcher::Evaluator::Session session(*matcher::Evaluator::create(made.program));
    ConditionIndex::Workspace workspace;
    std::vector<std::uint32_t> found;
    for (const auto& entry : entries_of(*made.program)) {
        const ConditionIndex index(*made.program, {entry});
        workspace.serve(index);
        index.find(batch, 0, session, workspace, found);
    }
    CHECK(found.size() == made.program->predicates.size());
}

TEST_CASE("what is found is appended to what is there") {
    const Compiled made = program_of({"i = 1"});
    REQUIRE(made.program != nullptr);
    const event::Batch batch = batch_of(*made.program, {R"({"i":1})"});
    matcher::Evaluator::Session session(*matcher::Evaluator::create(made.program));
    ConditionIndex::Workspace workspace;
    std::vector<std::uint32_t> found{99};
    ConditionIndex(*made.program, entries_of(*made.program)).find(batch, 0, session, workspace, found);
    CHECK(found.size() > 1);
    CHECK(found.front() == 99);
}

TEST_CASE("an index without conditions finds nothing") {
    const Compiled made = program_of({"i = 1"});
    REQUIRE(made.program != nullptr);
    const event::Batch batch = batch_of(*made.program, {R"({"i":1})"});
    matcher::Evaluator::Session session(*matcher::Evaluator::create(made.program));
    ConditionIndex::Workspace workspace;
    std::vector<std::uint32_t> found;
    ConditionIndex(*made.program, {}).find(batch, 0, session, workspace, found);
    CHECK(found.empty());
}

TEST_CASE("a thousand conditions of a form, and those that hold are found") {
    const auto made_of = [](const char* form) {
        std::vector<std::string> conditions;
        for (int n = 0; n < 1'000; ++n) {
            conditions.push_back(fmt::format(fmt::runtime(form), n, n + 10));
        }
        return conditions;
    };
    CHECK(count_of(made_of("i > {}"), R"({"i":3})") == 3);
    CHECK(count_of(made_of("i >= {}"), R"({"i":3})") == 4);
    CHECK(count_of(made_of("i < {}"), R"({"i":990})") == 9);
    CHECK(count_of(made_of("i <= {}"), R"({"i":990})") == 10);
    CHECK(count_of(made_of("i >= {} and i < {}"), R"({"i":500})") == 10);
    CHECK(count_of(made_of("i > {} and i <= {}"), R"({"i":5})") == 5);
    CHECK(count_of(made_of("s like \"*<{}>*\""), R"({"s":"a <3> and <17>"})") == 2);
    CHECK(count_of(made_of("s like \"*<{}>\""), R"({"s":"a <3> and <17>"})") == 1);
    CHECK(count_of(made_of("s like \"<{}*\""), R"({"s":"<173> and <5>"})") == 3);
    CHECK(count_of(made_of("s matches r\"^<{}\\d\""), R"({"s":"<173> and <5>"})") == 2);
}

TEST_CASE("a pattern that no database takes is evaluated") {
    const std::string piece(20'000, 'a');
    CHECK(access_of(fmt::format("contains(s, \"{}\")", piece)) == "evaluated for each event of the stream");
    const std::vector<std::string> conditions{"contains(s, \"aa\")", fmt::format("contains(s, \"{}\")", piece),
                                              fmt::format("i = 1 or contains(s, \"{}\")", piece), "ends_with(s, \"b\")"};
    CHECK(count_of(conditions, fmt::format(R"({{"i":1,"s":"{}b"}})", piece)) == 4);
    CHECK(count_of(conditions, R"({"i":1,"s":"aab"})") == 3);
}

TEST_CASE("an equality alone is found by the field's value") {
    CHECK(access_of("i = 1") == "found by the value of i");
    CHECK(access_of("\"ann\" = s") == "found by the value of s");
    CHECK(access_of("s in Staff") == "found by the value of s");
}

TEST_CASE("a conjunction is found by its equality, and the rest evaluated") {
    CHECK(access_of("j > 1 and i = 1") == "found by the value of i, the rest evaluated on a hit");
}

TEST_CASE("of two equalities the one with fewer constants leads the way") {
    CHECK(access_of("i in (1, 2, 3) and s = \"a\"") == "found by the value of s, the rest evaluated on a hit");
}

TEST_CASE("bounds, starts of texts and networks are found by sorted constants") {
    CHECK(access_of("i > 1") == "found by the order of i");
    CHECK(access_of("1.5 >= i") == "found by the order of i");
    CHECK(access_of("i >= 1 and i < 5") == "found by the order of i");
    CHECK(access_of("s >= \"a\"") == "found by the order of s");
    CHECK(access_of("s like \"a*\"") == "found by the order of s");
    CHECK(access_of("starts_with(s, \"a\")") == "found by the order of s");
    CHECK(access_of("a in \"10.0.0.0/8\"") == "found by the order of a");
}

TEST_CASE("patterns are found by a scan") {
    CHECK(access_of("s like \"*a*\"") == "found by a scan of s");
    CHECK(access_of("s like \"*a\"") == "found by a scan of s");
    CHECK(access_of("contains(s, \"a\")") == "found by a scan of s");
    CHECK(access_of("ends_with(s, \"a\")") == "found by a scan of s");
    CHECK(access_of("s matches r\"a+\"") == "found by a scan of s");
}

TEST_CASE("a like of several pieces is found by its longest one, and evaluated") {
    CHECK(access_of("s like \"a*bc\"") == "found by a scan of s, the rest evaluated on a hit");
    CHECK(access_of("s like \"ab?c\"") == "found by the order of s, the rest evaluated on a hit");
    CHECK(access_of("s like \"ab\"") == "found by the value of s");
}

TEST_CASE("a flag is found by its value") { CHECK(access_of("b") == "found by the value of b"); }

TEST_CASE("what is computed is computed once, and found like a field") {
    CHECK(access_of("lower(s) = \"a\"") == "found by the value of lower(s)");
    CHECK(access_of("i * 2 > 3") == "found by the order of i * 2");
}

TEST_CASE("equality leads before a pattern, a pattern before a range, a range before a bound") {
    CHECK(access_of("s like \"a*\" and i = 1") == "found by the value of i, the rest evaluated on a hit");
    CHECK(access_of("s like \"*a*\" and i > 1 and i < 5") == "found by a scan of s, the rest evaluated on a hit");
    CHECK(access_of("i > 1 and j > 1 and j < 5") == "found by the order of j, the rest evaluated on a hit");
    CHECK(access_of("b and j > 1") == "found by the order of j, the rest evaluated on a hit");
    CHECK(access_of("i = 1 and lower(s) = \"a\"") == "found by the value of i, the rest evaluated on a hit");
}

TEST_CASE("a disjunction is found by each of its sides") {
    CHECK(access_of("i = 1 or j > 1") == "found by the value of i or the order of j");
    CHECK(access_of("i = 1 or i = 2") == "found by the value of i");
    CHECK(access_of("(i = 1 and x > y) or j = 1") == "found by the value of i or the value of j, the rest evaluated on a hit");
    CHECK(access_of("(i = 1 or j = 1) and x > y") == "found by the value of i or the value of j, the rest evaluated on a hit");
}

TEST_CASE("what no table has is evaluated for each event") {
    CHECK(access_of("i = j") == "evaluated for each event of the stream");
    CHECK(access_of("i != 1") == "evaluated for each event of the stream");
    CHECK(access_of("i not in (1, 2)") == "evaluated for each event of the stream");
    CHECK(access_of("not (i > 1)") == "evaluated for each event of the stream");
    CHECK(access_of("not b") == "evaluated for each event of the stream");
    CHECK(access_of("s = null") == "evaluated for each event of the stream");
    CHECK(access_of("s like \"*?\"") == "evaluated for each event of the stream");
    CHECK(access_of("i = 1 or j != 1") == "evaluated for each event of the stream");
}

}  // namespace
}  // namespace tocsin::test
