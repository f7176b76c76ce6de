#include "backtest.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <tocsin/engine/engine.hpp>

#include "command.hpp"
#include "input_queue.hpp"
#include "interrupt.hpp"
#include "merge.hpp"
#include "progress.hpp"
#include "record_errors.hpp"
#include "terminal.hpp"

namespace tocsin::cli {

namespace {

using backtest::BySide;
using backtest::Side;
using Programs = BySide<std::shared_ptr<const plan::Program>>;

constexpr std::array kBoth{Side::before, Side::after};

/// A source, and the blocks of it that one side has taken and the other not.
struct Feed {
    InputQueue queue;
    std::uint32_t first_input{0};
    std::uint32_t inputs{0};
    std::deque<PreparedBlock> held{};
    std::uint64_t dropped{0};  ///< blocks before those held
    std::uint64_t bytes{0};
    bool ended{false};
};

/// One side: an engine, and where it stands in each source.
struct Runner {
    engine::Engine engine;
    std::vector<Cursor<engine::PreparedBatch>> cursors{};
    std::vector<std::uint64_t> next_block{};
    std::vector<alerts::Output> outputs{};
    std::uint64_t rows{0};
    bool done{false};
};

/// Both sides go through the inputs side by side. Each merges them by the times that its own rules read, as a replay would, so
/// they may want blocks in different orders: a block is read once, and held until both have passed it. Where both read the
/// times alike, which is the rule, no more than a block of each source is. Owned by one thread.
class Pass {
public:
    Pass(const BacktestPlan& plan, const Programs& programs, BySide<Runner> runners, backtest::Comparer comparer)
        : plan_(plan),
          programs_(programs),
          runners_(std::move(runners)),
          comparer_(std::move(comparer)),
          errors_(plan.strict, plan.limits),
          progress_(plan.progress && is_terminal(Stream::error)) {}

    [[nodiscard]] Result<BacktestResult> run(Sources sources);

private:
    void open_feeds(Sources sources);
    [[nodiscard]] Result<void> merge();
    /// Makes sure that the side has a row of the source to give, or that the source has ended for it.
    [[nodiscard]] Result<void> advance(Side side, std::size_t source);
    /// One more block of the source is held, or it has ended.
    [[nodiscard]] Result<void> read(Feed& feed);
    void release(std::size_t source);
    [[nodiscard]] Result<void> step(Side side);
    void compare(Side side);
    [[nodiscard]] Side behind() const;
    [[nodiscard]] static bool interrupted() { return InterruptGuard::flag().load(); }
    void show_progress();

    const BacktestPlan& plan_;
    const Programs& programs_;
    BySide<Runner> runners_;
    backtest::Comparer comparer_;
    RecordErrors errors_;
    Progress progress_;
    std::vector<Feed> feeds_;
    BacktestResult result_;
    std::optional<std::uint64_t> total_bytes_;
    EventTime event_time_{EventTime::lowest()};
    std::chrono::steady_clock::time_point started_{std::chrono::steady_clock::now()};
};

void Pass::open_feeds(Sources sources) {
    const auto count = static_cast<unsigned>(sources.size());
    const unsigned ahead = plan_.threads > 1 ? plan_.threads - 1 : 0;
    total_bytes_ = 0;
    std::uint32_t first_input = 0;
    for (unsigned i = 0; i < count; ++i) {
        const auto size = sources[i]->total_bytes();
        total_bytes_ = size && total_bytes_ ? std::optional(*total_bytes_ + *size) : std::nullopt;
        const unsigned share = ahead / count + (i < ahead % count ? 1 : 0);
        const unsigned workers = sources[i]->live() ? std::max(share, 1u) : share;
        const auto inputs = static_cast<std::uint32_t>(sources[i]->inputs().size());
        for (const engine::Input& input : sources[i]->inputs()) {
            result_.inputs.push_back({input.name, 0, 0, {}});
        }
        std::vector<QueueTarget> targets;
        for (const Side side : kBoth) {
            targets.push_back({&runners_[side].engine, &programs_[side]->projection});
        }
        feeds_.push_back({.queue = InputQueue(std::move(sources[i]), std::move(targets),
                                              {event::InputId{first_input}, workers, plan_.limits}),
                          .first_input = first_input,
                          .inputs = inputs});
        first_input += inputs;
    }
    for (const Side side : kBoth) {
        runners_[side].cursors.resize(count);
        runners_[side].next_block.resize(count);
    }
}

Result<void> Pass::read(Feed& feed) {
    auto next = feed.queue.next(InterruptGuard::flag());
    if (!next) {
        if (plan_.strict) {
            return tl::unexpected(next.error());
        }
        progress_.clear();
        result_.exit_code = report(next.error());
        result_.inputs[feed.first_input].error = next.error().message;
        feed.ended = true;
        return {};
    }
    if (!*next) {
        feed.ended = true;
        return {};
    }
    feed.bytes = (*next)->bytes_read;
    InputSummary& input = result_.inputs[static_cast<std::size_t>((*next)->input)];
    input.records += (*next)->batches.front().rows();
    input.unparsable += (*next)->errors.size();
    feed.held.push_back(std::move(**next));
    return errors_.take(input.name, feed.held.back().errors, [this] { progress_.clear(); });
}

/// Forgets the blocks that both sides have passed.
void Pass::release(std::size_t source) {
    Feed& feed = feeds_[source];
    const auto current = [source](const Runner& runner) {
        return runner.next_block[source] - (runner.cursors[source].batch != nullptr ? 1 : 0);
    };
    const std::uint64_t needed = std::min(current(runners_[Side::before]), current(runners_[Side::after]));
    while (feed.dropped < needed) {
        feed.held.pop_front();
        ++feed.dropped;
    }
}

Result<void> Pass::advance(Side side, std::size_t source) {
    Runner& runner = runners_[side];
    Feed& feed = feeds_[source];
    Cursor<engine::PreparedBatch>& cursor = runner.cursors[source];
    std::uint64_t& next = runner.next_block[source];
    while (!interrupted() && (cursor.batch == nullptr || cursor.row >= cursor.batch->rows())) {
        cursor = {};
        release(source);
        if (next < feed.dropped + feed.held.size()) {
            cursor = {&feed.held[next - feed.dropped].batches[static_cast<std::size_t>(side)], 0};
            ++next;
        } else if (feed.ended) {
            for (std::uint32_t i = 0; i < feed.inputs; ++i) {
                runner.engine.end_input(event::InputId{feed.first_input + i}, runner.outputs);
            }
            return {};
        } else if (auto done = read(feed); !done) {
            return done;
        }
    }
    return {};
}

void Pass::compare(Side side) {
    comparer_.take(side, runners_[side].outputs);
    runners_[side].outputs.clear();
}

Result<void> Pass::step(Side side) {
    Runner& runner = runners_[side];
    const auto piece = next_piece(runner.cursors, plan_.batch);
    if (!piece) {
        runner.engine.finish(runner.outputs);
        runner.done = true;
        compare(side);
        return {};
    }
    Cursor<engine::PreparedBatch>& cursor = runner.cursors[piece->input];
    for (std::size_t row = piece->begin; row < piece->end; ++row) {
        const EventTime time = cursor.batch->time(row);
        const bool in_range = (!plan_.from || time >= *plan_.from) && (!plan_.to || time < *plan_.to);
        if (time != EventTime::lowest() && in_range) {
            comparer_.see(time);
        }
        event_time_ = std::max(event_time_, time);
    }
    runner.engine.push(*cursor.batch, piece->begin, piece->end, runner.outputs);
    runner.rows += piece->end - piece->begin;
    cursor.row = piece->end;
    auto advanced = advance(side, piece->input);
    compare(side);
    return advanced;
}

/// The side that has seen less, so that alerts of both come close together.
Side Pass::behind() const {
    const Runner& before = runners_[Side::before];
    const Runner& after = runners_[Side::after];
    return !before.done && (after.done || before.rows <= after.rows) ? Side::before : Side::after;
}

Result<void> Pass::merge() {
    Result<void> going;
    for (std::size_t source = 0; source < feeds_.size() && going; ++source) {
        for (const Side side : kBoth) {
            going = going ? advance(side, source) : going;
        }
    }
    while (going && !interrupted() && !(runners_[Side::before].done && runners_[Side::after].done)) {
        going = step(behind());
        show_progress();
    }
    return going;
}

void Pass::show_progress() {
    std::uint64_t bytes = 0;
    for (const Feed& feed : feeds_) {
        bytes += feed.bytes;
    }
    progress_.update({runners_[Side::before].engine.counters().records, bytes, total_bytes_, event_time_,
                      std::chrono::steady_clock::now() - started_});
}

Result<BacktestResult> Pass::run(Sources sources) {
    open_feeds(std::move(sources));
    const auto merged = merge();
    progress_.clear();
    errors_.finish();
    if (interrupted()) {
        InterruptGuard::resume();
    }
    if (!merged) {
        return tl::unexpected(merged.error());
    }
    for (const Side side : kBoth) {
        Summary summary;
        summary.counters = runners_[side].engine.counters();
        summary.inputs = result_.inputs;
        result_.totals[side] = totals(summary);
        result_.events = summary.counters.records;
    }
    result_.comparison = std::move(comparer_).finish();
    result_.rules = plan_.rules;
    result_.labels_file = plan_.labels_file;
    result_.grace = plan_.grace;
    return std::move(result_);
}

Result<std::optional<backtest::Labels>> load_labels(const BacktestPlan& plan, const Programs& programs) {
    if (!plan.labels_file) {
        return std::optional<backtest::Labels>{};
    }
    const auto names = backtest::key_names({programs[Side::before].get(), programs[Side::after].get()});
    auto file = backtest::read_labels(*plan.labels_file, names, plan.limits);
    if (!file) {
        return tl::unexpected(file.error());
    }
    if (!file->ignored.empty()) {
        spdlog::warn("{}: no rule has a key, `let` or `return` of this name, so it is not looked at: {}", *plan.labels_file,
                     fmt::join(file->ignored, ", "));
    }
    for (backtest::Label& label : file->labels) {
        const auto renamed = label.rule ? plan.renames.find(*label.rule) : plan.renames.end();
        label.rule = renamed == plan.renames.end() ? label.rule : renamed->second;
    }
    return std::optional<backtest::Labels>(std::in_place, std::move(file->labels), plan.grace);
}

Result<engine::Engine> make_engine(const BacktestPlan& plan, std::shared_ptr<const plan::Program> program,
                                   const Sources& sources) {
    return engine::Engine::create(
        std::move(program),
        {.inputs = inputs_of(sources), .threads = plan.threads, .limits = plan.limits, .from = plan.from, .to = plan.to});
}

}  // namespace

Result<BacktestResult> run_backtest(const BacktestPlan& plan, const Programs& programs) {
    const auto labels = load_labels(plan, programs);
    if (!labels) {
        return tl::unexpected(labels.error());
    }
    auto comparer = backtest::Comparer::create({programs[Side::before], programs[Side::after], plan.renames},
                                               *labels ? &**labels : nullptr);
    if (!comparer) {
        return tl::unexpected(comparer.error());
    }
    auto sources = open_sources(plan.inputs, programs.of, plan.batch, plan.limits);
    if (!sources) {
        return tl::unexpected(sources.error());
    }
    auto before = make_engine(plan, programs[Side::before], *sources);
    auto after = make_engine(plan, programs[Side::after], *sources);
    if (!before || !after) {
        return tl::unexpected(before ? after.error() : before.error());
    }
    const InterruptGuard guard;
    Pass pass(plan, programs, {{Runner{std::move(*before)}, Runner{std::move(*after)}}}, std::move(*comparer));
    return pass.run(std::move(*sources));
}

}  // namespace tocsin::cli
