#include "advise.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/matcher/position.hpp>
#include <tocsin/matcher/slack_clock.hpp>
#include <tocsin/streams/block_reader.hpp>
#include <tocsin/streams/infer.hpp>

#include "advice.hpp"
#include "columns.hpp"
#include "command.hpp"
#include "inputs.hpp"
#include "merge.hpp"
#include "record_errors.hpp"
#include "timed_rows.hpp"

namespace tocsin::cli {

namespace {

using Program = std::shared_ptr<const plan::Program>;

constexpr std::size_t kRecordsAtOnce = 4096;
/// Records of an input from which the field of its time is inferred; they are held until then.
constexpr std::size_t kSampleRecords = 10'000;

/// A stream that is looked at. A stream that rules or tables make takes its place among the others, and stays empty.
struct Watched {
    StreamAdvice advice;
    std::optional<std::string> from;  ///< the only input that feeds it
    bool of_records{true};
    matcher::SlackClock clock{};
};

/// An input that is open, and the blocks of it that were read already.
struct SampledInput {
    streams::BlockReader reader;
    event::Projection projection;
    std::deque<event::Block> sample{};
    std::optional<Error> error{};  ///< that ended it behind the sample

    [[nodiscard]] Result<std::optional<event::Block>> next() {
        if (!sample.empty()) {
            std::optional<event::Block> block = std::move(sample.front());
            sample.pop_front();
            return block;
        }
        return error ? tl::unexpected(*error) : reader.next();
    }
};

using Prepare = std::function<TimedRows(event::Batch)>;

/// One pass over the inputs. Owned by one thread.
class Survey {
public:
    Survey(const AdvisePlan& plan, std::vector<Watched> streams, Prepare prepare)
        : plan_(plan), streams_(std::move(streams)), prepare_(std::move(prepare)), errors_(plan.strict, plan.limits) {}

    void add(SampledInput source, std::optional<TimePlace> time) {
        event::Decoder decoder(source.reader.format(), source.projection, plan_.limits);
        advice_.inputs.push_back({{plan_.inputs[feeds_.size()].name, 0, 0, {}}, std::move(time)});
        feeds_.push_back({std::move(source), std::move(decoder), std::nullopt});
    }

    [[nodiscard]] ExitCode run();

private:
    struct Feed {
        SampledInput source;
        event::Decoder decoder;
        std::optional<TimedRows> rows;
        bool ended{false};
    };

    /// Makes sure that the input has a row to give, or has ended; false where the run must stop.
    [[nodiscard]] bool advance(std::size_t input);
    [[nodiscard]] bool take_errors(std::size_t input, const std::vector<event::RecordError>& errors);
    void take(const TimedRows& rows, std::size_t row);
    void control(event::InputId input, const event::RecordHeader& header);
    void end(std::size_t input);
    void know_inputs();
    [[nodiscard]] bool feeds(std::size_t input, const Watched& stream) const;
    [[nodiscard]] bool merge();

    const AdvisePlan& plan_;
    std::vector<Watched> streams_;  ///< by plan::StreamId
    Prepare prepare_;
    std::vector<Feed> feeds_;
    std::vector<Cursor<TimedRows>> cursors_;
    matcher::PartitionTable partitions_;
    Advice advice_;
    RecordErrors errors_;
    ExitCode exit_code_{ExitCode::fine};
};

bool Survey::feeds(std::size_t input, const Watched& stream) const {
    return stream.of_records && (!stream.from || *stream.from == plan_.inputs[input].name);
}

/// As an engine does: a `from` names its partition.
void Survey::know_inputs() {
    for (Watched& stream : streams_) {
        for (std::size_t input = 0; stream.from && input < plan_.inputs.size(); ++input) {
            if (feeds(input, stream)) {
                stream.clock.know({event::InputId{static_cast<std::uint32_t>(input)}, partitions_.intern("0")});
            }
        }
    }
}

bool Survey::take_errors(std::size_t input, const std::vector<event::RecordError>& errors) {
    advice_.inputs[input].counts.unparsable += errors.size();
    const auto taken = errors_.take(plan_.inputs[input].name, errors);
    if (!taken) {
        exit_code_ = report(taken.error());
    }
    return taken.has_value();
}

bool Survey::advance(std::size_t input) {
    Feed& feed = feeds_[input];
    Cursor<TimedRows>& cursor = cursors_[input];
    while (cursor.batch == nullptr || cursor.row >= cursor.batch->rows()) {
        cursor = {};
        const auto block = feed.source.next();
        if (!block) {
            exit_code_ = report(block.error());
            advice_.inputs[input].counts.error = block.error().message;
            if (plan_.strict) {
                return false;
            }
        }
        if (!block || !*block) {
            feed.rows.reset();
            end(input);
            return true;
        }
        event::Batch batch = feed.decoder.decode(event::InputId{static_cast<std::uint32_t>(input)}, **block);
        advice_.inputs[input].counts.records += batch.rows();
        if (!take_errors(input, batch.errors())) {
            return false;
        }
        feed.rows.emplace(prepare_(std::move(batch)));
        cursor = {&*feed.rows, 0};
    }
    return true;
}

void Survey::control(event::InputId input, const event::RecordHeader& header) {
    ++advice_.control_records;
    const auto named = std::ranges::find_if(streams_, [&](const Watched& stream) {
        return stream.of_records && (stream.advice.name.empty() || stream.advice.name == header.stream);
    });
    if (named == streams_.end()) {
        ++advice_.unassigned;
        return;
    }
    const matcher::SlackClock::Partition partition{input, partitions_.intern(header.partition)};
    if (header.kind == event::RecordKind::watermark) {
        named->clock.heartbeat(partition, header.time);
    } else {
        named->clock.idle(partition);
    }
}

void Survey::take(const TimedRows& rows, std::size_t row) {
    const event::Batch& batch = rows.batch();
    const event::RecordHeader& header = batch.header(row);
    if (header.kind != event::RecordKind::event) {
        control(batch.input(), header);
        return;
    }
    const auto members = rows.members(row);
    advice_.unassigned += members.empty() ? 1U : 0U;
    const matcher::SlackClock::Partition partition{batch.input(), partitions_.intern(header.partition)};
    for (const engine::Member& member : members) {
        Watched& stream = streams_[static_cast<std::size_t>(member.stream)];
        if (!member.has_time) {
            ++stream.advice.without_time;
            continue;
        }
        stream.advice.lateness.add(stream.clock.needed(member.time));
        stream.clock.event(partition, member.time);
    }
}

void Survey::end(std::size_t input) {
    feeds_[input].ended = true;
    for (Watched& stream : streams_) {
        bool all = true;
        for (std::size_t i = 0; i < feeds_.size(); ++i) {
            all = all && (feeds_[i].ended || !feeds(i, stream));
        }
        stream.clock.end_input(event::InputId{static_cast<std::uint32_t>(input)}, all);
    }
}

bool Survey::merge() {
    for (std::size_t input = 0; input < feeds_.size(); ++input) {
        if (!advance(input)) {
            return false;
        }
    }
    while (const auto piece = next_piece(cursors_, kRecordsAtOnce)) {
        for (std::size_t row = piece->begin; row < piece->end; ++row) {
            take(*cursors_[piece->input].batch, row);
        }
        cursors_[piece->input].row = piece->end;
        if (!advance(piece->input)) {
            return false;
        }
    }
    return true;
}

ExitCode Survey::run() {
    cursors_.resize(feeds_.size());
    know_inputs();
    if (!merge()) {
        return exit_code_;
    }
    errors_.finish();
    for (Watched& stream : streams_) {
        if (stream.of_records) {
            stream.advice.partitions = stream.clock.partitions();
            advice_.streams.push_back(std::move(stream.advice));
        }
    }
    return print(plan_.json ? advice_json(advice_) : advice_text(advice_), exit_code_);
}

std::string joined_path(const std::vector<std::string>& path) { return fmt::format("{}", fmt::join(path, ".")); }

/// Each slack once, the least first.
std::vector<Duration> slacks_of(const AdvisePlan& plan, std::optional<Duration> declared) {
    std::vector<Duration> slacks = plan.slacks;
    if (declared) {
        slacks.push_back(*declared);
    }
    std::ranges::sort(slacks);
    slacks.erase(std::unique(slacks.begin(), slacks.end()), slacks.end());
    return slacks;
}

std::vector<Watched> declared_streams(const AdvisePlan& plan, const plan::Program& program) {
    std::vector<Watched> streams;
    for (const plan::StreamPlan& stream : program.streams) {
        streams.push_back({{.name = stream.name,
                            .declared = stream.slack,
                            .time = {joined_path(stream.time_path), stream.time_unit},
                            .lateness = streams::Lateness(slacks_of(plan, stream.slack))},
                           stream.from,
                           stream.origin == plan::StreamPlan::Origin::records});
    }
    return streams;
}

ExitCode advise_by_rules(const AdvisePlan& plan, const Program& program, std::vector<streams::BlockReader> readers) {
    engine::Options options{.inputs = {}, .limits = plan.limits, .from = {}, .to = {}};
    for (const streams::BlockReader& reader : readers) {
        options.inputs.push_back({std::string(reader.name()), reader.format()});
    }
    const auto engine = engine::Engine::create(program, std::move(options));
    if (!engine) {
        return report(engine.error());
    }
    Survey survey(plan, declared_streams(plan, *program),
                  [&engine](event::Batch batch) { return TimedRows(engine->prepare(std::move(batch))); });
    for (streams::BlockReader& reader : readers) {
        survey.add({std::move(reader), program->projection}, std::nullopt);
    }
    return survey.run();
}

/// Reads the first records of an input.
std::vector<event::Block> read_sample(SampledInput& source) {
    std::vector<event::Block> blocks;
    for (std::size_t most = 0; most < kSampleRecords; most += kRecordsAtOnce) {
        auto block = source.reader.next();
        if (!block) {
            source.error = block.error();
            break;
        }
        if (!*block) {
            break;
        }
        blocks.push_back(**block);
    }
    source.sample.assign(blocks.begin(), blocks.end());
    return blocks;
}

ExitCode advise_by_inference(const AdvisePlan& plan, std::vector<streams::BlockReader> readers) {
    std::vector<Watched> all;
    all.push_back(
        {{.name = {}, .declared = {}, .time = {}, .lateness = streams::Lateness(slacks_of(plan, std::nullopt))}, std::nullopt});
    Survey survey(plan, std::move(all), [](event::Batch batch) { return TimedRows(std::move(batch)); });
    for (streams::BlockReader& reader : readers) {
        SampledInput source{std::move(reader), {}};
        const auto blocks = read_sample(source);
        const auto found = streams::infer_time(blocks, source.reader.format(), plan.limits);
        if (!found.time && found.records > 0) {
            return report({Errc::invalid, fmt::format("{}: no field looks like the time of an event; declare the stream, and "
                                                      "name the rule file with --rules",
                                                      source.reader.name())});
        }
        std::optional<TimePlace> time;
        if (found.time) {
            time = {joined_path(found.time->path), found.time->unit};
            source.projection = {{found.time->path, event::Type::time, found.time->unit.value_or(TimeUnit::ms)}};
        }
        survey.add(std::move(source), std::move(time));
    }
    return survey.run();
}

}  // namespace

ExitCode advise(const AdvisePlan& plan, const Program& program) {
    if (program && std::ranges::none_of(program->streams, [](const plan::StreamPlan& stream) {
            return stream.origin == plan::StreamPlan::Origin::records;
        })) {
        return report({Errc::invalid, "the rules declare no stream"});
    }
    auto readers = open_inputs(plan.inputs, kRecordsAtOnce, plan.limits);
    if (!readers) {
        return report(readers.error());
    }
    return program ? advise_by_rules(plan, program, std::move(*readers)) : advise_by_inference(plan, std::move(*readers));
}

}  // namespace tocsin::cli
