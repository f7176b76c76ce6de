#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tocsin/alerts/json.hpp>
#include <tocsin/event/decode.hpp>

#include "compiler/compiled.hpp"
#include "engine/engine_run.hpp"
#include "support/test.hpp"

namespace tocsin::test {

/// An engine driven call by call.
class Driver {
public:
    explicit Driver(const std::string& rules, const std::vector<std::string>& inputs = {"input"}, engine::Options options = {})
        : program_(program_of(rules)), engine_(engine_of(program_, inputs, std::move(options))) {}

    /// Some records of one input, as one batch.
    void push(const std::vector<std::string>& lines, std::uint32_t input = 0) {
        std::string text;
        for (const std::string& line : lines) {
            text += line + "\n";
        }
        const std::size_t count = lines.size();
        event::Decoder decoder(event::Format::ndjson, program_->projection, {});
        if (lines_.size() <= input) {
            lines_.resize(input + 1);
        }
        const auto batch =
            engine_.prepare(decoder.decode(event::InputId{input}, event::make_block(std::move(text), lines_[input] + 1)));
        lines_[input] += count;
        engine_.push(batch, 0, batch.rows(), output);
    }
    void end_input(std::uint32_t input) { engine_.end_input(event::InputId{input}, output); }
    void finish() { engine_.finish(output); }
    [[nodiscard]] engine::Engine& engine() { return engine_; }
    [[nodiscard]] const std::shared_ptr<const plan::Program>& program() const { return program_; }
    /// Lines of the first input that another engine has read.
    void skip(std::size_t lines) { lines_ = {lines}; }

    /// What came out since the last call, a line each.
    [[nodiscard]] std::vector<std::string> take() {
        std::vector<std::string> lines;
        for (const alerts::Output& one : std::exchange(output, {})) {
            lines.push_back(describe(one));
        }
        return lines;
    }

    std::vector<alerts::Output> output;

private:
    static std::shared_ptr<const plan::Program> program_of(const std::string& rules) {
        const Compiled made = compiled(rules);
        INFO(made.found);
        REQUIRE(made.program != nullptr);
        return made.program;
    }
    static engine::Engine engine_of(const std::shared_ptr<const plan::Program>& program, const std::vector<std::string>& inputs,
                                    engine::Options options) {
        for (const std::string& name : inputs) {
            options.inputs.push_back({name, event::Format::ndjson});
        }
        auto made = engine::Engine::create(program, std::move(options));
        REQUIRE(made.has_value());
        return std::move(*made);
    }

    std::shared_ptr<const plan::Program> program_;
    engine::Engine engine_;
    std::vector<std::uint64_t> lines_;
};

/// The alerts of a run, without late records.
inline std::vector<alerts::Alert> alerts_of(const std::vector<alerts::Output>& output) {
    std::vector<alerts::Alert> alerts;
    for (const alerts::Output& one : output) {
        if (const auto* alert = std::get_if<alerts::Alert>(&one)) {
            alerts.push_back(*alert);
        }
    }
    return alerts;
}

/// Every byte that a run writes.
inline std::string json_of(const std::vector<alerts::Output>& output) {
    std::string text;
    for (const alerts::Output& one : output) {
        alerts::append_json(text, one);
        text += '\n';
    }
    return text;
}

/// `OP TEXT at SECONDS` of each alert.
[[nodiscard]] inline std::vector<std::string> told(const std::vector<alerts::Output>& output) {
    std::vector<std::string> lines;
    for (const alerts::Alert& alert : alerts_of(output)) {
        const char* const op = alert.op == alerts::Op::alert ? "" : alert.op == alerts::Op::retract ? "retract " : "correct ";
        lines.push_back(fmt::format("{}{} at {}", op, alert.text, alert.time.micros() / 1'000'000));
    }
    return lines;
}

/// Of rules that must compile.
[[nodiscard]] inline EngineRun run_of(const std::string& rules, const std::vector<std::string>& lines, unsigned threads = 1,
                                      std::size_t batch = 4096) {
    EngineRun result = run_engine(rules, lines, threads, batch);
    INFO(result.problems);
    REQUIRE(result.problems.empty());
    return result;
}
[[nodiscard]] inline std::vector<std::string> told(const std::string& rules, const std::vector<std::string>& lines) {
    return told(run_of(rules, lines).output);
}

}  // namespace tocsin::test
