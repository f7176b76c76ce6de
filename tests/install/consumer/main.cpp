// A program of somebody else's: one rule, two events, one alert.
#include <cstdio>
#include <string>
#include <vector>

#include <tocsin/alerts/json.hpp>
#include <tocsin/compiler/compile.hpp>
#include <tocsin/dsl/parser.hpp>
#include <tocsin/engine/engine.hpp>

int main() {
    tocsin::SourceMap sources;
    const auto source = sources.add("pair.tocsin", R"(
stream A(k: int, ts: time)
  time ts
rule pair
  when   first: A -> second: A
  by     k
  within 1m
)");
    const std::vector<tocsin::dsl::File> files{tocsin::dsl::parse(sources, source).file};
    const auto compiled = tocsin::compiler::compile(sources, files);
    if (!compiled.program) {
        std::fputs(tocsin::render(compiled.diagnostics, sources).c_str(), stderr);
        return 1;
    }
    tocsin::engine::Options options;
    options.inputs = {{"memory", tocsin::event::Format::ndjson}};
    auto engine = tocsin::engine::Engine::create(compiled.program, options);
    tocsin::event::Decoder decoder(tocsin::event::Format::ndjson, compiled.program->projection, {});
    const auto block = tocsin::event::make_block("{\"k\":1,\"ts\":1000}\n{\"k\":1,\"ts\":2000}\n", 1);
    const auto prepared = engine->prepare(decoder.decode(tocsin::event::InputId{0}, block));
    std::vector<tocsin::alerts::Output> outputs;
    engine->push(prepared, 0, prepared.rows(), outputs);
    engine->finish(outputs);
    for (const auto& output : outputs) {
        std::string line;
        tocsin::alerts::append_json(line, output);
        std::puts(line.c_str());
    }
    return outputs.size() == 1 ? 0 : 1;
}
