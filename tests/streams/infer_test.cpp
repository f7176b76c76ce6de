#include "support/test.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <tocsin/streams/infer.hpp>

using namespace tocsin;
using namespace tocsin::streams;
namespace fs = std::filesystem;

namespace {

std::string inferred(const std::string& name, const std::string& text, const InferOptions& options = {}) {
    const fs::path path = fs::temp_directory_path() / ("tocsin-infer-" + std::to_string(getpid()) + "-" + name);
    std::ofstream(path, std::ios::binary) << text;
    auto out = infer({name, path.string()}, options);
    fs::remove(path);
    return out ? *out : "error: " + out.error().message;
}

}  // namespace

TEST_CASE("types, time and slack are inferred from records") {
    CHECK(inferred("web-log.ndjson",
                   R"({"ts":"2026-11-23T10:00:00Z","n":1,"x":2.5,"y":1,"ok":true,"a":"10.0.0.1","d":"5m","s":"text"}
{"ts":"2026-11-23T10:00:08Z","n":2,"x":3,"y":1.5,"ok":false,"a":"::1","d":"30s","s":"5m"}
{"ts":"2026-11-23T10:00:00.5Z","n":null,"x":3,"s":"x"}
)") == "stream WebLog(ts: time, n: int, x: float, y: float, ok: bool, a: ip, d: duration, s: string)\n"
       "  time  ts\n"
       "  slack 10s\n");
}

TEST_CASE("objects become paths and odd names are quoted") {
    CHECK(inferred("a.ndjson",
                   R"({"time":1490620016,"a":{"x":1,"b":{"c":"z"}},"@version":1,"in":2,"9lives":3,"tags":[1],"$offset":5})") ==
          "# an array, which no field can hold: \"tags\"\n"
          "stream A(time: time, a.x: int, a.b.c: string, `@version`: int, `in`: int, `9lives`: int)\n"
          "  time  time s\n");
}

TEST_CASE("the unit of a number is seen from its size") {
    const auto unit = [](const std::string& number) {
        const std::string text = inferred("a.ndjson", "{\"ts\":" + number + "}\n");
        const std::size_t time = text.find("  time  ");
        return time == std::string::npos ? "none" : text.substr(time + 8, text.size() - time - 9);
    };
    CHECK(unit("1490620016") == "ts s");
    CHECK(unit("1490620016.5") == "ts s");
    CHECK(unit("1490620016000") == "ts");
    CHECK(unit("1490620016000000") == "ts us");
    CHECK(unit("1490620016000000000") == "ts ns");
    CHECK(unit("17") == "none");
}

TEST_CASE("slack is measured within a partition, in the field's own unit") {
    CHECK(inferred("a.ndjson",
                   "{\"$partition\":\"p\",\"ts\":1490620100000}\n{\"$partition\":\"q\",\"ts\":1490620000000}\n"
                   "{\"$partition\":\"p\",\"ts\":1490620099000}\n") == "stream A(ts: time)\n  time  ts\n  slack 1s\n");
}

TEST_CASE("values of type that have different fields are streams") {
    CHECK(inferred("a.ndjson", R"({"type":"log_in","ts":"2026-11-23T10:00:00Z","user":"ann"}
{"type":"Order","ts":"2026-11-23T10:00:01Z","total":5}
)") == "stream Order(type: string, ts: time, total: int)\n"
       "  time  ts\n"
       "\n"
       "stream LogIn(type: string, ts: time, user: string)\n"
       "  time  ts\n"
       "  where type = \"log_in\"\n");
}

TEST_CASE("values of type with the same fields, or too many of them, are one stream") {
    CHECK(inferred("a.ndjson", "{\"type\":\"x\",\"ts\":1490620016000}\n{\"type\":\"y\",\"ts\":1490620016000}\n") ==
          "stream A(type: string, ts: time)\n  time  ts\n");
    std::string many;
    for (int i = 0; i < 51; ++i) {
        many += "{\"type\":\"t" + std::to_string(i) + "\",\"f" + std::to_string(i) + "\":1}\n";
    }
    const std::string text = inferred("a.ndjson", many);
    CHECK(text.find("stream A(") != std::string::npos);
    CHECK(text.find("stream T0(") == std::string::npos);
}

TEST_CASE("$stream names the streams, and needs no condition") {
    CHECK(inferred("a.ndjson", R"({"$stream":"Login","type":"x","user":"ann"}
{"$stream":"log out","type":"y"}
{"$watermark":{"stream":"Login","ts":0}}
)") == "# no field looks like the time of an event: name one with `time`\n"
       "stream Login(type: string, user: string)\n"
       "\n"
       "# no field looks like the time of an event: name one with `time`\n"
       "stream `log out`(type: string)\n");
}

TEST_CASE("a field of several types is declared as the most frequent, and said to be mixed") {
    CHECK(inferred("a.ndjson",
                   "{\"ts\":1490620016000,\"v\":1}\n{\"ts\":1490620016000,\"v\":2}\n{\"ts\":1490620016000,\"v\":\"x\"}\n") ==
          "# not always of this type: \"v\"\nstream A(ts: time, v: int)\n  time  ts\n");
}

TEST_CASE("CSV is inferred from its texts") {
    CHECK(
        inferred("m.csv", "timestamp,value,ip addr,ok,note\n1490620016,1.5,10.0.0.1,true,\n1490620010,2,10.0.0.2,false,x\n") ==
        "stream M(timestamp: time, value: float, `ip addr`: ip, ok: bool, note: string)\n"
        "  time  timestamp s\n"
        "  slack 10s\n");
}

TEST_CASE("only as many records as asked for are looked at, and unreadable ones are passed over") {
    InferOptions options;
    options.max_records = 2;
    CHECK(inferred("a.ndjson", "nonsense\n{\"a\":1}\n{\"a\":2}\n{\"a\":\"x\",\"b\":1}\n", options) ==
          "# no field looks like the time of an event: name one with `time`\nstream A(a: int)\n");
    CHECK(inferred("a.ndjson", "") == "# no record could be read\n");
    CHECK(infer({"a", "/nowhere/a"}, {}).error().message == "/nowhere/a: No such file or directory");
}

namespace {

InferredTimes times_of(const std::string& text) {
    const std::vector<event::Block> blocks{event::make_block(text, 1)};
    return infer_time(blocks, event::Format::ndjson, {});
}

}  // namespace

TEST_CASE("the time of records alone is that of their declaration, with its unit") {
    const InferredTimes numbers = times_of("{\"a\":{\"ts\":1490620016},\"n\":5}\nnonsense\n{\"a\":{\"ts\":1490620017}}\n");
    CHECK(numbers.records == 2);
    REQUIRE(numbers.time);
    CHECK(numbers.time->path == std::vector<std::string>{"a", "ts"});
    CHECK(numbers.time->unit == TimeUnit::s);
    const InferredTimes text = times_of(R"({"when":"2026-11-23T10:00:00+05:30"})");
    REQUIRE(text.time);
    CHECK(text.time->path == std::vector<std::string>{"when"});
    CHECK_FALSE(text.time->unit.has_value());
    CHECK_FALSE(times_of("{\"n\":5}\n").time.has_value());
    CHECK(times_of("nonsense\n").records == 0);
}

TEST_CASE("a time in RFC 3339 may have any offset, and its disorder is that of the instants") {
    CHECK(inferred("a.ndjson", R"({"at":"2026-11-23T12:00:00+02:00"}
{"at":"2026-11-23T04:59:30.5-05:00"}
{"at":"2026-11-23 15:30:10+05:30"}
)") == "stream A(at: time)\n  time  at\n  slack 30s\n");
}

TEST_CASE("a number that is the time may run backwards in any unit, and the slack is a duration") {
    for (const auto& [zeros, unit] :
         std::vector<std::pair<std::string, std::string>>{{"", " s"}, {"000", ""}, {"000000", " us"}, {"000000000", " ns"}}) {
        INFO(unit);
        CHECK(inferred("a.ndjson", "{\"ts\":1490620016" + zeros + "}\n{\"ts\":1490620013" + zeros + "}\n") ==
              "stream A(ts: time)\n  time  ts" + unit + "\n  slack 5s\n");
    }
}

TEST_CASE("a number inside an object can be the time, but one outside is rather") {
    CHECK(inferred("a.ndjson", R"({"id":1,"payload":{"ts_ms":1490620016000,"op":"c"}})") ==
          "stream A(id: int, payload.ts_ms: time, payload.op: string)\n  time  payload.ts_ms\n");
    CHECK(inferred("a.ndjson", R"({"payload":{"ts":1490620016},"ts":1490620017})") ==
          "stream A(payload.ts: int, ts: time)\n  time  ts s\n");
}
