// The processor over a store that tests can hold up, fill and break.
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>

#include <tocsin/event/decode.hpp>
#include <tocsin/service/processor.hpp>

#include "service/serving.hpp"

namespace tocsin::test {
namespace {

using service::Ingest;
using service::Processor;
using service::Taken;
using state::Commit;

/// Holds commits in memory. What endpoints do is not asked of it here.
class MemoryStore final : public state::Store {
public:
    std::atomic<std::uint64_t> free{std::uint64_t{1} << 40};
    std::atomic<bool> broken{false};

    [[nodiscard]] std::vector<Commit> commits() const {
        const std::lock_guard lock(mutex_);
        return commits_;
    }
    void hold() { set_held(true); }
    void release() { set_held(false); }
    /// A commit waits for release().
    [[nodiscard]] bool waits() const {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

    [[nodiscard]] Result<state::Position> position() const override {
        return commits_.empty() ? state::Position{} : commits_.back().position;
    }
    [[nodiscard]] Result<void> commit(const Commit& commit) override {
        std::unique_lock lock(mutex_);
        waiting_ = held_;
        changed_.wait(lock, [&] { return !held_; });
        waiting_ = false;
        if (broken) {
            return fail(Errc::io, "no more");
        }
        commits_.push_back(commit);
        return {};
    }
    [[nodiscard]] Result<void> each_chunk(const std::function<Result<void>(const state::Chunk&)>& visit) const override {
        for (const Commit& commit : commits_) {
            for (const state::Chunk& chunk : commit.chunks) {
                if (const auto visited = visit(chunk); !visited) {
                    return visited;
                }
            }
        }
        return {};
    }
    [[nodiscard]] Result<void> each_chunk_from(std::uint64_t sequence,
                                               const std::function<Result<void>(const state::Chunk&)>& visit) const override {
        return each_chunk(
            [&](const state::Chunk& chunk) { return chunk.sequence >= sequence ? visit(chunk) : Result<void>{}; });
    }
    [[nodiscard]] Result<std::uint64_t> first_since(std::int64_t) const override { return unasked(); }
    [[nodiscard]] Result<void> each_deployment(const std::function<Result<void>(const state::Deployment&)>&) const override {
        return unasked();
    }
    [[nodiscard]] Result<std::optional<state::Deployment>> deployment(std::uint64_t) const override { return unasked(); }
    [[nodiscard]] Result<bool> shown_in_shadow(std::uint64_t, std::string_view) const override { return false; }
    [[nodiscard]] Result<std::uint32_t> shown(std::uint64_t alert, std::string_view op) const override {
        std::uint32_t count = 0;
        for (const Commit& commit : commits_) {
            for (const state::OutboxRow& row : commit.rows) {
                count += row.alert == alert && row.op == op ? 1U : 0U;
            }
        }
        return count;
    }
    [[nodiscard]] Result<std::uint64_t> size_bytes() const override { return 0; }
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override { return free.load(); }

    [[nodiscard]] Result<std::optional<state::OutboxRow>> row(std::uint64_t) const override { return unasked(); }
    [[nodiscard]] Result<void> each_row(const std::function<Result<void>(const state::OutboxRow&)>&) const override {
        return unasked();
    }
    [[nodiscard]] Result<std::vector<state::Delivery>> pending(std::string_view, std::uint64_t, std::size_t) const override {
        return unasked();
    }
    [[nodiscard]] Result<std::uint64_t> pending_count(std::string_view) const override { return unasked(); }
    [[nodiscard]] Result<std::vector<std::string>> endpoints_with_pending() const override { return unasked(); }
    [[nodiscard]] Result<void> writable() const override { return unasked(); }
    [[nodiscard]] Result<void> delivered(std::string_view, const std::vector<std::uint64_t>&,
                                         std::optional<std::string>) override {
        return unasked();
    }
    [[nodiscard]] Result<void> postpone(const state::Delivery&) override { return unasked(); }
    [[nodiscard]] Result<void> give_up(const state::DeadLetter&) override { return unasked(); }
    [[nodiscard]] Result<std::string> note(std::string_view) const override { return unasked(); }
    [[nodiscard]] Result<std::vector<state::DeadLetter>> dead_letters() const override { return unasked(); }
    [[nodiscard]] Result<void> redrive(std::string_view, std::uint64_t) override { return unasked(); }

private:
    static tl::unexpected<Error> unasked() { return fail(Errc::unsupported, "not asked of this store"); }
    void set_held(bool held) {
        {
            const std::lock_guard lock(mutex_);
            held_ = held;
        }
        changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool held_{false};
    bool waiting_{false};
    std::vector<Commit> commits_;
};

struct Processing {
    explicit Processing(MemoryStore& where, const std::string& rules = kLoginRules, std::uint64_t queue_bytes = 1U << 20)
        : program(compile(rules)), processor(make(where, queue_bytes)) {}

    Processor make(MemoryStore& where, std::uint64_t queue_bytes) {
        service::ProcessorOptions options;
        options.queue_bytes = queue_bytes;
        options.min_free = 1000;
        options.clock = [this] { return delivery::WallTime(std::chrono::seconds(1'800'000'000)) + clock_offset.load(); };
        options.endpoints = {"hook"};
        options.announce = [this](const std::vector<std::uint64_t>& rows) {
            announced.insert(announced.end(), rows.begin(), rows.end());
        };
        auto made = Processor::create(program, where, std::move(options));
        INFO((made ? "" : made.error().message));
        REQUIRE(made.has_value());
        return std::move(*made);
    }
    /// False where the queue is full.
    bool submit(const std::string& lines) {
        event::Decoder decoder(event::Format::ndjson, program->projection, {});
        return processor.submit(
            {"events", decoder.decode(event::InputId{0}, event::make_block(lines, 1)), lines, [this](const Taken& taken) {
                 const std::lock_guard lock(mutex);
                 answers.push_back(taken);
             }});
    }
    [[nodiscard]] std::vector<Taken> wait_for(std::size_t count) {
        REQUIRE(eventually([&] {
            const std::lock_guard lock(mutex);
            return answers.size() >= count;
        }));
        const std::lock_guard lock(mutex);
        return answers;
    }

    std::atomic<delivery::Millis> clock_offset{delivery::Millis(0)};
    std::shared_ptr<const plan::Program> program;
    std::vector<std::uint64_t> announced;  // on the processor's thread; read after stop()
    std::mutex mutex;
    std::vector<Taken> answers;
    Processor processor;
};

TEST_CASE("nothing is said to be taken before its commit is done, and what waits meanwhile is one commit") {
    MemoryStore store;
    Processing p(store);
    store.hold();
    REQUIRE(p.submit(login("ann", false, 0)));
    REQUIRE(eventually([&] { return store.waits(); }));
    for (int i = 1; i < 6; ++i) {
        REQUIRE(p.submit(login("ann", false, i)));
    }
    {
        const std::lock_guard lock(p.mutex);
        CHECK(p.answers.empty());
    }
    store.release();
    const std::vector<Taken> answers = p.wait_for(6);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        CHECK(answers[i].outcome == Taken::Outcome::taken);
        CHECK(answers[i].first == i + 1);
    }
    REQUIRE(store.commits().size() == 3);  // the first is that of the start: new rules
    CHECK(store.commits()[2].chunks.size() == 5);
    CHECK(store.commits()[2].position.records == 6);
}

TEST_CASE("a full queue takes nothing more, and says so at once") {
    MemoryStore store;
    Processing p(store, kLoginRules, 150);
    store.hold();
    REQUIRE(p.submit(login("ann", false, 0)));
    REQUIRE(eventually([&] { return store.waits(); }));
    std::size_t queued = 0;
    while (queued < 10 && p.submit(login("ann", false, 1))) {
        ++queued;
    }
    CHECK(queued == 2);
    store.release();
    CHECK(p.wait_for(1 + queued).back().outcome == Taken::Outcome::taken);
    CHECK(p.submit(std::string(100, ' ') + login("ann", false, 2)));  // larger than what is left, and the queue is empty
}

TEST_CASE("while the disk is too full nothing is taken, and it goes on by itself") {
    MemoryStore store;
    Processing p(store);
    store.free = 999;
    REQUIRE(p.submit(login("ann", false, 0)));
    CHECK(p.wait_for(1)[0].outcome == Taken::Outcome::no_room);
    CHECK_FALSE(p.processor.has_room());
    store.free = 1000;
    REQUIRE(p.submit(login("ann", false, 0)));
    const Taken taken = p.wait_for(2)[1];
    CHECK(taken.outcome == Taken::Outcome::taken);
    CHECK(taken.first == 1);
}

TEST_CASE("after a commit that failed nothing is acknowledged any more") {
    MemoryStore store;
    Processing p(store);
    REQUIRE(p.submit(login("ann", false, 0)));
    static_cast<void>(p.wait_for(1));
    store.broken = true;
    REQUIRE(p.submit(login("ann", false, 1)));
    CHECK(p.wait_for(2)[1].outcome == Taken::Outcome::failed);
    store.broken = false;
    REQUIRE(p.submit(login("ann", false, 2)));
    CHECK(p.wait_for(3)[2].outcome == Taken::Outcome::failed);
    REQUIRE(p.processor.failure().has_value());
    CHECK(p.processor.failure()->message == "no more");
    CHECK(store.commits().back().position.records == 1);
}

TEST_CASE("where the disk is too full, or the store fails, the rules in force stay") {
    MemoryStore store;
    Processing p(store);
    const auto in_force = p.processor.in_force();
    const auto error_of_swap = [&] {
        std::promise<std::string> error;
        auto engine =
            service::RuleEngine::create({compile(kLoginRules), in_force->inputs}, {1, {}, [] { return delivery::WallTime{}; }});
        REQUIRE(engine.has_value());
        REQUIRE(p.processor.swap({std::move(*engine), {}, [&](service::Swapped swapped) {
                                      error.set_value(swapped.outcome ? "" : swapped.outcome.error().message);
                                  }}));
        return error.get_future().get();
    };
    store.free = 999;
    CHECK(error_of_swap() == "the disk of the store is too full");
    CHECK_FALSE(p.processor.failure().has_value());
    store.free = 1000;
    store.broken = true;
    CHECK(error_of_swap() == "no more");
    CHECK(p.processor.failure().has_value());
    store.broken = false;
    CHECK(error_of_swap() == "no more");
    CHECK(p.processor.in_force() == in_force);
    CHECK(store.commits().size() == 1);  // that of the start
}

TEST_CASE("an alert is committed with the record that caused it, and announced after that") {
    MemoryStore store;
    {
        Processing p(store);
        REQUIRE(p.submit(login("ann", false, 0) + login("ann", false, 1) + login("ann", true, 2)));
        REQUIRE(p.submit(login("end", true, 3)));
        static_cast<void>(p.wait_for(2));
        p.processor.stop();
        CHECK(p.announced == std::vector<std::uint64_t>{1});
    }
    const std::vector<Commit> commits = store.commits();
    const Commit& last = commits.back();
    REQUIRE(last.rows.size() == 1);
    CHECK(last.rows[0].rule == "guessed");
    CHECK(last.endpoints == std::vector<std::string>{"hook"});
    CHECK(last.position.rows == 1);
}

TEST_CASE("alerts of shadow rules are kept and not announced") {
    MemoryStore store;
    std::string rules = kLoginRules;
    rules.insert(rules.find("  when"), "  mode shadow\n");
    Processing p(store, rules);
    REQUIRE(p.submit(login("ann", false, 0) + login("ann", false, 1) + login("ann", true, 2) + login("end", true, 3)));
    static_cast<void>(p.wait_for(1));
    p.processor.stop();
    CHECK(p.announced.empty());
    REQUIRE(store.commits().back().rows.size() == 1);
    CHECK(store.commits().back().rows[0].shadow);
}

TEST_CASE("an alert that was taken back and comes again is a second row with the same id and the next ordinal") {
    MemoryStore store;
    const std::string rules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts
  slack 1m
rule pair
  when   a: Login[ok = false] => b: Login[ok = true]
  by     user
  within 5m
  emit   early
)";
    Processing p(store, rules);
    // The match is broken by a record that comes late, and that one is no news when it comes again.
    REQUIRE(p.submit(login("ann", false, 0) + login("ann", true, 10)));
    REQUIRE(p.submit(login("ann", true, 5)));
    static_cast<void>(p.wait_for(2));
    p.processor.stop();
    std::vector<std::string> ids;
    for (const Commit& commit : store.commits()) {
        for (const state::OutboxRow& row : commit.rows) {
            ids.push_back(state::delivery_id(row));
        }
    }
    REQUIRE(ids.size() == 3);
    CHECK_THAT(ids[0], Catch::EndsWith(".alert"));
    CHECK_THAT(ids[1], Catch::EndsWith(".retract"));
    CHECK_THAT(ids[2], Catch::EndsWith(".alert"));
    CHECK(ids[0].substr(0, 16) == ids[1].substr(0, 16));
    CHECK(ids[0] != ids[2]);
}

/// What was stored of alerts, over all commits.
std::vector<std::string> bodies_of(const MemoryStore& store) {
    std::vector<std::string> bodies;
    for (const Commit& commit : store.commits()) {
        for (const state::OutboxRow& row : commit.rows) {
            bodies.push_back(row.body);
        }
    }
    return bodies;
}

std::string with_offset(std::string record, int offset) { return record.insert(1, fmt::format("\"$offset\":{},", offset)); }

TEST_CASE("records that come again cause nothing a second time, however many do") {
    const auto run = [](unsigned repeated_of_hundred) {
        MemoryStore store;
        Processing p(store);
        std::mt19937 random(20261123);
        std::vector<std::string> sent;
        std::size_t submitted = 0;
        for (int i = 0; i < 300; ++i) {
            sent.push_back(with_offset(login(fmt::format("u{}", i % 5), i % 4 == 3, i), i + 1));
            std::string lines = sent.back();
            for (std::size_t back = 1; back <= std::min<std::size_t>(sent.size(), 20); ++back) {
                lines += random() % 100 < repeated_of_hundred ? sent[sent.size() - back] : "";
            }
            REQUIRE(p.submit(lines));
            static_cast<void>(p.wait_for(++submitted));
        }
        p.processor.stop();
        return bodies_of(store);
    };
    const std::vector<std::string> once = run(0);
    REQUIRE(once.size() > 20);
    CHECK(run(1) == once);
    CHECK(run(30) == once);
}

TEST_CASE("a wall clock that jumps by hours changes nothing of what events cause") {
    const std::string rules = R"(stream Login(user: string, ok: bool, ts: time)
  time ts
rule quiet
  when   a: Login[ok = true] -> not Login within 20s
  by     user
rule many
  window 1m on Login by user
  where  count() >= 2
)";
    const auto run = [&](bool jumps) {
        MemoryStore store;
        Processing p(store, rules);
        for (int i = 0; i < 200; ++i) {
            p.clock_offset = std::chrono::hours(jumps ? (i % 3 - 1) * 2 : 0);
            REQUIRE(p.submit(login(fmt::format("u{}", i % 5), i % 4 == 3, 7 * i)));
            static_cast<void>(p.wait_for(static_cast<std::size_t>(i) + 1));
        }
        p.processor.stop();
        return bodies_of(store);
    };
    const std::vector<std::string> steady = run(false);
    REQUIRE(steady.size() > 20);
    CHECK(run(true) == steady);
}

TEST_CASE("a log that does not give what is stored is refused with what to do") {
    MemoryStore store;
    {
        Processing p(store);
        REQUIRE(p.submit(login("ann", false, 0) + login("ann", false, 1) + login("ann", true, 2) + login("end", true, 3)));
        static_cast<void>(p.wait_for(1));
        p.processor.stop();
    }
    Commit damaged;
    damaged.position = store.position().value();
    damaged.position.digest += 1;
    REQUIRE(store.commit(damaged).has_value());
    service::ProcessorOptions options;
    options.clock = [] { return delivery::WallTime{}; };
    const auto made = Processor::create(compile(kLoginRules), store, std::move(options));
    REQUIRE_FALSE(made.has_value());
    CHECK_THAT(made.error().message, Catch::Contains("the store is damaged") && Catch::Contains("Restore it from a backup"));
}

}  // namespace
}  // namespace tocsin::test
