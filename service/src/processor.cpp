#include <tocsin/service/processor.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <xxhash.h>

#include <tocsin/alerts/json.hpp>
#include <tocsin/alerts/names.hpp>
#include <tocsin/plan/print.hpp>

#include "idle_watch.hpp"

namespace tocsin::service {

namespace {

/// Records that go into one commit, at most (in bytes, but for the last ones).
constexpr std::size_t kCommitBytes = 8U << 20;
/// Said while the log is read at the start.
constexpr std::uint64_t kProgressEvery = 1'000'000;
/// The wall clock may be set while a time of it is waited for.
constexpr delivery::Millis kLongestWait = std::chrono::minutes(1);

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::vector<std::string> inputs_of(const plan::Program& program, const state::Position& position) {
    std::vector<std::string> inputs{kDefaultInput};
    const auto add = [&](const std::string& name) {
        if (std::find(inputs.begin(), inputs.end(), name) == inputs.end()) {
            inputs.push_back(name);
        }
    };
    for (const plan::StreamPlan& stream : program.streams) {
        if (stream.from) {
            add(*stream.from);
        }
    }
    for (const auto& [input, offset] : position.inputs) {
        add(input);
    }
    return inputs;
}

}  // namespace

struct Processor::Impl {
    Impl(std::shared_ptr<const plan::Program> plan, state::Store& where, ProcessorOptions given, std::vector<std::string> names,
         engine::Engine made)
        : program(std::move(plan)),
          store(where),
          options(std::move(given)),
          inputs(std::move(names)),
          engine(std::move(made)),
          idle_watch(*program, inputs, options.clock()) {}

    std::shared_ptr<const plan::Program> program;
    state::Store& store;
    const ProcessorOptions options;
    const std::vector<std::string> inputs;

    // Of the processor's thread.
    engine::Engine engine;
    IdleWatch idle_watch;
    state::Position position;
    std::vector<alerts::Output> outputs;
    std::uint64_t commits{0};
    std::uint64_t late_records{0};

    mutable std::mutex mutex;
    std::condition_variable news;
    std::deque<Ingest> queue;
    std::size_t queued_bytes{0};
    std::deque<std::function<void(const Snapshot&)>> questions;
    bool stopping{false};
    std::optional<Error> failed;
    std::thread thread;

    [[nodiscard]] event::InputId input_id(const std::string& name) const {
        const auto found = std::find(inputs.begin(), inputs.end(), name);
        return event::InputId{static_cast<std::uint32_t>(found - inputs.begin())};
    }

    [[nodiscard]] Result<void> recover();
    [[nodiscard]] Result<void> replay(const state::Chunk& chunk, event::Decoder& decoder);
    [[nodiscard]] Result<void> check_recovered(const state::Position& stored);
    void note_replayed();

    void work();
    void wait_for_news(std::unique_lock<std::mutex>& lock);
    void add_idle(std::deque<Ingest>& group);
    void take(std::deque<Ingest> group);
    void push(Ingest& ingest, state::Commit& commit);
    [[nodiscard]] Result<void> add_rows(state::Commit& commit);
    [[nodiscard]] bool commit_group(std::deque<Ingest>& group, std::vector<std::uint64_t>& firsts);
    void answer(std::deque<std::function<void(const Snapshot&)>> asked) const;
    void fail_with(const Error& error);
    [[nodiscard]] std::optional<Error> failure() const {
        const std::lock_guard lock(mutex);
        return failed;
    }
    [[nodiscard]] bool room() const;
};

// ---- Recovery

Result<void> Processor::Impl::replay(const state::Chunk& chunk, event::Decoder& decoder) {
    event::Batch batch = decoder.decode(input_id(chunk.input), event::make_block(chunk.lines, chunk.offset));
    const std::size_t rows = batch.rows();
    if (rows != chunk.records) {
        return fail(Errc::bad_data, fmt::format("the log's records from {} on cannot be read as they were written", chunk.sequence));
    }
    const engine::PreparedBatch prepared = engine.prepare(std::move(batch));
    idle_watch.hear(prepared, options.clock());
    engine.push(prepared, 0, rows, outputs);
    return {};
}

void Processor::Impl::note_replayed() {
    std::string body;
    for (const alerts::Output& output : outputs) {
        if (const auto* const alert = std::get_if<alerts::Alert>(&output)) {
            body.clear();
            alerts::append_json(body, *alert);
            ++position.alerts;
            position.digest += hash_of(body);
        } else {
            ++late_records;
        }
    }
    outputs.clear();
}

Result<void> Processor::Impl::check_recovered(const state::Position& stored) {
    if (position.rules == stored.rules && (position.alerts != stored.alerts || position.digest != stored.digest)) {
        return fail(Errc::bad_data, fmt::format("the log gives {} alerts with these rules and {} were stored, or not the same ones: the store is damaged. "
                                                "Restore it from a backup, or move it away and start with an empty one",
                                                position.alerts, stored.alerts));
    }
    if (position.rules == stored.rules) {
        return {};
    }
    if (stored.records > 0) {
        spdlog::warn("the rules have changed: they were filled from the log; what they say about its {} records is not delivered", stored.records);
    }
    return store.commit({{}, {}, {}, 0, position});
}

Result<void> Processor::Impl::recover() {
    const auto stored = store.position();
    if (!stored) {
        return tl::unexpected(stored.error());
    }
    position = *stored;
    position.rules = rules_hash(*program);
    position.alerts = 0;
    position.digest = 0;
    event::Decoder decoder(event::Format::ndjson, program->projection, options.limits);
    std::uint64_t next_progress = kProgressEvery;
    const auto read = store.each_chunk([&](const state::Chunk& chunk) {
        return replay(chunk, decoder).map([&] {
            note_replayed();
            if (chunk.sequence >= next_progress) {
                spdlog::info("{} of {} records of the log", chunk.sequence, position.records);
                next_progress = chunk.sequence + kProgressEvery;
            }
        });
    });
    idle_watch.restart(options.clock());
    return read.and_then([&] { return check_recovered(*stored); });
}

// ---- The way of records

bool Processor::Impl::room() const {
    const auto free = store.free_bytes();
    return free && *free >= options.min_free;
}

void Processor::Impl::push(Ingest& ingest, state::Commit& commit) {
    const std::size_t rows = ingest.batch.rows();
    std::uint64_t& last_offset = position.inputs[ingest.input];
    for (std::size_t row = 0; row < rows; ++row) {
        event::RecordHeader& header = ingest.batch.headers()[row];
        header.line = last_offset + row + 1;
        header.offset = header.offset_given ? header.offset : header.line;
    }
    commit.chunks.push_back({position.records + 1, ingest.input, last_offset + 1, rows, std::move(ingest.lines)});
    position.records += rows;
    last_offset += rows;
    const engine::PreparedBatch prepared = engine.prepare(std::move(ingest.batch));
    idle_watch.hear(prepared, options.clock());
    engine.push(prepared, 0, rows, outputs);
}

Result<void> Processor::Impl::add_rows(state::Commit& commit) {
    std::map<std::pair<std::uint64_t, std::string>, std::uint32_t> shown;
    for (const alerts::Output& output : outputs) {
        const auto* const alert = std::get_if<alerts::Alert>(&output);
        if (alert == nullptr) {
            ++late_records;
            continue;
        }
        state::OutboxRow row{++position.rows, alert->id, std::string(alerts::op_name(alert->op)), 1, alert->rule, {}, alert->shadow};
        alerts::append_json(row.body, *alert);
        ++position.alerts;
        position.digest += hash_of(row.body);
        const auto [known, fresh] = shown.try_emplace({row.alert, row.op}, 0);
        if (fresh) {
            const auto before = store.shown(row.alert, row.op);
            if (!before) {
                return tl::unexpected(before.error());
            }
            known->second = *before;
        }
        row.ordinal = ++known->second;
        commit.rows.push_back(std::move(row));
    }
    outputs.clear();
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

void Processor::Impl::answer(std::deque<std::function<void(const Snapshot&)>> asked) const {
    if (asked.empty()) {
        return;
    }
    const Snapshot snapshot{engine.counters(), engine.state_size(), engine.low_watermark(), position, commits, late_records};
    for (const auto& question : asked) {
        question(snapshot);
    }
}

/// Until something was handed in or asked, or a partition may have become idle.
void Processor::Impl::wait_for_news(std::unique_lock<std::mutex>& lock) {
    const auto news_came = [&] { return stopping || !queue.empty() || !questions.empty(); };
    if (const auto next = idle_watch.next()) {
        const auto wait = std::clamp<delivery::Millis>(*next - options.clock(), delivery::Millis(0), kLongestWait);
        news.wait_for(lock, wait, news_came);
    } else {
        news.wait(lock, news_came);
    }
}

/// Partitions that have become idle say so in the log, as a source would.
void Processor::Impl::add_idle(std::deque<Ingest>& group) {
    event::Decoder decoder(event::Format::ndjson, program->projection, options.limits);
    for (auto& [input, lines] : idle_watch.take_idle(options.clock())) {
        event::Batch batch = decoder.decode(input_id(input), event::make_block(lines, 1));
        group.push_back({input, std::move(batch), std::move(lines), [this](const Taken& taken) {
                             if (taken.outcome == Taken::Outcome::no_room) {
                                 idle_watch.retry(options.clock());
                             }
                         }});
    }
}

void Processor::Impl::work() {
    for (;;) {
        std::deque<Ingest> group;
        std::deque<std::function<void(const Snapshot&)>> asked;
        {
            std::unique_lock lock(mutex);
            wait_for_news(lock);
            if (stopping && queue.empty() && questions.empty()) {
                return;
            }
            std::size_t bytes = 0;
            while (!queue.empty() && bytes < kCommitBytes) {
                bytes += queue.front().lines.size();
                group.push_back(std::move(queue.front()));
                queue.pop_front();
            }
            queued_bytes -= bytes;
            asked.swap(questions);
        }
        add_idle(group);
        if (!group.empty()) {
            take(std::move(group));
        }
        answer(std::move(asked));
    }
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
    const auto position = store.position();
    if (!position) {
        return tl::unexpected(position.error());
    }
    std::vector<std::string> inputs = inputs_of(*program, *position);
    engine::Options of_engine;
    of_engine.threads = options.threads;
    of_engine.limits = options.limits;
    for (const std::string& input : inputs) {
        of_engine.inputs.push_back({input, event::Format::ndjson});
    }
    auto engine = engine::Engine::create(program, std::move(of_engine));
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    auto impl = std::make_unique<Impl>(std::move(program), store, std::move(options), std::move(inputs), std::move(*engine));
    if (const auto recovered = impl->recover(); !recovered) {
        return tl::unexpected(recovered.error());
    }
    return Processor(std::move(impl));
}

const std::vector<std::string>& Processor::inputs() const { return impl_->inputs; }

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

std::string rules_hash(const plan::Program& program) {
    const std::string text = fmt::format("{}\n{}", TOCSIN_VERSION, plan::print(program));
    return fmt::format("{:016x}", hash_of(text));
}

}  // namespace tocsin::service
