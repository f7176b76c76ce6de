#include <tocsin/event/decode.hpp>

#include "idle_watch.hpp"
#include "support/replay.hpp"
#include "support/test.hpp"

namespace tocsin::service {
namespace {

using delivery::Millis;
using delivery::WallTime;

constexpr const char* kRules = R"(stream A(k: string, ts: time)
  time ts
  idle 10s
stream B(k: string, ts: time)
  time ts
  from "other"
  idle 20s
stream C(k: string, ts: time)
  time ts
rule r
  when   a: A and b: B and c: C
  by     k
  within 1m
)";

WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'800'000'000 + seconds)); }

engine::Engine make_engine(const std::shared_ptr<const plan::Program>& program) {
    engine::Options options;
    options.inputs = {{"events"}, {"other"}};
    return engine::Engine::create(program, std::move(options)).value();
}

struct Watched {
    std::shared_ptr<const plan::Program> program = test::compile(kRules);
    engine::Engine engine = make_engine(program);
    IdleWatch watch{*program, {"events", "other"}, at(0)};

    void hear(const std::string& lines, int seconds) {
        event::Decoder decoder(event::Format::ndjson, program->projection, {});
        watch.hear(engine.prepare(decoder.decode(event::InputId{0}, event::make_block(lines, 1))), at(seconds));
    }
};

TEST_CASE("a partition is idle when it was not heard for its stream's time, once, until it is heard again") {
    Watched w;
    w.hear(R"({"$stream":"A","$partition":"p","ts":1})"
           "\n"
           R"({"$stream":"C","ts":1})",
           3);
    CHECK(w.watch.next() == at(13));
    CHECK(w.watch.take_idle(at(12)).empty());
    const auto idle = w.watch.take_idle(at(13));
    CHECK(idle == std::map<std::string, std::string>{{"events", "{\"$idle\":{\"stream\":\"A\",\"partition\":\"p\"}}\n"}});
    CHECK(w.watch.take_idle(at(14)).empty());
    // B is known by its `from`, and was not heard since the start.
    CHECK(w.watch.next() == at(20));
    CHECK(w.watch.take_idle(at(20)) ==
          std::map<std::string, std::string>{{"other", "{\"$idle\":{\"stream\":\"B\",\"partition\":\"0\"}}\n"}});
    CHECK_FALSE(w.watch.next().has_value());
    w.hear(R"({"$watermark":{"stream":"A","partition":"p","ts":5}})", 30);
    CHECK(w.watch.next() == at(40));
}

TEST_CASE("a partition that said itself that it is idle needs no second word") {
    Watched w;
    w.hear(R"({"$idle":{"stream":"A","partition":"p"}})", 1);
    CHECK(w.watch.next() == at(20));
}

TEST_CASE("what could not be kept is given again") {
    Watched w;
    w.hear(R"({"$stream":"A","ts":1})", 0);
    CHECK(w.watch.take_idle(at(30)).size() == 2);
    w.watch.retry(at(30));
    CHECK(w.watch.next() == at(40));
    CHECK(w.watch.take_idle(at(50)).size() == 2);
}

}  // namespace
}  // namespace tocsin::service
