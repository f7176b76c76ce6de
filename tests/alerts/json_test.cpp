#include <tocsin/alerts/json.hpp>

#include "alerts/sample.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::alerts;

namespace {

std::string json(const Output& output) {
    std::string out;
    append_json(out, output);
    return out;
}

}  // namespace

TEST_CASE("an alert is one line of JSON with its members in the order of the reference") {
    CHECK(json(test::sample_alert()) ==
          R"({"id":"9f2c4be0c1d7a6e3","op":"alert","rule":"guessed_password","version":"5be10c44","severity":"high",)"
          R"("labels":{},"key":{"user":"ann"},"time":"2026-11-23T10:02:00.000Z","first":"2026-11-23T10:00:00.000Z",)"
          R"("last":"2026-11-23T10:02:00.000Z","events":{"f":[{"input":"auth.ndjson","partition":"0","offset":17,)"
          R"("fields":{"user":"ann","status":"fail"}}],"s":[{"input":"auth.ndjson","partition":"0","offset":20,)"
          R"("fields":{"user":"ann","status":"ok"}}]},"values":{},)"
          R"("text":"ann: 3 failures, then success from 10.0.0.7"})");
}

TEST_CASE("an alert of a window shows its bounds in place of events, of a sliding one with its event") {
    Alert alert = test::sample_alert();
    alert.steps.clear();
    alert.window = AlertWindow{alert.first, alert.last, std::nullopt};
    CHECK_THAT(json(alert), Catch::Contains(R"("last":"2026-11-23T10:02:00.000Z","window":["2026-11-23T10:00:00.000Z",)"
                                            R"("2026-11-23T10:02:00.000Z"],"values":{})"));
    alert.window->event = AlertPlace{"auth.ndjson", "0", 20};
    CHECK_THAT(json(alert), Catch::Contains(R"("2026-11-23T10:02:00.000Z"],"event":{"input":"auth.ndjson","partition":"0",)"
                                            R"("offset":20},"values":{})"));
}

TEST_CASE("ids and versions keep their leading zeros") {
    Alert alert = test::sample_alert();
    alert.id = 1;
    alert.version = 0;
    const std::string text = json(alert);
    CHECK_THAT(text, Catch::Contains(R"("id":"0000000000000001")"));
    CHECK_THAT(text, Catch::Contains(R"("version":"00000000")"));
}

TEST_CASE("the op of a retraction and of a correction is written") {
    Alert alert = test::sample_alert();
    alert.op = Op::retract;
    CHECK_THAT(json(alert), Catch::Contains(R"("op":"retract")"));
    alert.op = Op::correct;
    CHECK_THAT(json(alert), Catch::Contains(R"("op":"correct")"));
}

TEST_CASE("text that needs escaping stays valid JSON on one line") {
    Alert alert = test::sample_alert();
    alert.text = "say \"hi\"\nC:\\temp\x01";
    CHECK_THAT(json(alert), Catch::EndsWith(R"("text":"say \"hi\"\nC:\\temp\u0001"})"));
}

TEST_CASE("labels and values are written in the order given") {
    Alert alert = test::sample_alert();
    alert.labels = {{"team", "\"soc\""}, {"tier", "1"}};
    alert.values = {{"total", "12.5"}, {"who", "null"}};
    const std::string text = json(alert);
    CHECK_THAT(text, Catch::Contains(R"("labels":{"team":"soc","tier":1},"key")"));
    CHECK_THAT(text, Catch::Contains(R"("values":{"total":12.5,"who":null},"text")"));
}

TEST_CASE("a step that shows only its ends says how many events it left out") {
    Alert alert = test::sample_alert();
    alert.steps[0].omitted = 200;
    CHECK_THAT(json(alert), Catch::Contains(R"(]},"omitted":{"f":200},"values")"));
}

TEST_CASE("an alert of a shadow rule says so") {
    Alert alert = test::sample_alert();
    alert.shadow = true;
    CHECK_THAT(json(alert), Catch::EndsWith(R"(,"shadow":true})"));
}

TEST_CASE("a late record has the form of the reference") {
    CHECK(json(test::sample_late()) ==
          R"({"op":"late","stream":"Login","behind_ms":4200,"rules":["guessed_password"],)"
          R"("event":{"input":"auth.ndjson","partition":"0","offset":21,"fields":{"ts":"2026-11-23T10:01:00.000Z"}}})");
}
