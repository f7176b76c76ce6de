#include "test_runner.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/event/value.hpp>
#include <tocsin/matcher/evaluator.hpp>

#include "test_expect.hpp"

namespace tocsin::cli {

namespace {

constexpr event::InputId kInput{0};
constexpr std::string_view kPartition = "0";

/// A literal as a record has it: a duration in words, so that nothing finer than a millisecond is lost.
std::string record_json(const dsl::File& file, dsl::ExprId literal) {
    const auto* value = std::get_if<dsl::Literal>(&file[literal].node);
    const auto* duration = value != nullptr ? std::get_if<Duration>(&value->value) : nullptr;
    return duration != nullptr ? fmt::format("\"{}\"", format_duration(*duration)) : literal_json(file, literal);
}

const plan::StreamPlan* find_stream(const plan::Program& program, std::string_view name) {
    const auto at = std::find_if(program.streams.begin(), program.streams.end(),
                                 [name](const plan::StreamPlan& stream) { return stream.name == name && stream.origin == plan::StreamPlan::Origin::records; });
    return at == program.streams.end() ? nullptr : &*at;
}

/// The rule under test and what it needs, with records from the rows.
std::shared_ptr<const plan::Program> program_of(const plan::Program& whole, std::string_view rule) {
    const auto at = std::find_if(whole.rules.begin(), whole.rules.end(),
                                 [rule](const plan::RulePlan& plan) { return plan.name == rule; });
    if (at == whole.rules.end()) {
        return nullptr;
    }
    auto program = std::make_shared<plan::Program>(
        plan::only(whole, plan::RuleId{static_cast<std::uint32_t>(at - whole.rules.begin())}));
    for (plan::StreamPlan& stream : program->streams) {
        stream.from.reset();
    }
    return program;
}

/// What a rule wrote, or a record that was too late for it.
bool is_of(const alerts::Output& output, const std::string& rule) {
    if (const auto* late = std::get_if<alerts::LateRecord>(&output)) {
        return std::find(late->rules.begin(), late->rules.end(), rule) != late->rules.end();
    }
    return std::get<alerts::Alert>(output).rule == rule;
}

/// Runs the lines of one test in order; `failure` is empty as long as all is as expected.
class TestRun {
public:
    TestRun(const dsl::File& file, const SourceMap& sources, std::shared_ptr<const plan::Program> program,
            engine::Engine engine, std::shared_ptr<const matcher::Evaluator> evaluator, const Limits& limits)
        : file_(file),
          sources_(sources),
          program_(std::move(program)),
          engine_(std::move(engine)),
          session_(std::move(evaluator)),
          decoder_(event::Format::ndjson, program_->projection, limits) {}

    [[nodiscard]] std::string run(const dsl::TestDecl& test) {
        const auto is_expect = [](const auto& line) { return std::holds_alternative<dsl::TestExpect>(line); };
        auto line = test.lines.begin();
        while (line != test.lines.end() && failure_.empty()) {
            if (!is_expect(*line)) {
                std::visit([this](const auto& l) { take(l); }, *line);
                ++line;
                continue;
            }
            const auto end = std::find_if_not(line, test.lines.end(), is_expect);
            if (end == test.lines.end()) {
                engine_.finish(outputs_);
                finished_ = true;
            }
            compare({line, end});
            line = end;
        }
        if (failure_.empty() && !finished_) {
            engine_.finish(outputs_);
            compare_rest(test);
        }
        return failure_;
    }

private:
    using Lines = std::vector<std::variant<dsl::TestRow, dsl::TestIdle, dsl::TestWatermark, dsl::TestExpect>>;

    [[nodiscard]] std::string place(Span span) const {
        return fmt::format("{}:{}", sources_.name(span.source), sources_.locate(span.source, span.begin).line);
    }

    void take(const dsl::TestRow& row) {
        const plan::StreamPlan* stream = find_stream(*program_, row.stream.text);
        if (stream == nullptr) {
            failure_ = fmt::format("{}: there is no stream {}\n", place(row.span), row.stream.text);
            return;
        }
        event::Batch batch = decoder_.decode(kInput, event::make_block(row_record(file_, row, *stream), ++rows_));
        if (!batch.errors().empty()) {
            failure_ = fmt::format("{}: {}\n", place(row.span), batch.errors().front().reason);
            return;
        }
        matcher::Scope scope;
        scope.batch = &batch;
        const bool fits = !stream->where || session_.condition(*stream->where, scope);
        const engine::PreparedBatch prepared = engine_.prepare(std::move(batch));
        assert(prepared.mistyped_fields() == 0 && "the compiler holds the values of a row against their types");
        if (!fits) {
            failure_ = fmt::format("{}: the row does not fit the `where` of {}: no such record would be one of its events\n",
                                   place(row.span), row.stream.text);
            return;
        }
        engine_.push(prepared, 0, prepared.rows(), outputs_);
    }

    void take(const dsl::TestIdle& line) { engine_.idle(kInput, line.stream.text, kPartition, outputs_); }
    void take(const dsl::TestWatermark& line) {
        engine_.watermark(kInput, line.stream.text, kPartition, line.time.time, outputs_);
    }
    void take(const dsl::TestExpect&) {}

    void compare(const Lines& lines) {
        std::vector<Expectation> expectations;
        for (const auto& line : lines) {
            const auto& expect = std::get<dsl::TestExpect>(line);
            if (expect.kind != dsl::TestExpect::Kind::nothing) {
                expectations.push_back(make_expectation(file_, expect));
            }
        }
        check(expectations, place(std::get<dsl::TestExpect>(lines.front()).span));
    }

    /// What was written after the last `expect` had its say must be nothing.
    void compare_rest(const dsl::TestDecl& test) { check({}, place(test.span) + ", after the last line"); }

    void check(const std::vector<Expectation>& expectations, const std::string& where) {
        // The rules that it needs write too.
        std::erase_if(outputs_, [&](const alerts::Output& output) { return !is_of(output, program_->rules.back().name); });
        const Pairing pairing = pair_up(expectations, outputs_);
        if (!pairing.complete()) {
            failure_ = fmt::format("{}: - expected and not written, + written and not expected\n{}", where,
                                   draw_difference(expectations, outputs_, pairing));
        }
        outputs_.clear();
    }

    const dsl::File& file_;
    const SourceMap& sources_;
    std::shared_ptr<const plan::Program> program_;
    engine::Engine engine_;
    matcher::Evaluator::Session session_;
    event::Decoder decoder_;
    std::vector<alerts::Output> outputs_;
    std::uint64_t rows_{0};
    bool finished_{false};
    std::string failure_;
};

}  // namespace

std::string row_record(const dsl::File& file, const dsl::TestRow& row, const plan::StreamPlan& stream) {
    std::string out = "{\"$stream\":";
    event::append_json_string(out, stream.name);
    const auto add = [&out](const std::vector<std::string>& path, std::string_view json) {
        out += ',';
        event::append_json_string(out, fmt::format("{}", fmt::join(path, ".")));
        fmt::format_to(std::back_inserter(out), ":{}", json);
    };
    const bool time_given = std::any_of(row.fields.begin(), row.fields.end(),
                                        [&](const dsl::Assignment& field) { return field.path.parts == stream.time_path; });
    if (!time_given) {
        add(stream.time_path, fmt::format("\"{}\"", format_rfc3339(row.time.time)));
    }
    for (const dsl::Assignment& field : row.fields) {
        add(field.path.parts, record_json(file, field.value));
    }
    return out + "}\n";
}

TestResult run_test(const plan::Program& program, const dsl::File& file, const dsl::TestDecl& test, const SourceMap& sources,
                    const Limits& limits) {
    const auto started = std::chrono::steady_clock::now();
    TestResult result;
    result.rule = test.rule.text;
    result.title = test.title;
    result.file = sources.name(test.span.source);
    result.line = sources.locate(test.span.source, test.span.begin).line;
    auto alone = program_of(program, test.rule.text);
    if (!alone) {
        result.detail = fmt::format("there is no rule {}\n", test.rule.text);
        return result;
    }
    auto engine = engine::Engine::create(alone, {.inputs = {{"test", event::Format::ndjson}},
                                                 .threads = 1,
                                                 .limits = limits,
                                                 .from = std::nullopt,
                                                 .to = std::nullopt});
    auto evaluator = matcher::Evaluator::create(alone);
    if (!engine || !evaluator) {
        result.detail = (engine ? evaluator.error() : engine.error()).message + "\n";
    } else {
        result.detail = TestRun(file, sources, alone, std::move(*engine), std::move(*evaluator), limits).run(test);
    }
    result.passed = result.detail.empty();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result;
}

}  // namespace tocsin::cli
