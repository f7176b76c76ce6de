#include <tocsin/service/processor.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/alerts/json.hpp>

#include "checkpointer.hpp"
#include "deployment_plan.hpp"
#include "idle_watch.hpp"
#include "outbox_rows.hpp"

namespace tocsin::service {

namespace {

/// Records that go into one commit, at most (in bytes, but for the last ones).
constexpr std::size_t kCommitBytes = 8U << 20;
constexpr std::size_t kSmallCommitBytes = 128U << 10;
/// Said while the log is read at the start.
constexpr std::uint64_t kProgressEvery = 1'000'000;
/// The wall clock may be set while a time of it is waited for.
constexpr delivery::Millis kLongestWait = std::chrono::minutes(1);

/// Those that the rules name, and those that the log has besides.
std::vector<std::string> inputs_of(const plan::Program& program, const state::Position& position) {
    std::vector<std::string> inputs = with_inputs_of(program, {kDefaultInput});
    for (const auto& [input, offset] : position.inputs) {
        if (std::find(inputs.begin(), inputs.end(), input) == inputs.end()) {
            inputs.push_back(input);
        }
    }
    return inputs;
}

}  // namespace

struct Processor::Impl {
    Impl(state::Store& where, ProcessorOptions given, std::unique_ptr<RuleEngine> made)
        : store(where),
          options(std::move(given)),
          engine(std::move(made)),
          checkpointer(options.checkpoints, options.checkpoint_every),
          in_force(std::make_shared<const RulesInForce>(engine->rules())) {}

    state::Store& store;
    const ProcessorOptions options;

    // Of the processor's thread.
    std::unique_ptr<RuleEngine> engine;
    Checkpointer checkpointer;
    state::Position position;
    std::vector<alerts::Output> outputs;
    std::uint64_t commits{0};
    std::uint64_t swaps{0};
    std::chrono::microseconds last_pause{0};

    std::atomic<std::uint64_t> records{0};  ///< of the position
    std::atomic<std::size_t> commit_bytes{kCommitBytes};

    mutable std::mutex mutex;
    std::condition_variable news;
    std::deque<Ingest> queue;
    std::size_t queued_bytes{0};
    std::deque<std::function<void(const Snapshot&)>> questions;
    std::deque<Swap> swaps_asked;
    std::shared_ptr<const RulesInForce> in_force;
    bool stopping{false};
    std::optional<Error> failed;
    std::thread thread;

    [[nodiscard]] Result<void> recover(std::optional<state::Deployment> deployment);
    [[nodiscard]] Result<void> check_recovered(const state::Position& stored, std::optional<state::Deployment> deployment);
    void note_engine(state::Position& at, const RuleEngine& of) const;

    void work();
    void wait_for_news(std::unique_lock<std::mutex>& lock);
    void save_if_due();
    void save_at_end();
    void add_idle(std::deque<Ingest>& group);
    void take(std::deque<Ingest> group);
    void push(Ingest& ingest, state::Commit& commit);
    [[nodiscard]] Result<void> add_rows(state::Commit& commit);
    [[nodiscard]] Result<void> catch_up(RuleEngine& next, state::Deployment& deployment);
    [[nodiscard]] Result<void> put_in_force(Swap& swap);
    void perform(Swap swap);
    [[nodiscard]] bool commit_group(std::deque<Ingest>& group, std::vector<std::uint64_t>& firsts);
    void answer(std::deque<std::function<void(const Snapshot&)>> asked);
    void fail_with(const Error& error);
    [[nodiscard]] std::optional<Error> failure() const {
        const std::lock_guard lock(mutex);
        return failed;
    }
    [[nodiscard]] bool room() const;
    [[nodiscard]] std::uint64_t room_for_checkpoint() const;
};

// ---- Recovery

void Processor::Impl::note_engine(state::Position& at, const RuleEngine& of) const {
    at.rules = of.hash();
    at.alerts = of.alerts();
    at.digest = of.digest();
}

Result<void> Processor::Impl::check_recovered(const state::Position& stored, std::optional<state::Deployment> deployment) {
    if (position.rules == stored.rules && (position.alerts != stored.alerts || position.digest != stored.digest)) {
        return fail(
            Errc::bad_data,
            fmt::format(
                "the log gives {} alerts with these rules and {} were stored, or not the same ones: the store is damaged. "
                "Restore it from a backup, or move it away and start with an empty one",
                position.alerts, stored.alerts));
    }
    if (position.rules == stored.rules && !deployment) {
        return {};
    }
    if (position.rules != stored.rules && stored.records > 0) {
        spdlog::warn("the rules have changed: what they say about the {} records of the log is not delivered", stored.records);
    }
    return store.commit({{}, {}, {}, 0, position, std::move(deployment)});
}

Result<void> Processor::Impl::recover(std::optional<state::Deployment> deployment) {
    const auto stored = store.position();
    if (!stored) {
        return tl::unexpected(stored.error());
    }
    position = *stored;
    records = position.records;
    checkpointer.restore(*engine, position.records);
    std::uint64_t next_progress = engine->records() + kProgressEvery;
    const auto filled = engine->fill(store, [&](std::uint64_t so_far) {
        if (so_far >= next_progress) {
            spdlog::info("{} of {} records of the log", so_far, position.records);
            next_progress = so_far + kProgressEvery;
        }
        return true;
    });
    engine->idle_watch().restart(options.clock());
    return filled.and_then([&] {
        note_engine(position, *engine);
        return check_recovered(*stored, std::move(deployment));
    });
}

// ---- Other rules

/// Gives the new engine the records that came while it was being filled; from the next one on its new rules see all.
Result<void> Processor::Impl::catch_up(RuleEngine& next, state::Deployment& deployment) {
    const auto filled = next.fill(store, [](std::uint64_t) { return true; });
    if (!filled) {
        return filled;
    }
    if (next.records() != position.records) {
        return fail(Errc::bad_data, fmt::format("the log has {} records and {} were taken", next.records(), position.records));
    }
    for (std::size_t r = 0; r < next.rules().first_records.size(); ++r) {
        if (next.rules().first_records[r] == kAtDeployment) {
            next.start_rule(plan::RuleId{static_cast<std::uint32_t>(r)}, position.records + 1);
            deployment.rules[r].first = position.records + 1;
        }
    }
    return {};
}

Result<void> Processor::Impl::put_in_force(Swap& swap) {
    if (const auto error = failure()) {
        return tl::unexpected(*error);
    }
    if (!room()) {
        return fail(Errc::limit, "the disk of the store is too full");
    }
    swap.deployment.records = position.records;
    swap.deployment.time_ms = options.clock().time_since_epoch().count();
    if (swap.engine) {
        if (auto caught_up = catch_up(*swap.engine, swap.deployment); !caught_up) {
            return caught_up;
        }
    }
    state::Position next = position;
    note_engine(next, swap.engine ? *swap.engine : *engine);
    if (auto committed = store.commit({{}, {}, {}, 0, next, swap.deployment}); !committed) {
        fail_with(committed.error());
        return committed;
    }
    position = std::move(next);
    if (swap.engine) {
        swap.engine->idle_watch().take_over(engine->idle_watch());
        std::swap(engine, swap.engine);
        checkpointer.forget();
        const std::lock_guard lock(mutex);
        in_force = std::make_shared<const RulesInForce>(engine->rules());
    }
    return {};
}

void Processor::Impl::perform(Swap swap) {
    const auto begin = std::chrono::steady_clock::now();
    auto outcome = put_in_force(swap);
    const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    if (outcome) {
        ++swaps;
        last_pause = pause;
    }
    swap.done({std::move(outcome), std::move(swap.deployment), std::move(swap.engine), pause});
}

// ---- The way of records

bool Processor::Impl::room() const {
    const auto free = store.free_bytes();
    return free && *free >= options.min_free;
}

void Processor::Impl::push(Ingest& ingest, state::Commit& commit) {
    const std::size_t rows = ingest.batch.rows();
    if (ingest.program != engine->rules().program) {
        // Whether a record can be read does not depend on the rules: there are as many rows.
        ingest.batch = engine->decode(ingest.input, ingest.lines, 1);
    }
    std::uint64_t& last_offset = position.inputs[ingest.input];
    for (std::size_t row = 0; row < rows; ++row) {
        event::RecordHeader& header = ingest.batch.headers()[row];
        header.line = last_offset + row + 1;
        header.offset = header.offset_given ? header.offset : header.line;
    }
    commit.chunks.push_back(
        {position.records + 1, ingest.input, last_offset + 1, rows, std::move(ingest.lines), commit.now_ms});
    position.records += rows;
    last_offset += rows;
    engine->push(std::move(ingest.batch), outputs);
}

Result<void> Processor::Impl::add_rows(state::Commit& commit) {
    OutboxRows rows(store, position.rows);
    for (const alerts::Output& output : outputs) {
        const auto* const alert = std::get_if<alerts::Alert>(&output);
        if (alert == nullptr) {
            engine->count_late();
            continue;
        }
        std::string body;
        alerts::append_json(body, *alert);
        engine->count_alert(body);
        if (auto added = rows.add(*alert, std::move(body)); !added) {
            return added;
        }
    }
    outputs.clear();
    position.rows = rows.last_row();
    note_engine(position, *engine);
    commit.rows = std::move(rows).take();
    return {};
}

bool Processor::Impl::commit_group(std::deque<Ingest>& group, std::vector<std::uint64_t>& firsts) {
    state::Commit commit;
    commit.endpoints = options.endpoints;
    commit.now_ms = options.clock().time_since_epoch().count();
    for (Ingest& ingest : group) {
        firsts.push_back(position.records + 1);
        if (ingest.batch.rows() > 0) {
            push(ingest, commit);
        }
    }
    const auto committed = add_rows(commit).and_then([&] {
        commit.position = position;
        return store.commit(commit);
    });
    if (!committed) {
        fail_with(committed.error());
        return false;
    }
    ++commits;
    records = position.records;
    std::vector<std::uint64_t> deliverable;
    for (const state::OutboxRow& row : commit.rows) {
        if (!row.shadow) {
            deliverable.push_back(row.sequence);
        }
    }
    if (!deliverable.empty()) {
        options.announce(deliverable);
    }
    return true;
}

void Processor::Impl::take(std::deque<Ingest> group) {
    Taken::Outcome outcome = Taken::Outcome::taken;
    std::vector<std::uint64_t> firsts;
    if (failure()) {
        outcome = Taken::Outcome::failed;
    } else if (!room()) {
        outcome = Taken::Outcome::no_room;
    } else if (!commit_group(group, firsts)) {
        outcome = Taken::Outcome::failed;
    }
    firsts.resize(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
        group[i].done({outcome, firsts[i]});
    }
}

void Processor::Impl::fail_with(const Error& error) {
    spdlog::critical("{}; nothing more is taken", error.message);
    const std::lock_guard lock(mutex);
    failed = error;
}

void Processor::Impl::answer(std::deque<std::function<void(const Snapshot&)>> asked) {
    if (asked.empty()) {
        return;
    }
    engine::Engine& of = engine->engine();
    const Snapshot snapshot{of.counters(), of.state_size(),        of.low_watermark(),      position,
                            commits,       engine->late_records(), engine->rules().program, swaps,
                            last_pause,    checkpointer.figures()};
    for (const auto& question : asked) {
        question(snapshot);
    }
}

void Processor::Impl::save_if_due() {
    const auto due = checkpointer.due(position.records);
    const delivery::WallTime now = options.clock();
    if (due && *due <= now && !failure()) {
        checkpointer.save(*engine, now, room_for_checkpoint());
    }
}

/// So that the next start reads nothing of the log.
void Processor::Impl::save_at_end() {
    checkpointer.finish();
    if (checkpointer.due(position.records) && !failure()) {
        checkpointer.save(*engine, options.clock(), room_for_checkpoint());
        checkpointer.finish();
    }
}

std::uint64_t Processor::Impl::room_for_checkpoint() const {
    const auto free = store.free_bytes();
    return free && *free > options.min_free ? *free - options.min_free : 0;
}

/// Until something was handed in or asked, a partition may have become idle, or the state is to be saved.
void Processor::Impl::wait_for_news(std::unique_lock<std::mutex>& lock) {
    const auto news_came = [&] { return stopping || !queue.empty() || !questions.empty() || !swaps_asked.empty(); };
    auto next = engine->idle_watch().next();
    if (const auto due = checkpointer.due(position.records)) {
        next = std::min(next.value_or(*due), *due);
    }
    if (next) {
        const auto wait = std::clamp<delivery::Millis>(*next - options.clock(), delivery::Millis(0), kLongestWait);
        news.wait_for(lock, wait, news_came);
    } else {
        news.wait(lock, news_came);
    }
}

/// Partitions that have become idle say so in the log, as a source would.
void Processor::Impl::add_idle(std::deque<Ingest>& group) {
    for (auto& [input, lines] : engine->idle_watch().take_idle(options.clock())) {
        event::Batch batch = engine->decode(input, lines, 1);
        group.push_back({input, std::move(batch), std::move(lines),
                         [this](const Taken& taken) {
                             if (taken.outcome == Taken::Outcome::no_room) {
                                 engine->idle_watch().retry(options.clock());
                             }
                         },
                         engine->rules().program});
    }
}

void Processor::Impl::work() {
    for (;;) {
        std::deque<Ingest> group;
        std::deque<std::function<void(const Snapshot&)>> asked;
        std::deque<Swap> to_swap;
        {
            std::unique_lock lock(mutex);
            wait_for_news(lock);
            if (stopping && queue.empty() && questions.empty() && swaps_asked.empty()) {
                break;
            }
            std::size_t bytes = 0;
            while (!queue.empty() && bytes < commit_bytes.load()) {
                bytes += queue.front().lines.size();
                group.push_back(std::move(queue.front()));
                queue.pop_front();
            }
            queued_bytes -= bytes;
            asked.swap(questions);
            to_swap.swap(swaps_asked);
        }
        for (Swap& swap : to_swap) {
            perform(std::move(swap));
        }
        add_idle(group);
        if (!group.empty()) {
            take(std::move(group));
        }
        save_if_due();
        answer(std::move(asked));
    }
    save_at_end();
}

// ---- The outside

Processor::Processor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
    impl_->thread = std::thread([own = impl_.get()] { own->work(); });
}

Processor::Processor(Processor&&) noexcept = default;

Processor::~Processor() {
    if (impl_) {
        stop();
    }
}

Result<Processor> Processor::create(std::shared_ptr<const plan::Program> program, state::Store& store,
                                    ProcessorOptions options) {
    return store.position().and_then([&](const state::Position& position) {
        RulesInForce rules{program, inputs_of(*program, position)};
        return create(std::move(rules), store, std::move(options), std::nullopt);
    });
}

Result<Processor> Processor::create(RulesInForce rules, state::Store& store, ProcessorOptions options,
                                    std::optional<state::Deployment> deployment) {
    auto engine = RuleEngine::create(std::move(rules), {options.threads, options.limits, options.clock});
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    auto impl = std::make_unique<Impl>(store, std::move(options), std::move(*engine));
    if (const auto recovered = impl->recover(std::move(deployment)); !recovered) {
        return tl::unexpected(recovered.error());
    }
    return Processor(std::move(impl));
}

std::shared_ptr<const RulesInForce> Processor::in_force() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->in_force;
}

std::uint64_t Processor::records() const { return impl_->records; }

bool Processor::swap(Swap swap) {
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->stopping) {
            return false;
        }
        impl_->swaps_asked.push_back(std::move(swap));
    }
    impl_->news.notify_one();
    return true;
}

void Processor::keep_commits_small(bool small) { impl_->commit_bytes = small ? kSmallCommitBytes : kCommitBytes; }

bool Processor::submit(Ingest ingest) {
    {
        const std::lock_guard lock(impl_->mutex);
        const std::size_t bytes = ingest.lines.size();
        // One that is larger than the queue is taken by an empty one.
        const bool full = !impl_->queue.empty() && impl_->queued_bytes + bytes > impl_->options.queue_bytes;
        if (full || impl_->stopping) {
            return false;
        }
        impl_->queued_bytes += bytes;
        impl_->queue.push_back(std::move(ingest));
    }
    impl_->news.notify_one();
    return true;
}

void Processor::ask(std::function<void(const Snapshot&)> answer) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->questions.push_back(std::move(answer));
    }
    impl_->news.notify_one();
}

bool Processor::has_room() const { return impl_->room(); }

std::optional<Error> Processor::failure() const { return impl_->failure(); }

void Processor::stop() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->news.notify_one();
    if (impl_->thread.joinable()) {
        impl_->thread.join();
    }
}

}  // namespace tocsin::service
