// What random rules do not have, from saved states; and states that are not taken.
#include <random>

#include "engine/driver.hpp"

namespace tocsin::test {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kStreams = R"(
stream Pay(owner: string, amount: int, note: string, at: time)
  time at  slack 5s
table Owner(id: string, city: string, ts: time)
  key id
  time ts
table City(name: string, country: string, ts: time)
  key name
  time ts
view Place = Owner left join City on Owner.city = City.name
)";

Lines records(unsigned seed, int count) {
    std::mt19937 random(seed);
    const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Lines lines;
    for (int i = 0; i < count; ++i) {
        const int ts = 1000 * (i / 4) - 1000 * up_to(4);
        switch (up_to(10)) {
            case 0:
                lines.push_back(fmt::format(R"({{"$stream":"Owner","id":"u{}","city":"c{}","ts":{}{}}})", up_to(7), up_to(3),
                                            ts, up_to(4) == 0 ? R"(,"$op":"delete")" : ""));
                break;
            case 1:
                lines.push_back(
                    fmt::format(R"({{"$stream":"City","name":"c{}","country":"k{}","ts":{}}})", up_to(3), up_to(5), ts));
                break;
            default:
                lines.push_back(
                    fmt::format(R"({{"$stream":"Pay","owner":"u{}","amount":{},"note":"a longer note {}","at":{}}})", up_to(7),
                                up_to(6), up_to(20), ts));
        }
    }
    return lines;
}

void check_in_parts(const std::string& rules, std::size_t least_alerts) {
    const Lines lines = records(7, 1500);
    for (const auto& [threads, batch] : {std::pair<unsigned, std::size_t>{1, 3}, {8, 100}}) {
        INFO(threads << " threads, batches of " << batch);
        const EngineRun whole = run_engine(kStreams + rules, lines, threads, batch);
        const EngineRun parts = run_engine(kStreams + rules, lines, threads, batch, {}, Between::restored);
        CHECK(whole.problems == "");
        CHECK(parts.problems == "");
        CHECK(alerts_of(whole.output).size() >= least_alerts);
        const bool same = json_of(parts.output) == json_of(whole.output);
        CHECK(same);
    }
}

TEST_CASE("rules over rules, and what throttle holds back, go on from a saved state") {
    check_in_parts(
        "rule one when a: Pay[amount = 1] -> b: Pay[amount = 2] by owner within 5s lateness 30s return sum = a.amount + "
        "b.amount\n"
        "rule two when a: one -> b: one by owner within 60s lateness 30s\n"
        "rule seldom when a: Pay[amount = 3] by owner throttle 20s alert \"{owner}\"\n"
        "rule many window 60s on one by owner where count() >= 3 lateness 30s return n = count()\n",
        50);
}

TEST_CASE("look-ups in tables and views, and rules over their changes, go on from a saved state") {
    check_in_parts(
        "rule abroad lookup Place as s on s.Owner.id = owner when p: Pay[amount > 3 and s.City.country != \"k1\"] by owner "
        "lateness 20s\n"
        "rule moved when c: Owner[op = \"update\" and after.city != before.city] -> p: Pay by owner = Owner.after.id within "
        "30s\n",
        20);
}

TEST_CASE("every aggregate of every kind of window goes on from a saved state") {
    const std::string all =
        "return c = count(), s = sum(amount), a = avg(amount), d = stddev(amount), lo = min(note), hi = max(note), "
        "f = first(note), l = last(note), q = quantile(amount, 0.3), qa = quantile~(amount, 0.7), "
        "n = distinct(note), na = distinct~(note)";
    std::string rules;
    int number = 0;
    for (const char* const window : {"window 10s", "window 10s every 5s", "window sliding 10s", "window session 3s"}) {
        for (const char* const clause : {"", "lateness 20s", "emit early"}) {
            rules += fmt::format("rule w{} {} on Pay by owner where count() >= 2 {} {}\n", ++number, window, clause, all);
        }
    }
    check_in_parts(rules, 500);
}

TEST_CASE("a text that a run remembers is there in the engine that goes on") {
    check_in_parts(
        "rule same when a: Pay -> b: Pay[note = a.note and amount != a.amount] by owner within 60s\n"
        "rule longest when a: Pay{3,5} -> b: Pay[note > max(a.note)] by owner within 20s alert \"{b.note}\"\n"
        "rule skipped when a: Pay -> b: Pay[amount > a.amount] by owner within 20s skip past last\n",
        30);
}

const char* const kRule = "rule one when a: Pay[amount = 1] -> b: Pay[amount = 2] by owner within 5s\n";

engine::Options options_with(unsigned threads) {
    engine::Options options;
    options.inputs = {{"input", event::Format::ndjson}};
    options.threads = threads;
    return options;
}

struct Saved {
    std::shared_ptr<const plan::Program> program = compiled(std::string(kStreams) + kRule).program;
    std::string state;

    Saved() {
        auto engine = engine::Engine::create(program, options_with(1));
        REQUIRE(engine.has_value());
        event::Decoder decoder(event::Format::ndjson, program->projection, {});
        std::string text;
        for (const std::string& line : records(3, 40)) {
            text += line + "\n";
        }
        std::vector<alerts::Output> out;
        const auto batch = engine->prepare(decoder.decode(event::InputId{0}, event::make_block(std::move(text), 1)));
        engine->push(batch, 0, batch.rows(), out);
        state = engine->save();
    }
};

TEST_CASE("a state of other rules, inputs or threads is refused") {
    const Saved saved;
    CHECK(engine::Engine::restore(saved.program, options_with(1), saved.state).has_value());
    const auto refused = [&](const std::shared_ptr<const plan::Program>& program, const engine::Options& options) {
        const auto restored = engine::Engine::restore(program, options, saved.state);
        return !restored && restored.error().code == Errc::unsupported;
    };
    CHECK(refused(saved.program, options_with(2)));
    engine::Options other = options_with(1);
    other.inputs[0].name = "another";
    CHECK(refused(saved.program, other));
    CHECK(refused(
        compiled(std::string(kStreams) + "rule one when a: Pay[amount = 1] -> b: Pay[amount = 3] by owner within 5s\n").program,
        options_with(1)));
}

TEST_CASE("a state that is cut off, or has a bit that is not what it was, is refused") {
    const Saved saved;
    const auto code_of = [&](const std::string& bytes) {
        const auto restored = engine::Engine::restore(saved.program, options_with(1), bytes);
        return restored ? std::nullopt : std::optional(restored.error().code);
    };
    for (std::size_t size = 0; size < saved.state.size(); ++size) {
        CHECK(code_of(saved.state.substr(0, size)) == Errc::bad_data);
    }
    for (std::size_t byte = 0; byte < saved.state.size(); ++byte) {
        std::string flipped = saved.state;
        flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << (byte % 8)));
        CHECK(code_of(flipped) == Errc::bad_data);
    }
}

}  // namespace
}  // namespace tocsin::test
