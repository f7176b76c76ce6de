#include "support/replay.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include <tocsin/alerts/json.hpp>
#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/streams/block_reader.hpp>

#include "merge.hpp"
#include "rules.hpp"
#include "support/test.hpp"

namespace tocsin::test {

namespace fs = std::filesystem;

namespace {

engine::Engine make_engine(const std::shared_ptr<const plan::Program>& program, std::vector<engine::Input> inputs,
                           unsigned threads) {
    engine::Options options;
    options.inputs = std::move(inputs);
    options.threads = threads;
    auto engine = engine::Engine::create(program, std::move(options));
    if (!engine) {
        FAIL(engine.error().message);
    }
    return std::move(*engine);
}

/// One file on its way.
struct Feed {
    streams::BlockReader reader;
    event::Decoder decoder;
    std::optional<engine::PreparedBatch> batch;
};

/// The next batch with records of the feed into the cursor; at its end a cursor without one.
void advance(Feed& feed, event::InputId input, engine::Engine& engine, cli::Cursor<engine::PreparedBatch>& cursor,
             std::vector<alerts::Output>& output) {
    while (cursor.batch == nullptr || cursor.row == cursor.batch->rows()) {
        const auto block = feed.reader.next();
        REQUIRE(block);
        if (!*block) {
            cursor = {};
            engine.end_input(input, output);
            return;
        }
        feed.batch = engine.prepare(feed.decoder.decode(input, **block));
        cursor = {&*feed.batch, 0};
    }
}

Replayed finished(engine::Engine& engine, std::vector<alerts::Output> output) {
    engine.finish(output);
    return {std::move(output), engine.counters(), engine.state_size()};
}

}  // namespace

std::shared_ptr<const plan::Program> compile(const std::string& rules) {
    SourceMap sources;
    const SourceId source = sources.add("rules.tocsin", rules);
    const dsl::ParseResult parsed = dsl::parse(sources, source);
    if (has_errors(parsed.diagnostics)) {
        FAIL(render(parsed.diagnostics, sources));
    }
    const compiler::CompileResult compiled = compiler::compile(sources, std::span(&parsed.file, 1));
    if (!compiled.program) {
        FAIL(render(compiled.diagnostics, sources));
    }
    return compiled.program;
}

std::shared_ptr<const plan::Program> compile_paths(const std::vector<fs::path>& paths) {
    std::vector<std::string> names;
    for (const fs::path& path : paths) {
        names.push_back(path.string());
    }
    const auto rules = cli::load_rules(names, {});
    if (!rules) {
        FAIL(rules.error().message);
    }
    if (!rules->program) {
        FAIL(render(rules->diagnostics, rules->sources));
    }
    return rules->program;
}

std::vector<alerts::Alert> Replayed::alerts() const {
    std::vector<alerts::Alert> found;
    for (const alerts::Output& one : output) {
        if (const auto* alert = std::get_if<alerts::Alert>(&one)) {
            found.push_back(*alert);
        }
    }
    return found;
}

std::vector<alerts::LateRecord> Replayed::late() const {
    std::vector<alerts::LateRecord> found;
    for (const alerts::Output& one : output) {
        if (const auto* late = std::get_if<alerts::LateRecord>(&one)) {
            found.push_back(*late);
        }
    }
    return found;
}

std::string Replayed::ndjson() const {
    std::string text;
    for (const alerts::Output& one : output) {
        alerts::append_json(text, one);
        text += '\n';
    }
    return text;
}

Replayed replay_text(const std::shared_ptr<const plan::Program>& program, const std::string& ndjson,
                     const ReplayOptions& options) {
    engine::Engine engine = make_engine(program, {{.name = options.input, .format = event::Format::ndjson}}, options.threads);
    event::Decoder decoder(event::Format::ndjson, program->projection, {});
    const event::InputId input{0};
    std::vector<alerts::Output> output;
    std::size_t begin = 0;
    for (std::uint64_t line = 1; begin < ndjson.size();) {
        std::size_t end = begin;
        std::size_t lines = 0;
        while (lines < options.batch && end < ndjson.size()) {
            end = std::min(ndjson.find('\n', end), ndjson.size() - 1) + 1;
            ++lines;
        }
        const auto batch = engine.prepare(decoder.decode(input, event::make_block(ndjson.substr(begin, end - begin), line)));
        engine.push(batch, 0, batch.rows(), output);
        line += lines;
        begin = end;
    }
    engine.end_input(input, output);
    return finished(engine, std::move(output));
}

Replayed replay_files(const std::shared_ptr<const plan::Program>& program, const std::vector<fs::path>& files,
                      const ReplayOptions& options) {
    std::vector<Feed> feeds;
    std::vector<engine::Input> inputs;
    for (const fs::path& file : files) {
        streams::ReaderOptions reading;
        reading.max_records = options.batch;
        auto reader = streams::BlockReader::open({file.filename().string(), file.string()}, reading);
        if (!reader) {
            FAIL(reader.error().message);
        }
        inputs.push_back({.name = std::string(reader->name()), .format = reader->format()});
        event::Decoder decoder(reader->format(), program->projection, {});
        feeds.push_back({std::move(*reader), std::move(decoder), {}});
    }
    engine::Engine engine = make_engine(program, std::move(inputs), options.threads);
    std::vector<alerts::Output> output;
    std::vector<cli::Cursor<engine::PreparedBatch>> cursors(feeds.size());
    const auto next = [&](std::size_t input) {
        advance(feeds[input], event::InputId{static_cast<std::uint32_t>(input)}, engine, cursors[input], output);
    };
    for (std::size_t input = 0; input < feeds.size(); ++input) {
        next(input);
    }
    while (const auto piece = cli::next_piece(cursors, options.batch)) {
        cli::Cursor<engine::PreparedBatch>& cursor = cursors[piece->input];
        engine.push(*cursor.batch, piece->begin, piece->end, output);
        cursor.row = piece->end;
        next(piece->input);
    }
    return finished(engine, std::move(output));
}

std::string field(const alerts::AlertEvent& event, std::string_view name) {
    const auto at = std::find_if(event.fields.begin(), event.fields.end(),
                                 [name](const alerts::NamedJson& one) { return one.first == name; });
    return at == event.fields.end() ? "null" : at->second;
}

std::vector<std::string> fields(const alerts::Alert& alert, std::string_view name) {
    std::vector<std::string> values;
    for (const alerts::AlertStep& step : alert.steps) {
        for (const alerts::AlertEvent& event : step.events) {
            values.push_back(field(event, name));
        }
    }
    return values;
}

std::vector<std::uint64_t> offsets(const alerts::Alert& alert) {
    std::vector<std::uint64_t> found;
    for (const alerts::AlertStep& step : alert.steps) {
        for (const alerts::AlertEvent& event : step.events) {
            found.push_back(event.offset);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<fs::path> shared_file(const std::string& path) {
    const char* const by_hand = std::getenv("TOCSIN_SHARED_DIR");
    const fs::path file = fs::path(by_hand != nullptr ? by_hand : TOCSIN_SHARED_DIR) / path;
    if (fs::exists(file)) {
        return file;
    }
    std::cout << "skipped: " << file.string() << " is not there\n";
    return std::nullopt;
}

}  // namespace tocsin::test
