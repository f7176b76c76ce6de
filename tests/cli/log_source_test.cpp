// The log of a service as a source: what was committed comes back as blocks, in its order.
#include "cli/store.hpp"
#include "source.hpp"
#include "support/temporary_folder.hpp"

using namespace tocsin;
using namespace tocsin::test;
using namespace tocsin::cli;

namespace {

std::unique_ptr<Source> open(const std::string& folder, std::size_t records) {
    auto sources = open_sources({{}, folder}, {}, records, {});
    INFO((sources ? "" : sources.error().message));
    REQUIRE(sources);
    REQUIRE(sources->size() == 1);
    return std::move(sources->front());
}

/// `input@line:text` of each block.
std::vector<std::string> blocks(Source& source) {
    std::vector<std::string> found;
    for (;;) {
        const auto block = source.next();
        REQUIRE(block);
        if (!*block) {
            return found;
        }
        std::string text((*block)->block.text());
        std::ranges::replace(text, '\n', ';');
        found.push_back(source.inputs()[(*block)->input].name + "@" + std::to_string((*block)->block.first_line) + ":" + text);
    }
}

}  // namespace

TEST_CASE("chunks of one input that follow each other are one block, up to the number of records asked for") {
    const TemporaryFolder folder;
    fill_store(folder.path("data"), {{"a", "1\n"}, {"a", "2\n3\n"}, {"a", "4\n"}, {"b", "5\n"}, {"a", "6\n"}});
    CHECK(blocks(*open(folder.path("data"), 100)) == std::vector<std::string>{"a@1:1;2;3;4;", "b@1:5;", "a@5:6;"});
    CHECK(blocks(*open(folder.path("data"), 2)) == std::vector<std::string>{"a@1:1;2;3;", "a@4:4;", "b@1:5;", "a@5:6;"});
    CHECK(blocks(*open(folder.path("data"), 1)).size() == 5);
}

TEST_CASE("the end of a log stays the end, and an empty log has the service's input") {
    const TemporaryFolder folder;
    fill_store(folder.path("data"), {});
    const auto source = open(folder.path("data"), 10);
    CHECK(blocks(*source).empty());
    CHECK(blocks(*source).empty());
    REQUIRE(source->inputs().size() == 1);
    CHECK(source->inputs()[0].name == "events");
}

TEST_CASE("a log that nobody reads to its end is let go of") {
    const TemporaryFolder folder;
    std::vector<std::pair<std::string, std::string>> chunks;
    for (int i = 0; i < 200; ++i) {
        chunks.emplace_back(i % 2 == 0 ? "a" : "b", "x\n");
    }
    fill_store(folder.path("data"), chunks);
    // Far more blocks than are read ahead: its thread waits for room, and must not wait for ever.
    const auto source = open(folder.path("data"), 1);
    REQUIRE(source->next());
}
