#include "support/test.hpp"

#include <array>
#include <string>

#include "event/decode_text.hpp"

using namespace tocsin;
using namespace tocsin::event;
using tocsin::test::columns;
using tocsin::test::decode_ndjson;

namespace {

/// The value of one field `f`, or the reason, of a record `{"f": VALUE}`.
std::string field(std::string_view type, std::string_view value) {
    const std::string spec = "f: " + std::string(type);
    std::string out = decode_ndjson({tocsin::test::column(spec)}, "{\"f\": " + std::string(value) + "}");
    const bool mistyped = out.find("mistyped 1") != std::string::npos;
    out = out.substr(out.find_first_of(":!") + 2, out.find('\n') - out.find_first_of(":!") - 2);
    return out + (mistyped ? " mistyped" : "");
}

struct OddLine {
    std::string_view line;
    std::string_view reason;
};

}  // namespace

TEST_CASE("fields come in their declared types") {
    CHECK(decode_ndjson(columns({"user: string", "ok: bool", "n: int", "x: float", "ts: time", "d: duration", "a: ip"}),
                        R"({"user":"ann","ok":true,"n":-7,"x":2.5,"ts":1490620016000,"d":"5m","a":"10.0.0.7"})") ==
          "1: \"ann\" true -7 2.5 \"2017-03-27T13:06:56.000Z\" 300000 \"10.0.0.7\"\n");
}

TEST_CASE("an int is exact to 64 bits, however it is written") {
    CHECK(field("int", "-9223372036854775808") == "-9223372036854775808");
    CHECK(field("int", "9223372036854775807") == "9223372036854775807");
    CHECK(field("int", "9223372036854775808") == "null mistyped");
    CHECK(field("int", "5.0") == "5");
    CHECK(field("int", "1e3") == "1000");
    CHECK(field("int", "1200E-2") == "12");
    CHECK(field("int", "0.5e1") == "5");
    CHECK(field("int", "-0.0") == "0");
    CHECK(field("int", "0e999999999") == "0");
    CHECK(field("int", "1e19") == "null mistyped");
    CHECK(field("int", "1e-1") == "null mistyped");
    CHECK(field("int", "5.00000000000000000000000000000000") == "5");
    CHECK(field("int", "5.00000000000000000000000000000001") == "null mistyped");
    CHECK(field("int", "123456789012345678901234567890") == "null mistyped");
    CHECK(field("int", "1e999999999999999999999") == "null mistyped");
}

TEST_CASE("a float is the nearest double; too large is null, too small is zero") {
    CHECK(field("float", "0.1") == "0.1");
    CHECK(field("float", "9007199254740993") == "9007199254740992");
    CHECK(field("float", "1.7976931348623157e308") == "1.7976931348623157e+308");
    CHECK(field("float", "5e-324") == "5e-324");
    CHECK(field("float", "1e-400") == "0");
    CHECK(field("float", "0.00000000000000000000000000000000000001e-400") == "0");
    CHECK(field("float", "1e400") == "null mistyped");
    CHECK(field("float", "-0.0") == "0");
    CHECK(field("float", "3.14159265358979323846264338327950288") == "3.141592653589793");
}

TEST_CASE("a time is RFC 3339 or a number in the declared unit") {
    CHECK(field("time", "\"2017-03-27T15:06:56+02:00\"") == "\"2017-03-27T13:06:56.000Z\"");
    CHECK(field("time s", "1490620016") == "\"2017-03-27T13:06:56.000Z\"");
    CHECK(field("time s", "1490620016.25") == "\"2017-03-27T13:06:56.250Z\"");
    CHECK(field("time s", "1490620016.1234567") == "\"2017-03-27T13:06:56.123456Z\"");
    CHECK(field("time s", "-0.0000001") == "\"1969-12-31T23:59:59.999999Z\"");
    CHECK(field("time", "1490620016000.5") == "\"2017-03-27T13:06:56.000500Z\"");
    CHECK(field("time", "1.490620016e12") == "\"2017-03-27T13:06:56.000Z\"");
    CHECK(field("time us", "1490620016000001") == "\"2017-03-27T13:06:56.000001Z\"");
    CHECK(field("time ns", "1490620016000001999") == "\"2017-03-27T13:06:56.000001Z\"");
    CHECK(field("time", "\"1490620016000\"") == "null mistyped");
    CHECK(field("time", "\"2017-03-27T13:06:56\"") == "null mistyped");
    CHECK(field("time", "1e300") == "null mistyped");
    CHECK(field("time", "9223372036854775807") == "null mistyped");
    CHECK(field("time us", "9223372036854775807") == "null mistyped");
}

TEST_CASE("a duration is a text or a number of milliseconds") {
    CHECK(field("duration", "\"2h\"") == "7200000");
    CHECK(field("duration", "1500") == "1500");
    CHECK(field("duration", "\"2 h\"") == "null mistyped");
}

TEST_CASE("a field of another type is null and counted, the record stays") {
    for (const char* type : {"bool", "int", "float", "string", "time", "duration", "ip"}) {
        INFO(type);
        CHECK(field(type, "null") == "null");
        CHECK(field(type, "[1]") == "null mistyped");
        CHECK(field(type, "{\"f\":1}") == "null mistyped");
    }
    CHECK(field("int", "\"5\"") == "null mistyped");
    CHECK(field("int", "true") == "null mistyped");
    CHECK(field("string", "5") == "null mistyped");
    CHECK(field("bool", "1") == "null mistyped");
    CHECK(field("bool", "\"true\"") == "null mistyped");
    CHECK(field("ip", "\"10.0.0\"") == "null mistyped");
    CHECK(field("ip", "167772161") == "null mistyped");
}

TEST_CASE("a string loses its escapes") {
    CHECK(field("string", R"("a\"b\\c\/d")") == R"("a\"b\\c/d")");
    CHECK(field("string", R"("\b\f\n\r\t")") == R"("\b\f\n\r\t")");
    CHECK(field("string", R"("\u0041\u00e9\u20AC\ud83d\ude00")") == "\"Aé€😀\"");
    CHECK(field("string", R"("\u0000")") == R"("\u0000")");
    CHECK(field("string", R"("\ud800")") == "\"\uFFFD\"");
    CHECK(field("string", R"("\ude00\ud83d")") == "\"\uFFFD\uFFFD\"");
    CHECK(field("string", R"("\ud83dx")") == "\"\uFFFDx\"");
    CHECK(field("string", R"("")") == R"("")");
}

TEST_CASE("a path is found nested and as a name with a dot, the first in the record counts") {
    const auto projection = columns({"a.x: int", "a.b.c: int"});
    CHECK(decode_ndjson(projection, R"({"a":{"x":1,"b":{"c":2}}})") == "1: 1 2\n");
    CHECK(decode_ndjson(projection, R"({"a.x":1,"a.b.c":2})") == "1: 1 2\n");
    CHECK(decode_ndjson(projection, R"({"a.b":{"c":2},"a":{"b.c":3}})") == "1: null 2\n");
    CHECK(decode_ndjson(projection, R"({"a":{"x":1},"a.x":9})") == "1: 1 null\n");
    CHECK(decode_ndjson(projection, R"({"a.x":null,"a":{"x":9}})") == "1: null null\n");
    CHECK(decode_ndjson(projection, R"({"a":[{"x":1}],"x":2,"b":{"x":3}})") == "1: null null\n");
    CHECK(decode_ndjson(projection, R"({"q":{"a":{"x":1}}})") == "1: null null\n");
}

TEST_CASE("an object can be read as well as what is in it") {
    CHECK(decode_ndjson(columns({"a: string", "a.x: int"}), R"({"a":{"x":1}})") == "1: null 1\nmistyped 1\n");
}

TEST_CASE("a field that is not of its column's type is noted with row and column, in readable events only") {
    const std::string text =
        "{\"a\":1,\"b\":1}\n"
        "{\"a\":\"x\",\"b\":\"x\"}\n"
        "{\"a\":\"x\",\"b\":\"x\"\n"
        "{\"a\":\"x\",\"$watermark\":{\"stream\":\"S\",\"ts\":1}}\n"
        "{\"a\":true,\"b\":null}\n";
    Decoder decoder(Format::ndjson, columns({"a: int", "b: int", "a: string"}), {});
    const Batch batch = decoder.decode(InputId{0}, make_block(text, 1));
    const std::vector<Batch::Mistyped> want{{0, ColumnId{2}}, {1, ColumnId{0}}, {1, ColumnId{1}}, {3, ColumnId{0}}, {3, ColumnId{2}}};
    CHECK(batch.mistyped() == want);
}

TEST_CASE("several columns may share a path") {
    CHECK(decode_ndjson(columns({"t: int", "t: time", "t: time s"}), R"({"t":1000})") ==
          "1: 1000 \"1970-01-01T00:00:01.000Z\" \"1970-01-01T00:16:40.000Z\"\n");
}

TEST_CASE("names are compared without their escapes, and in full") {
    CHECK(decode_ndjson(columns({"user: int", "a_rather_long_name: int", "a_rather_long_nome: int"}),
                        R"({"\u0075ser":1,"a_rather_long_nome":3,"a_rather_long_name":2,"use":9,"userx":9})") == "1: 1 2 3\n");
}

TEST_CASE("of duplicate names the first counts") {
    CHECK(decode_ndjson(columns({"a: int"}), R"({"a":1,"a":2})") == "1: 1\n");
    CHECK(decode_ndjson(columns({"a: int"}), R"({"a":null,"a":2})") == "1: null\n");
    CHECK(decode_ndjson(columns({"a: int"}), R"({"a":1,"\u0061":2})") == "1: 1\n");
    CHECK(decode_ndjson(columns({"a.x: int"}), R"({"a":{"y":1},"a":{"x":2}})") == "1: null\n");
}

TEST_CASE("blank lines, a byte order mark and CRLF are no records") {
    CHECK(decode_ndjson(columns({"a: int"}), "\xef\xbb\xbf{\"a\":1}\r\n\r\n \t\n\n{\"a\":2}\r\n{\"a\":3}") ==
          "1: 1\n5: 2\n6: 3\n");
    CHECK(decode_ndjson(columns({"a: int"}), "").empty());
    CHECK(decode_ndjson(columns({"a: int"}), "\n\r\n").empty());
    CHECK(decode_ndjson(columns({"a: int"}), "{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\n") == "1: 1\n2! not a JSON object\n");
}

TEST_CASE("a bad line is told with its reason, and the next one is read") {
    constexpr std::string_view kMiddle = "it ends in the middle";
    constexpr std::string_view kValue = "a value was expected, or this one is malformed";
    constexpr std::string_view kSeparator = "a comma or a closing bracket was expected";
    constexpr std::string_view kControl = "a control character in a string, or a string that is not closed";
    const std::array<OddLine, 34> lines{{
        {R"([1])", "not a JSON object"},
        {R"("x")", "not a JSON object"},
        {R"(nonsense)", "not a JSON object"},
        {R"({)", kMiddle},
        {R"({"a")", kMiddle},
        {R"({"a":)", kMiddle},
        {R"({"a":1)", kMiddle},
        {R"({"a":1,)", kMiddle},
        {R"({"a":[1)", kMiddle},
        {R"({"a":"x)", "a string is not closed"},
        {R"({"a":"x\"})", "a string is not closed"},
        {"{\"a\":\"x\ty\"}", kControl},
        {std::string_view("{\"a\":\"\0\"}", 9), kControl},
        {std::string_view("{\"a\":\0}", 7), kValue},
        {R"({} {})", "something follows the object"},
        {R"({"a":1}x)", "something follows the object"},
        {R"({"a":1,})", "a field name in quotes was expected"},
        {R"({a:1})", "a field name in quotes was expected"},
        {R"({"a" 1})", "a colon was expected behind a field name"},
        {R"({"a":1 "b":2})", kSeparator},
        {R"({"a":[1}})", kSeparator},
        {R"({"a":"x"y})", kSeparator},
        {R"({"a":[1,]})", kValue},
        {R"({"b":tru})", kValue},
        {R"({"b":truex})", kValue},
        {R"({"b":01})", kValue},
        {R"({"b":+1})", kValue},
        {R"({"b":.5})", kValue},
        {R"({"b":1.})", kValue},
        {R"({"b":1e})", kValue},
        {R"({"b":NaN})", kValue},
        {R"({"b":1"x"})", kValue},
        {R"({"b":"\x"})", "an escape that JSON does not know"},
        {"{\"b\":\"\xff\"}", "invalid UTF-8"},
    }};
    for (const OddLine& odd : lines) {
        const std::string line(odd.line);
        INFO(line);
        CHECK(decode_ndjson(columns({"a: int"}), "{\"a\":1}\n" + line + "\n{\"a\":3}\n") ==
              "1: 1\n2! " + std::string(odd.reason) + "\n3: 3\n");
        CHECK(decode_ndjson({}, line) == "1! " + std::string(odd.reason) + "\n");
    }
}

TEST_CASE("an object over several lines is no record") {
    CHECK(decode_ndjson(columns({"a: int"}), "{\n\"a\":1}\n{\"a\":2,\n\"b\":3}\n{\"a\":4}\n") ==
          "1! it ends in the middle\n2! not a JSON object\n3! it ends in the middle\n4! not a JSON object\n5: 4\n");
}

TEST_CASE("a record may be as long as the limit and no longer") {
    Limits limits;
    limits.record_bytes = 7;
    CHECK(decode_ndjson(columns({"a: int"}), "{\"a\":1}\n{\"a\":10}\n{\"a\":2}\r\n", limits) ==
          "1: 1\n2! longer than 7 bytes\n3: 2\n");
}

TEST_CASE("a record may be nested as deep as the limit and no deeper") {
    Limits limits;
    limits.record_nesting = 3;
    CHECK(decode_ndjson(columns({"b: int"}), "{\"a\":[{\"x\":1}],\"b\":1}\n{\"a\":[[[]]],\"b\":2}\n{\"b\":3}\n", limits) ==
          "1: 1\n2! nested too deeply\n3: 3\n");
    const std::string deep(100'000, '[');
    CHECK(decode_ndjson({}, "{\"a\":" + deep + "\n") == "1! nested too deeply\n");
}

TEST_CASE("a line of a megabyte is a record") {
    const std::string text(1'000'000, 'x');
    CHECK(decode_ndjson(columns({"a: string", "b: int"}), "{\"a\":\"" + text + "\",\"b\":5}\n{\"b\":6}") ==
          "1: \"" + text + "\" 5\n2: null 6\n");
}

TEST_CASE("header fields place a record") {
    Decoder decoder(Format::ndjson, columns({"type: string", "$offset: int"}), {});
    const std::string text = R"({"$stream":"Login","$partition":3,"$offset":17,"type":"login"}
{"$partition":"p\u0031","type":5}
{"$stream":null,"$partition":null,"$offset":null}
)";
    const Batch batch = decoder.decode(InputId{4}, make_block(text, 100));
    REQUIRE(batch.rows() == 3);
    CHECK(batch.input() == InputId{4});
    const RecordHeader& first = batch.header(0);
    CHECK(first.stream == "Login");
    CHECK(first.partition == "3");
    CHECK(first.offset == 17);
    CHECK(first.offset_given);
    CHECK(first.line == 100);
    CHECK(first.type == "login");
    CHECK(first.raw == text.substr(0, text.find('\n')));
    CHECK(batch.column(ColumnId{1}).value(0).as_int() == 17);
    const RecordHeader& second = batch.header(1);
    CHECK(second.stream.empty());
    CHECK(second.type.empty());
    CHECK(second.partition == "p1");
    CHECK(second.offset == 101);
    CHECK_FALSE(second.offset_given);
    CHECK(batch.header(2).partition == "0");
    CHECK(batch.header(2).offset == 102);
}

TEST_CASE("watermarks and idleness are records without fields") {
    Decoder decoder(Format::ndjson, columns({"a: int", "ts: time"}), {});
    const Batch batch =
        decoder.decode(InputId{0}, make_block(R"({"a":"x","$watermark":{"stream":"S","partition":2,"ts":"1970-01-01T00:00:01Z"}}
{"$watermark":{"stream":"S","ts":2000}}
{"$idle":{"stream":"S","partition":"p"}}
{"$watermark":null,"a":1}
)",
                                              1));
    REQUIRE(batch.rows() == 4);
    CHECK(batch.header(0).kind == RecordKind::watermark);
    CHECK(batch.header(0).stream == "S");
    CHECK(batch.header(0).partition == "2");
    CHECK(batch.header(0).time == EventTime::from_millis(1000));
    CHECK(batch.header(1).partition == "0");
    CHECK(batch.header(1).time == EventTime::from_millis(2000));
    CHECK(batch.header(2).kind == RecordKind::idle);
    CHECK(batch.header(2).partition == "p");
    CHECK(batch.header(3).kind == RecordKind::event);
    CHECK(batch.column(ColumnId{0}).is_null(0));
    CHECK(batch.column(ColumnId{0}).value(3).as_int() == 1);
    CHECK(batch.mistyped().empty());
}

TEST_CASE("header fields of another type make a record unreadable") {
    CHECK(decode_ndjson({},
                        "{\"$stream\":5}\n{\"$partition\":true}\n{\"$offset\":-1}\n{\"$offset\":1.5}\n{\"$offset\":\"1\"}\n"
                        "{\"$watermark\":5}\n{\"$watermark\":{\"stream\":\"S\"}}\n{\"$idle\":[]}\n"
                        "{\"$watermark\":{\"ts\":\"yesterday\"}}\n{\"$idle\":{\"stream\":1}}\n") ==
          "1! $stream is not a string\n"
          "2! $partition is neither a string nor a number\n"
          "3! $offset is not a whole number from 0\n"
          "4! $offset is not a whole number from 0\n"
          "5! $offset is not a whole number from 0\n"
          "6! $watermark is not an object\n"
          "7! the ts of $watermark is neither RFC 3339 nor epoch milliseconds\n"
          "8! $idle is not an object\n"
          "9! the ts of $watermark is neither RFC 3339 nor epoch milliseconds\n"
          "10! the stream of $idle is not a string\n");
}

TEST_CASE("one record can be decoded by itself") {
    Decoder decoder(Format::ndjson, columns({"a: string"}), {});
    std::string raw = R"({"a":"xyz"})";
    const Batch batch = decoder.decode_record(InputId{1}, raw, nullptr);
    raw.assign(raw.size(), ' ');
    REQUIRE(batch.rows() == 1);
    CHECK(batch.column(ColumnId{0}).value(0).as_string() == "xyz");
}
