#include "replay.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/engine/engine.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "input_queue.hpp"
#include "interrupt.hpp"
#include "merge.hpp"
#include "pacer.hpp"
#include "progress.hpp"
#include "record_errors.hpp"
#include "summary.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Alerts reach a reader at least this often while records keep coming.
constexpr std::chrono::milliseconds kFlushEvery{200};
/// Records read at once while pacing, so that a live view does not lag behind.
constexpr std::size_t kPacedPiece = 1;

/// A source as the loop sees it.
struct Feed {
    InputQueue queue;
    std::uint32_t first_input{0};
    std::uint32_t inputs{0};
    std::optional<PreparedBlock> block;
    std::uint64_t bytes{0};
};

class Replay {
public:
    Replay(const ReplayPlan& plan, const plan::Program& program, engine::Engine engine, AlertWriter writer)
        : plan_(plan),
          program_(program),
          engine_(std::move(engine)),
          writer_(std::move(writer)),
          errors_(plan.strict, plan.limits),
          progress_(plan.progress && !plan.quiet && is_terminal(Stream::error)),
          live_(is_terminal(Stream::output)) {
        if (plan.speed) {
            pacer_.emplace(*plan.speed);
        }
    }

    [[nodiscard]] ExitCode run(Sources sources);

private:
    void open_feeds(Sources sources);
    /// Makes sure that the source has a row to give, or has ended; false where the run must stop.
    [[nodiscard]] bool advance(std::size_t source);
    [[nodiscard]] bool take_errors(const PreparedBlock& block);
    void end(const Feed& feed);
    [[nodiscard]] bool merge();
    [[nodiscard]] bool push(const Piece& piece);
    [[nodiscard]] bool wait_until_due(EventTime time);
    /// Hands on what the engine gave; false where it could not be written.
    [[nodiscard]] bool emit();
    [[nodiscard]] bool flush();
    [[nodiscard]] ExitCode finish();
    [[nodiscard]] ExitCode write_summary();
    void show_progress();
    bool stop(const Error& error);

    const ReplayPlan& plan_;
    const plan::Program& program_;
    engine::Engine engine_;
    AlertWriter writer_;
    RecordErrors errors_;
    Progress progress_;
    bool live_;  ///< a person watches standard output
    std::optional<Pacer> pacer_;
    std::vector<Feed> feeds_;
    std::vector<Cursor<engine::PreparedBatch>> cursors_;
    std::vector<alerts::Output> outputs_;
    Summary summary_;
    std::optional<std::uint64_t> total_bytes_;
    bool piped_{false};  ///< some source may keep silent
    EventTime event_time_{EventTime::lowest()};
    ExitCode exit_code_{ExitCode::fine};
    Clock::time_point started_{Clock::now()};
    Clock::time_point flushed_{started_};
};

bool Replay::stop(const Error& error) {
    progress_.clear();
    exit_code_ = report(error);
    return false;
}

void Replay::open_feeds(Sources sources) {
    const unsigned ahead = plan_.threads > 1 ? plan_.threads - 1 : 0;
    const auto count = static_cast<unsigned>(sources.size());
    total_bytes_ = 0;
    std::uint32_t first_input = 0;
    for (unsigned i = 0; i < count; ++i) {
        const auto size = sources[i]->total_bytes();
        total_bytes_ = size && total_bytes_ ? std::optional(*total_bytes_ + *size) : std::nullopt;
        const bool live = sources[i]->live();
        piped_ = piped_ || live;
        // A pipe may keep silent for hours: it is read on a thread of its own, so that an interrupt is heard meanwhile.
        const unsigned share = ahead / count + (i < ahead % count ? 1 : 0);
        const unsigned workers = live ? std::max(share, 1u) : share;
        const auto inputs = static_cast<std::uint32_t>(sources[i]->inputs().size());
        for (const engine::Input& input : sources[i]->inputs()) {
            summary_.inputs.push_back({input.name, 0, 0, {}});
        }
        feeds_.push_back({InputQueue(std::move(sources[i]), {{&engine_, &program_.projection}},
                                     {event::InputId{first_input}, workers, plan_.limits}),
                          first_input, inputs, std::nullopt, 0});
        first_input += inputs;
    }
    cursors_.resize(count);
}

bool Replay::take_errors(const PreparedBlock& block) {
    InputSummary& input = summary_.inputs[static_cast<std::size_t>(block.input)];
    input.unparsable += block.errors.size();
    const auto taken = errors_.take(input.name, block.errors, [this] { progress_.clear(); });
    return taken ? true : stop(taken.error());
}

void Replay::end(const Feed& feed) {
    for (std::uint32_t i = 0; i < feed.inputs; ++i) {
        engine_.end_input(event::InputId{feed.first_input + i}, outputs_);
    }
}

bool Replay::advance(std::size_t source) {
    Feed& feed = feeds_[source];
    Cursor<engine::PreparedBatch>& cursor = cursors_[source];
    while (!InterruptGuard::flag().load()) {
        if (cursor.batch != nullptr && cursor.row < cursor.batch->rows()) {
            return true;
        }
        cursor = {};
        // Nothing may sit in a buffer while a live input keeps silent.
        if (piped_ && !flush()) {
            return false;
        }
        auto next = feed.queue.next(InterruptGuard::flag());
        if (!next) {
            progress_.clear();
            exit_code_ = report(next.error());
            summary_.inputs[feed.first_input].error = next.error().message;
            if (plan_.strict) {
                return false;
            }
        }
        if (!next || !*next) {
            feed.block.reset();
            if (!InterruptGuard::flag().load()) {
                end(feed);
            }
            return emit();
        }
        feed.block = std::move(**next);
        summary_.bytes += feed.block->bytes_read - feed.bytes;
        feed.bytes = feed.block->bytes_read;
        summary_.inputs[static_cast<std::size_t>(feed.block->input)].records += feed.block->batches.front().rows();
        if (!take_errors(*feed.block)) {
            return false;
        }
        cursor = {&feed.block->batches.front(), 0};
    }
    return false;
}

bool Replay::wait_until_due(EventTime time) {
    const auto wait = pacer_->wait_for(time, Clock::now());
    if (wait <= Clock::duration::zero()) {
        return true;
    }
    if (!flush()) {
        return false;
    }
    show_progress();
    sleep_unless(wait, InterruptGuard::flag());
    return !InterruptGuard::flag().load();
}

bool Replay::push(const Piece& piece) {
    Cursor<engine::PreparedBatch>& cursor = cursors_[piece.input];
    const EventTime time = cursor.batch->time(piece.end - 1);
    if (pacer_ && !wait_until_due(time)) {
        return false;
    }
    event_time_ = std::max(event_time_, time);
    engine_.push(*cursor.batch, piece.begin, piece.end, outputs_);
    cursor.row = piece.end;
    return emit();
}

bool Replay::merge() {
    const std::size_t max_rows = pacer_ ? kPacedPiece : plan_.batch;
    for (std::size_t source = 0; source < feeds_.size(); ++source) {
        if (!advance(source)) {
            return false;
        }
    }
    while (const auto piece = next_piece(cursors_, max_rows)) {
        if (InterruptGuard::flag().load() || !push(*piece) || !advance(piece->input)) {
            return false;
        }
        show_progress();
    }
    return !InterruptGuard::flag().load();
}

bool Replay::emit() {
    if (outputs_.empty()) {
        return true;
    }
    const auto written = writer_.write(outputs_);
    outputs_.clear();
    if (!written) {
        return stop(written.error());
    }
    return live_ || Clock::now() - flushed_ >= kFlushEvery ? flush() : true;
}

bool Replay::flush() {
    if (live_) {
        progress_.clear();
    }
    flushed_ = Clock::now();
    const auto flushed = writer_.flush();
    return flushed ? true : stop(flushed.error());
}

void Replay::show_progress() {
    progress_.update({engine_.counters().records, summary_.bytes, total_bytes_, event_time_, Clock::now() - started_});
}

ExitCode Replay::run(Sources sources) {
    open_feeds(std::move(sources));
    if (merge()) {
        engine_.finish(outputs_);
        static_cast<void>(emit());
    }
    return finish();
}

ExitCode Replay::finish() {
    progress_.clear();
    summary_.interrupted = InterruptGuard::flag().load();
    summary_.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    summary_.counters = engine_.counters();
    if (const auto closed = writer_.close(); !closed && exit_code_ == ExitCode::fine) {
        exit_code_ = report(closed.error());
    }
    errors_.finish();
    const ExitCode summary_code = write_summary();
    exit_code_ = std::max(exit_code_, summary_code);
    if (summary_.interrupted) {
        InterruptGuard::resume();
    }
    return exit_code_;
}

ExitCode Replay::write_summary() {
    if (!plan_.quiet) {
        fmt::print(stderr, "{}", summary_text(summary_, program_));
    }
    if (!plan_.summary_file) {
        return ExitCode::fine;
    }
    auto sink = alerts::FileSink::open(*plan_.summary_file);
    if (!sink) {
        return report(sink.error());
    }
    const auto written = sink->write(summary_json(summary_, program_)).and_then([&] { return sink->close(); });
    return written ? ExitCode::fine : report(written.error());
}

std::size_t longest_rule_name(const plan::Program& program) {
    std::size_t longest = 0;
    for (const plan::RulePlan& rule : program.rules) {
        longest = std::max(longest, rule.name.size());
    }
    return longest;
}

Result<AlertWriter> make_writer(const ReplayPlan& plan, const plan::Program& program) {
    std::optional<alerts::FileSink> late;
    if (plan.late_file) {
        auto sink = alerts::FileSink::open(*plan.late_file);
        if (!sink) {
            return tl::unexpected(sink.error());
        }
        late = std::move(*sink);
    }
    const alerts::TableStyle style{.colour = colour_for(Stream::output),
                                   .width = is_terminal(Stream::output) ? terminal_width(Stream::output) : 0,
                                   .rule_width = longest_rule_name(program)};
    return AlertWriter(plan.format, style, alerts::FileSink::standard_output(), std::move(late));
}

}  // namespace

ExitCode replay(const ReplayPlan& plan, const Rules& rules) {
    auto sources = open_sources(plan.inputs, std::span(&rules.program, 1), plan.batch, plan.limits);
    if (!sources) {
        return report(sources.error());
    }
    engine::Options options{
        .inputs = inputs_of(*sources), .threads = plan.threads, .limits = plan.limits, .from = plan.from, .to = plan.to};
    auto engine = engine::Engine::create(rules.program, std::move(options));
    if (!engine) {
        return report(engine.error());
    }
    auto writer = make_writer(plan, *rules.program);
    if (!writer) {
        return report(writer.error());
    }
    const InterruptGuard guard;
    Replay run(plan, *rules.program, std::move(*engine), std::move(*writer));
    return run.run(std::move(*sources));
}

}  // namespace tocsin::cli
