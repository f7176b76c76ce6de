#include "why.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <tocsin/engine/engine.hpp>
#include <tocsin/matcher/why.hpp>

#include "columns.hpp"
#include "command.hpp"
#include "input_queue.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "merge.hpp"
#include "state_bound.hpp"
#include "why_key.hpp"
#include "why_words.hpp"

namespace tocsin::cli {

namespace {

using Fate = engine::WatchedRecord::Fate;
using SharedProgram = std::shared_ptr<const plan::Program>;

constexpr std::size_t kRecordsAtOnce = 4096;

/// Reads the inputs to their end, merged by event time, and forgets what comes out. Owned by one thread.
class Pass {
public:
    Pass(const WhyQuestion& question, engine::Engine& engine) : question_(question), engine_(engine) {}

    [[nodiscard]] Result<void> run(Sources sources, const event::Projection& projection) {
        for (std::uint32_t i = 0; i < sources.size(); ++i) {
            feeds_.push_back(
                {InputQueue(std::move(sources[i]), {{&engine_, &projection}}, {event::InputId{i}, 0, question_.limits}),
                 std::nullopt});
        }
        cursors_.resize(feeds_.size());
        Result<void> result;
        for (std::size_t input = 0; input < feeds_.size() && result; ++input) {
            result = advance(input);
        }
        for (auto piece = next_piece(cursors_, kRecordsAtOnce); result && piece; piece = next_piece(cursors_, kRecordsAtOnce)) {
            engine_.push(*cursors_[piece->input].batch, piece->begin, piece->end, outputs_);
            outputs_.clear();
            cursors_[piece->input].row = piece->end;
            result = advance(piece->input);
        }
        engine_.finish(outputs_);
        return result;
    }

    [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

private:
    struct Feed {
        InputQueue queue;
        std::optional<PreparedBlock> block;
    };

    [[nodiscard]] Result<void> advance(std::size_t input) {
        Cursor<engine::PreparedBatch>& cursor = cursors_[input];
        while (cursor.batch == nullptr || cursor.row >= cursor.batch->rows()) {
            cursor = {};
            auto next = feeds_[input].queue.next(InterruptGuard::flag());
            if (!next) {
                return tl::unexpected(next.error());
            }
            feeds_[input].block = std::move(*next);
            if (!feeds_[input].block) {
                engine_.end_input(event::InputId{static_cast<std::uint32_t>(input)}, outputs_);
                return {};
            }
            unreadable_ += feeds_[input].block->errors.size();
            cursor = {&feeds_[input].block->batches.front(), 0};
        }
        return {};
    }

    const WhyQuestion& question_;
    engine::Engine& engine_;
    std::vector<Feed> feeds_;
    std::vector<Cursor<engine::PreparedBatch>> cursors_;
    std::vector<alerts::Output> outputs_;
    std::uint64_t unreadable_{0};
};

/// An engine that has watched the inputs from beginning to end.
Result<engine::Engine> watched(const SharedProgram& program, const WhyQuestion& question, engine::Watch watch) {
    auto sources = open_sources({question.inputs, std::nullopt}, std::span(&program, 1), kRecordsAtOnce, question.limits);
    if (!sources) {
        return tl::unexpected(sources.error());
    }
    engine::Options options{.inputs = inputs_of(*sources),
                            .threads = 1,
                            .limits = question.limits,
                            .from = question.from,
                            .to = question.to,
                            .watch = std::move(watch)};
    auto engine = engine::Engine::create(program, std::move(options));
    if (!engine) {
        return engine;
    }
    Pass pass(question, *engine);
    const auto run = pass.run(std::move(*sources), program->projection);
    if (pass.unreadable() > 0) {
        spdlog::warn("{} could not be read", counted(pass.unreadable(), "record"));
    }
    return run ? std::move(engine) : tl::unexpected(run.error());
}

std::string names_of(const plan::Program& program, const std::vector<plan::StreamId>& streams) {
    std::vector<std::string> names;
    for (const plan::StreamId stream : streams) {
        names.push_back(program[stream].name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Why the rule did not see the record; for each fate but `seen`.
std::string unseen(const plan::Program& program, const plan::RulePlan& rule, const engine::WatchedRecord& record) {
    switch (record.fate) {
        case Fate::absent: return "there is no such record, or it could not be read";
        case Fate::other_stream: {
            std::vector<plan::StreamId> seen;
            std::transform(rule.sources.begin(), rule.sources.end(), std::back_inserter(seen),
                           [](const auto& source) { return source.stream; });
            return fmt::format("{} does not see it: it is of {}, and the rule sees {}", rule.name,
                               record.streams.empty() ? "no stream" : names_of(program, record.streams),
                               names_of(program, seen));
        }
        case Fate::without_time: return fmt::format("{} does not see it: it has no event time", rule.name);
        case Fate::outside_range: return "it is outside of --from … --to";
        case Fate::duplicate: return "it is a duplicate: its $offset was seen before";
        case Fate::too_late:
            return fmt::format("it came too late for {}: {} behind the watermark, and `lateness` allows {}", rule.name,
                               format_duration(record.behind), format_duration(rule.lateness));
        case Fate::null_key:
            return fmt::format("{} does not see it: {} of its key is null", rule.name,
                               record.null_parts.empty() ? "a part" : fmt::format("{}", fmt::join(record.null_parts, ", ")));
        case Fate::seen: break;
    }
    return {};
}

/// Reads the inputs once to find the record's key.
Result<std::string> find_key(const SharedProgram& program, plan::RuleId rule, const WhyQuestion& question,
                             const RecordName& name) {
    const bool piped =
        std::any_of(question.inputs.begin(), question.inputs.end(), [](const auto& input) { return input.path == "-"; });
    if (piped) {
        return fail(Errc::invalid,
                    "--event reads its inputs twice, which standard input cannot be; name files, or the key with --key");
    }
    const engine::Watch watch{rule, std::nullopt,
                              engine::Watch::Record{event::InputId{static_cast<std::uint32_t>(name.input)}, name.offset}};
    const auto engine = watched(program, question, watch);
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    const engine::WatchedRecord& record = engine->watched_record();
    if (record.fate != Fate::seen) {
        return fail(Errc::invalid, fmt::format("{}:{}: {}", question.inputs[name.input].name, name.offset,
                                               unseen(*program, (*program)[rule], record)));
    }
    return record.key;
}

/// The key that the question is about.
Result<std::string> key_of(const SharedProgram& program, plan::RuleId id, const WhyQuestion& question,
                           const std::optional<RecordName>& name) {
    const plan::RulePlan& rule = (*program)[id];
    if (!question.key.empty()) {
        return rule.key.empty() ? fail(Errc::invalid, fmt::format("{} has no key: leave --key out", rule.name))
                                : parse_key(rule, question.key);
    }
    if (name) {
        return find_key(program, id, question, *name);
    }
    return rule.key.empty()
               ? Result<std::string>("")
               : fail(Errc::invalid, fmt::format("--why needs a key of {} ({}), or an event: --key {}=… or --event OFFSET",
                                                 rule.name, key_text(rule), rule.key.front().name));
}

Result<std::string> answer(const SharedProgram& program, plan::RuleId id, const WhyQuestion& question) {
    std::optional<RecordName> name;
    if (!question.event.empty()) {
        const auto parsed = parse_record_name(question.event, question.inputs);
        if (!parsed) {
            return tl::unexpected(parsed.error());
        }
        name = *parsed;
    }
    const auto key = key_of(program, id, question, name);
    if (!key) {
        return key;
    }
    engine::Watch watch{id, *key, std::nullopt};
    std::optional<std::string> about;
    if (name) {
        watch.record = engine::Watch::Record{event::InputId{static_cast<std::uint32_t>(name->input)}, name->offset};
        about = fmt::format("{}:{}", question.inputs[name->input].name, name->offset);
    }
    auto engine = watched(program, question, std::move(watch));
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    auto why = engine->why();
    if (!why) {
        return tl::unexpected(why.error());
    }
    const WhyReport report{program.get(), &(*program)[id], &*engine, *key, about, std::move(*why)};
    return question.json ? why_json(report) : why_text(report);
}

}  // namespace

ExitCode explain_why(const plan::Program& program, const plan::RulePlan& rule, const WhyQuestion& question) {
    const plan::RuleId id{static_cast<std::uint32_t>(&rule - program.rules.data())};
    const auto alone = std::make_shared<const plan::Program>(matcher::keeping_all_columns(plan::only(program, id)));
    const auto text = answer(alone, plan::RuleId{static_cast<std::uint32_t>(alone->rules.size() - 1)}, question);
    return text ? print(*text) : report(text.error());
}

}  // namespace tocsin::cli
