#include "support/test.hpp"

#include <string>

#include "event/decode_text.hpp"

using namespace tocsin;
using namespace tocsin::event;
using tocsin::test::columns;
using tocsin::test::decode_csv;

TEST_CASE("CSV fields are found by the header's names and parsed by their types") {
    CHECK(decode_csv(columns({"ts: time", "user: string", "n: int", "x: float", "ok: bool", "a: ip", "d: duration"}),
                     "user,n,x,ok,a,d,ts,unused\nann,-7,2.5,True,10.0.0.7,5m,2017-03-27T13:06:56Z,z\n") ==
          "2: \"2017-03-27T13:06:56.000Z\" \"ann\" -7 2.5 true \"10.0.0.7\" 300000\n");
    CHECK(decode_csv(columns({"t: time s", "a.x: int"}), "a.x,t\n5,1490620016.5\n") == "2: \"2017-03-27T13:06:56.500Z\" 5\n");
}

TEST_CASE("numbers in CSV are written as people write them") {
    CHECK(decode_csv(columns({"n: int", "x: float"}), "n,x\n007,+5\n +7 ,.5\n1e3,5.\n5.0,1e400\nx,0x10\n5.5,-\n") ==
          "2: 7 5\n3: 7 0.5\n4: 1000 5\n5: 5 null\n6: null null\n7: null null\nmistyped 5\n");
}

TEST_CASE("bools in CSV are words or digits") {
    CHECK(decode_csv(columns({"a: bool", "b: bool"}), "a,b\nTRUE,false\n1,0\nyes,2\n") ==
          "2: true false\n3: true false\n4: null null\nmistyped 2\n");
}

TEST_CASE("an empty CSV field is null and not counted") {
    CHECK(decode_csv(columns({"a: int", "b: string", "c: string"}), "a,b,c\n,,\"\"\n") == "2: null null null\n");
}

TEST_CASE("quotes hold commas, line breaks and doubled quotes") {
    CHECK(decode_csv(columns({"a: string", "b: string"}),
                     "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",z\r\n\"\"\"\",\"a\r\nb\"\r\nlast,row") ==
          "2: \"x,y\" \"say \\\"hi\\\"\"\n3: \"two\\nlines\" \"z\"\n5: \"\\\"\" \"a\\r\\nb\"\n7: \"last\" \"row\"\n");
}

TEST_CASE("a quote that opens no field is a character") {
    CHECK(decode_csv(columns({"a: string", "b: string"}), "a,b\n5\" tall,x\ny,z\"\n") ==
          "2: \"5\\\" tall\" \"x\"\n3: \"y\" \"z\\\"\"\n");
}

TEST_CASE("a bad CSV record is told with its reason, and the next one is read") {
    CHECK(decode_csv(columns({"a: int", "b: int"}), std::string("a,b\n1,2\n\"3\"x,4\n5\n6,7,8\n\xff,9\n") +
                                                        std::string("1\0,2\n", 5) + "10,11\n12,\"13\n14,15\n") ==
          "2: 1 2\n3! text behind a closing quote\n4! it has 1 fields, the header 2\n5! it has 3 fields, the header 2\n"
          "6! invalid UTF-8\n7! a NUL byte\n8: 10 11\n9! a quote is not closed\n10: 14 15\n");
}

TEST_CASE("a CSV record may be as long as the limit and no longer") {
    Limits limits;
    limits.record_bytes = 3;
    CHECK(decode_csv(columns({"a: int"}), "a,b\n1,2\r\n10,2\n3,4", limits) == "2: 1\n3! longer than 3 bytes\n4: 3\n");
}

TEST_CASE("blank lines, a byte order mark and CRLF are no CSV records") {
    CHECK(decode_csv(columns({"a: int"}), "\xef\xbb\xbf\"a\",b\r\n\r\n1,2\r\n  \n3,4\r\n") == "3: 1\n5: 3\n");
    CHECK(decode_csv(columns({"a: int"}), "a\n").empty());
    CHECK(decode_csv(columns({"a: int"}), "").empty());
}

TEST_CASE("of two CSV columns with one name the first counts") {
    CHECK(decode_csv(columns({"a: int"}), "a,a\n1,2\n,4\n") == "2: 1\n3: null\n");
}

TEST_CASE("header fields place a CSV record") {
    Decoder decoder(Format::csv, columns({"a: int"}), {});
    Block block = make_block("Login,p1,17,login,1\n,,,,2\nS,3,x,t,3\n", 2);
    block.csv_header = std::make_shared<const CsvHeader>(parse_csv_header("$stream,$partition,$offset,type,a"));
    const Batch batch = decoder.decode(InputId{0}, block);
    REQUIRE(batch.rows() == 2);
    CHECK(batch.header(0).stream == "Login");
    CHECK(batch.header(0).partition == "p1");
    CHECK(batch.header(0).offset == 17);
    CHECK(batch.header(0).type == "login");
    CHECK(batch.header(1).partition == "0");
    CHECK(batch.header(1).offset == 3);
    REQUIRE(batch.errors().size() == 1);
    CHECK(batch.errors()[0].reason == "$offset is not a whole number from 0");
}

TEST_CASE("one CSV record can be decoded by itself") {
    Decoder decoder(Format::csv, columns({"b: string"}), {});
    const CsvHeader header{"a", "b"};
    const Batch batch = decoder.decode_record(InputId{0}, "1,\"x\ny\"", std::make_shared<const CsvHeader>(header));
    REQUIRE(batch.rows() == 1);
    CHECK(batch.column(ColumnId{0}).value(0).as_string() == "x\ny");
}

TEST_CASE("where a CSV record ends is known only when its quotes are closed") {
    CHECK(csv_record_length("a,b\nc") == 4);
    CHECK(csv_record_length("\"a\nb\",c\r\nd") == 9);
    CHECK(csv_record_length("a\"b\nc\"d\n") == 4);
    CHECK_FALSE(csv_record_length("a,b").has_value());
    CHECK_FALSE(csv_record_length("\"a\nb\n").has_value());
    CHECK_FALSE(csv_record_length("").has_value());
}
