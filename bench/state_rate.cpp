// What an engine's state costs to save and to go on from.
//
//   state_rate RULES FILE
//
// FILE (NDJSON) is run through the rules, and not told that it ended. Then the state is saved, and another engine made of it, five times
// each; one JSON line is printed.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tocsin/engine/engine.hpp>
#include <tocsin/event/decode.hpp>

#include "input.hpp"

namespace {

using tocsin::engine::Engine;

constexpr int kRuns = 5;

tocsin::engine::Options options() {
    tocsin::engine::Options made;
    made.inputs = {{"events", tocsin::event::Format::ndjson}};
    return made;
}

Engine or_give_up(tocsin::Result<Engine> engine) {
    if (!engine) {
        tocsin::bench::give_up(engine.error().message);
    }
    return std::move(*engine);
}

/// The median of some runs.
double seconds_of(const std::function<void()>& work) {
    std::vector<double> seconds;
    for (int i = 0; i < kRuns; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[kRuns / 2];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        tocsin::bench::give_up("usage: state_rate RULES FILE");
    }
    const tocsin::bench::Program program = tocsin::bench::load(argv[1]);
    Engine engine = or_give_up(Engine::create(program, options()));
    tocsin::event::Decoder decoder(tocsin::event::Format::ndjson, program->projection, tocsin::Limits{});
    std::vector<tocsin::alerts::Output> out;
    for (const tocsin::event::Block& block : tocsin::bench::blocks_of(tocsin::bench::read(argv[2]))) {
        const auto prepared = engine.prepare(decoder.decode(tocsin::event::InputId{0}, block));
        engine.push(prepared, 0, prepared.rows(), out);
        out.clear();
    }
    std::string state;
    const double save = seconds_of([&] { state = engine.save(); });
    const double restore = seconds_of([&] { static_cast<void>(or_give_up(Engine::restore(program, options(), state))); });
    const Engine::StateSize size = engine.state_size();
    std::printf(
        "{\"keys\":%zu,\"runs\":%zu,\"events\":%zu,\"rows\":%zu,\"bytes\":%zu,\"save_seconds\":%.3f,\"restore_seconds\":%.3f}"
        "\n",
        size.keys, size.runs, size.events, size.rows, state.size(), save, restore);
}
