// How fast the engine is on events that are decoded already, as its peers are measured.
//
//   engine_rate RULES FILE [--runs N] [--warmup N] [--threads N] [--answers FILE]
//
// FILE (NDJSON) is read into memory. Before each run it is decoded; timed is the engine alone, made anew: predicates,
// keys, matching, alerts as values, until the end of the input has decided everything. One JSON line is printed, and the
// answers, of each alert the offset of its last event, one a line, ascending and each once, go to --answers. Peers print
// the same: bench/README.md says what the fields mean.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <sys/resource.h>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>

#include "input.hpp"

namespace {

using tocsin::bench::blocks_of;
using tocsin::bench::give_up;
using tocsin::bench::load;
using tocsin::bench::Program;
using tocsin::bench::read;
using tocsin::event::Batch;
using tocsin::event::Block;
using Seconds = std::chrono::duration<double>;

constexpr tocsin::event::InputId kInput{0};

struct Settings {
    std::string rules;
    std::string file;
    std::string answers;
    unsigned runs{5};
    unsigned warmup{1};
    unsigned threads{1};
};

struct Run {
    Seconds decode{};
    Seconds engine{};
    std::uint64_t events{0};
    std::uint64_t matches{0};
    std::vector<std::uint64_t> answers;
};

/// Where the match ended; nothing is added for a late record.
void add_answer(const tocsin::alerts::Output& output, Run& run) {
    const auto* alert = std::get_if<tocsin::alerts::Alert>(&output);
    if (alert == nullptr) {
        return;
    }
    ++run.matches;
    if (alert->window && alert->window->event) {
        run.answers.push_back(alert->window->event->offset);
    } else if (!alert->steps.empty()) {
        run.answers.push_back(alert->steps.back().events.back().offset);
    }
}

Run run_once(const Program& program, const std::vector<Block>& blocks, unsigned threads) {
    Run run;
    const auto decoding = std::chrono::steady_clock::now();
    tocsin::event::Decoder decoder(tocsin::event::Format::ndjson, program->projection, tocsin::Limits{});
    std::vector<Batch> batches;
    for (const Block& block : blocks) {
        batches.push_back(decoder.decode(kInput, block));
        run.events += batches.back().rows();
    }
    const auto begin = std::chrono::steady_clock::now();
    tocsin::engine::Options options;
    options.inputs = {{"events", tocsin::event::Format::ndjson}};
    options.threads = threads;
    auto engine = tocsin::engine::Engine::create(program, std::move(options));
    if (!engine) {
        give_up(engine.error().message);
    }
    std::vector<tocsin::alerts::Output> out;
    const auto take = [&out, &run] {
        for (const tocsin::alerts::Output& output : out) {
            add_answer(output, run);
        }
        out.clear();
    };
    for (Batch& batch : batches) {
        const auto prepared = engine->prepare(std::move(batch));
        engine->push(prepared, 0, prepared.rows(), out);
        take();
    }
    engine->end_input(kInput, out);
    engine->finish(out);
    take();
    run.decode = begin - decoding;
    run.engine = std::chrono::steady_clock::now() - begin;
    std::sort(run.answers.begin(), run.answers.end());
    run.answers.erase(std::unique(run.answers.begin(), run.answers.end()), run.answers.end());
    return run;
}

/// FNV-1a over the answers as text, each with its line end.
std::uint64_t digest(const std::vector<std::uint64_t>& answers) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const std::uint64_t answer : answers) {
        for (const char c : std::to_string(answer) + '\n') {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
    }
    return hash;
}

void write_answers(const std::string& path, const std::vector<std::uint64_t>& answers) {
    std::ofstream out(path, std::ios::binary);
    for (const std::uint64_t answer : answers) {
        out << answer << '\n';
    }
    if (!out.flush()) {
        give_up("cannot write " + path);
    }
}

Settings settings_of(int argc, char** argv) {
    Settings settings;
    std::vector<std::string> paths;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (!argument.starts_with("--")) {
            paths.emplace_back(argument);
            continue;
        }
        const std::string value = i + 1 < argc ? argv[++i] : "";
        const auto number = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
        if (argument == "--answers") {
            settings.answers = value;
        } else if (argument == "--runs" && number > 0) {
            settings.runs = number;
        } else if (argument == "--warmup") {
            settings.warmup = number;
        } else if (argument == "--threads" && number > 0) {
            settings.threads = number;
        } else {
            paths.clear();
            break;
        }
    }
    if (paths.size() != 2) {
        give_up("usage: engine_rate RULES FILE [--runs N] [--warmup N] [--threads N] [--answers FILE]");
    }
    settings.rules = paths[0];
    settings.file = paths[1];
    return settings;
}

}  // namespace

int main(int argc, char** argv) {
    const Settings settings = settings_of(argc, argv);
    const Program program = load(settings.rules);
    const std::vector<Block> blocks = blocks_of(read(settings.file));
    for (unsigned i = 0; i < settings.warmup; ++i) {
        (void)run_once(program, blocks, settings.threads);
    }
    std::string seconds;
    Run run;
    for (unsigned i = 0; i < settings.runs; ++i) {
        run = run_once(program, blocks, settings.threads);
        seconds += (i == 0 ? "" : ",") + std::to_string(run.engine.count());
    }
    if (!settings.answers.empty()) {
        write_answers(settings.answers, run.answers);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "{\"engine\":\"tocsin\",\"workload\":\"%s\",\"events\":%llu,\"decode_seconds\":%.6f,\"seconds\":[%s],"
        "\"matches\":%llu,\"answers\":%zu,\"digest\":\"%016llx\",\"peak_kb\":%ld}\n",
        program->rules.front().name.c_str(), static_cast<unsigned long long>(run.events), run.decode.count(), seconds.c_str(),
        static_cast<unsigned long long>(run.matches), run.answers.size(), static_cast<unsigned long long>(digest(run.answers)),
        usage.ru_maxrss);
    return 0;
}
