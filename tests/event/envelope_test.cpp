// Rows of tables out of envelopes of change data capture.

#include "decode_text.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using Of = event::ColumnSpec::Of;

event::Projection of_rows(std::initializer_list<std::string_view> texts) {
    event::Projection projection = columns(texts);
    for (event::ColumnSpec& spec : projection) {
        spec.of = Of::row;
    }
    return projection;
}

struct Decoded {
    std::string text;
    bool deletes;
    std::string type;
};

Decoded decoded(event::Projection projection, const std::string& record) {
    event::Decoder decoder(event::Format::ndjson, std::move(projection), {});
    const event::Batch batch = decoder.decode(event::InputId{0}, event::make_block(record + "\n", 1));
    REQUIRE(batch.rows() == 1);
    return {as_text(batch), batch.header(0).deletes, std::string(batch.header(0).type)};
}

Decoded row(const std::string& record) { return decoded(of_rows({"id: int", "name: string"}), record); }

TEST_CASE("a row without an envelope is the record itself") {
    CHECK(row(R"({"id":1,"name":"ann"})").text == "1: 1 \"ann\"\n");
    CHECK_FALSE(row(R"({"id":1})").deletes);
    CHECK(row(R"({"$op":"delete","id":1})").deletes);
}

TEST_CASE("the row of an envelope is what stands after the change") {
    for (const char* op : {"c", "u", "r"}) {
        const Decoded made =
            row(R"({"before":{"id":9,"name":"old"},"after":{"id":1,"name":"ann"},"op":")" + std::string(op) + "\"}");
        CHECK(made.text == "1: 1 \"ann\"\n");
        CHECK_FALSE(made.deletes);
    }
}

TEST_CASE("the order of an envelope's fields means nothing") {
    CHECK(row(R"({"op":"d","before":{"name":"ann","id":1},"after":null})").text ==
          row(R"({"after":null,"before":{"id":1,"name":"ann"},"op":"d"})").text);
}

TEST_CASE("a delete has the row as it was before, or its key at least") {
    const Decoded whole = row(R"({"before":{"id":1,"name":"ann"},"after":null,"op":"d"})");
    CHECK(whole.text == "1: 1 \"ann\"\n");
    CHECK(whole.deletes);
    CHECK(row(R"({"before":{"id":1},"op":"d"})").text == "1: 1 null\n");
}

TEST_CASE("an envelope can stand in a payload, with or without its schema") {
    const Decoded made =
        row(R"({"schema":{"name":"x","after":3},"payload":{"before":null,"after":{"id":1,"name":"ann"},"op":"c"}})");
    CHECK(made.text == "1: 1 \"ann\"\n");
    const Decoded gone = row(R"({"schema":null,"payload":{"before":{"id":1},"after":null,"op":"d"}})");
    CHECK(gone.text == "1: 1 null\n");
    CHECK(gone.deletes);
}

TEST_CASE("a field that the row lacks is null, also if the envelope has one of that name") {
    CHECK(decoded(of_rows({"id: int", "op: string"}), R"({"op":"c","after":{"id":1}})").text == "1: 1 null\n");
    CHECK(decoded(of_rows({"id: int", "op: string"}), R"({"op":"c","after":{"id":1,"op":"buy"}})").text == "1: 1 \"buy\"\n");
}

TEST_CASE("what stands around the row can be declared beside it") {
    const event::Projection fields = of_rows({"id: int", "source.db: string", "ts_ms: int"});
    CHECK(decoded(fields, R"({"op":"c","after":{"id":1},"source":{"db":"shop"},"ts_ms":5})").text == "1: 1 \"shop\" 5\n");
    CHECK(decoded(fields, R"({"payload":{"op":"c","after":{"id":1},"source":{"db":"shop"},"ts_ms":5}})").text ==
          "1: 1 \"shop\" 5\n");
}

TEST_CASE("an envelope belongs to its table, unless its record says something else") {
    CHECK(row(R"({"op":"c","after":{"id":1},"source":{"table":"people"}})").type == "people");
    CHECK(row(R"({"payload":{"op":"c","after":{"id":1},"source":{"table":"people"}}})").type == "people");
    CHECK(row(R"({"type":"other","op":"c","after":{"id":1},"source":{"table":"people"}})").type == "other");
}

TEST_CASE("a record that is no envelope is not touched by what looks like one") {
    CHECK(row(R"({"id":1,"op":"c"})").text == "1: 1 null\n");
    CHECK(row(R"({"id":1,"after":{"id":2}})").text == "1: 1 null\n");
    CHECK(row(R"({"id":1,"op":7,"after":{"id":2}})").text == "1: 1 null\n");
    CHECK(row(R"({"id":1,"source":{"table":"people"}})").type.empty());
}

TEST_CASE("fields of the record are not those of the envelope's row") {
    event::Projection fields = columns({"id: int", "id: int"});
    fields[1].of = Of::row;
    CHECK(decoded(fields, R"({"id":7,"op":"c","after":{"id":1}})").text == "1: 7 1\n");
}

TEST_CASE("a row's value of another type is null and counted, on the side that counts") {
    CHECK(row(R"({"op":"c","before":{"id":"x"},"after":{"id":1}})").text == "1: 1 null\n");
    CHECK(row(R"({"op":"c","before":{"id":1},"after":{"id":"x"}})").text == "1: null null\nmistyped 1\n");
}

TEST_CASE("nothing of one envelope is left in the next") {
    CHECK(decode_ndjson(of_rows({"id: int", "name: string"}),
                        "{\"op\":\"c\",\"after\":{\"id\":1,\"name\":\"ann\"}}\n"
                        "{\"op\":\"c\",\"after\":{\"id\":2}}\n"
                        "{\"id\":3}\n") == "1: 1 \"ann\"\n2: 2 null\n3: 3 null\n");
}

// ---- the time of a row

std::string time_of(const std::string& path, const std::string& record) {
    event::Projection fields = columns({path + ": time"});
    fields[0].of = Of::row_time;
    return decoded(fields, record).text.substr(3, 26);
}

TEST_CASE("a row's own time counts before the envelope's") {
    CHECK(time_of("at", R"({"op":"u","after":{"at":1000},"source":{"ts_ms":2000},"ts_ms":3000})") ==
          "\"1970-01-01T00:00:01.000Z\"");
    CHECK(time_of("at", R"({"op":"u","after":{},"source":{"ts_ms":2000},"ts_ms":3000})") == "\"1970-01-01T00:00:02.000Z\"");
}

TEST_CASE("a row is deleted when the database says so, not when it was changed last") {
    CHECK(time_of("at", R"({"op":"d","before":{"at":1000},"after":null,"source":{"ts_ms":2000}})") ==
          "\"1970-01-01T00:00:02.000Z\"");
}

TEST_CASE("a database that does not know the time says 0: the envelope's own counts") {
    CHECK(time_of("ts_ms", R"({"payload":{"op":"r","after":{"id":1},"source":{"ts_ms":0},"ts_ms":3000}})") ==
          "\"1970-01-01T00:00:03.000Z\"");
    CHECK(time_of("ts_ms", R"({"op":"r","after":{"id":1},"ts_ms":3000})") == "\"1970-01-01T00:00:03.000Z\"");
}

TEST_CASE("a row without an envelope has its time in its field") {
    CHECK(time_of("at", R"({"at":1000,"ts_ms":3000})") == "\"1970-01-01T00:00:01.000Z\"");
    CHECK(time_of("ts_ms", R"({"ts_ms":3000})") == "\"1970-01-01T00:00:03.000Z\"");
}

}  // namespace
}  // namespace tocsin::test
