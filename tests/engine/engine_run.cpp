#include "engine/engine_run.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>
#include <tocsin/event/decode.hpp>

namespace tocsin::test {

namespace {

/// What went wrong; empty if nothing did.
std::string put_another_in_its_place(engine::Engine& engine, const std::shared_ptr<const plan::Program>& program,
                                     const engine::Options& options) {
    const std::string state = engine.save();
    auto restored = engine::Engine::restore(program, options, state);
    if (!restored) {
        return restored.error().message;
    }
    if (restored->save() != state) {
        return "the engine that goes on is saved as other bytes";
    }
    engine = std::move(*restored);
    return "";
}

}  // namespace

EngineRun run_engine(const std::string& rules, const std::vector<std::string>& lines, unsigned threads, std::size_t batch,
                     const Limits& limits, Between between) {
    EngineRun run;
    SourceMap sources;
    const SourceId source = sources.add("rules.tocsin", rules);
    const dsl::ParseResult parsed = dsl::parse(sources, source, limits);
    if (has_errors(parsed.diagnostics)) {
        run.problems = render(parsed.diagnostics, sources);
        return run;
    }
    const std::array files{parsed.file};
    const compiler::CompileResult compiled = compiler::compile(sources, files, limits);
    if (!compiled.program) {
        run.problems = render(compiled.diagnostics, sources);
        return run;
    }
    engine::Options options;
    options.inputs = {{"input", event::Format::ndjson}};
    options.threads = threads;
    options.limits = limits;
    auto made = engine::Engine::create(compiled.program, options);
    if (!made) {
        run.problems = made.error().message;
        return run;
    }
    engine::Engine& engine = *made;
    event::Decoder decoder(event::Format::ndjson, compiled.program->projection, limits);
    const event::InputId input{0};
    for (std::size_t begin = 0; begin < lines.size(); begin += batch) {
        std::string text;
        for (std::size_t i = begin; i < std::min(lines.size(), begin + batch); ++i) {
            text += lines[i] + '\n';
        }
        const engine::PreparedBatch prepared =
            engine.prepare(decoder.decode(input, event::make_block(std::move(text), begin + 1)));
        engine.push(prepared, 0, prepared.rows(), run.output);
        run.pushed.resize(run.output.size(), begin);
        if (between == Between::restored) {
            run.problems = put_another_in_its_place(engine, compiled.program, options);
            if (!run.problems.empty()) {
                return run;
            }
        }
    }
    engine.end_input(input, run.output);
    engine.finish(run.output);
    run.pushed.resize(run.output.size(), lines.size());
    run.counters = engine.counters();
    run.left = engine.state_size();
    for (const plan::RulePlan& rule : compiled.program->rules) {
        run.rule_names.push_back(rule.name);
    }
    return run;
}

bool explodes(const std::string& rules, const std::vector<std::string>& lines) {
    Limits limits;
    limits.runs_per_key = 300;
    const EngineRun run = run_engine(rules, lines, 1, 4096, limits);
    return std::any_of(run.counters.rules.begin(), run.counters.rules.end(),
                       [](const engine::RuleCounters& counts) { return counts.runs_refused > 0; });
}

std::string describe(const alerts::Output& output) {
    if (const auto* late = std::get_if<alerts::LateRecord>(&output)) {
        std::string rules;
        for (const std::string& rule : late->rules) {
            rules += " " + rule;
        }
        return fmt::format("late {} {}/{} behind {} ms for{}", late->stream, late->event.partition, late->event.offset,
                           late->behind_ms, rules);
    }
    const auto& alert = std::get<alerts::Alert>(output);
    std::string text = alert.op == alerts::Op::retract ? "retract " : alert.op == alerts::Op::correct ? "correct " : "";
    text += alert.rule + " ";
    for (const alerts::NamedJson& part : alert.key) {
        text += part.second + " ";
    }
    text += fmt::format("at {}", alert.time.micros());
    std::vector<std::string> steps;
    for (const alerts::AlertStep& step : alert.steps) {
        std::string line = " " + step.name + "[";
        for (const alerts::AlertEvent& event : step.events) {
            line += fmt::format(" {}/{}", event.partition, event.offset);
        }
        steps.push_back(line + " ]");
    }
    if (alert.window) {
        text += fmt::format(" [{}, {})", alert.window->start.micros(), alert.window->end.micros());
    }
    if (alert.window && alert.window->event) {
        text += fmt::format(" at {}/{}", alert.window->event->partition, alert.window->event->offset);
    }
    for (const alerts::NamedJson& value : alert.values) {
        text += fmt::format(" {}={}", value.first, value.second);
    }
    std::sort(steps.begin(), steps.end());
    for (const std::string& step : steps) {
        text += step;
    }
    return text;
}

}  // namespace tocsin::test
