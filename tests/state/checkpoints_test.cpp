#include <filesystem>
#include <fstream>

#include <tocsin/state/checkpoints.hpp>

#include "support/golden.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::state {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST_CASE("a state that was written is read, and the last two are kept") {
    const test::TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path("made/of it"));
    CHECK(checkpoints.list().empty());
    CHECK_FALSE(checkpoints.read(1).has_value());
    REQUIRE(checkpoints.write(5, "five").has_value());
    REQUIRE(checkpoints.write(100, std::string("a\0b", 3)).has_value());
    CHECK(checkpoints.list() == Numbers{100, 5});
    CHECK(checkpoints.read(100).value() == std::string("a\0b", 3));
    REQUIRE(checkpoints.write(100, "again").has_value());
    REQUIRE(checkpoints.write(20, "").has_value());
    CHECK(checkpoints.list() == Numbers{100, 20});
    CHECK(checkpoints.read(100).value() == "again");
    CHECK(checkpoints.read(20).value().empty());
}

TEST_CASE("a state whose file is cut off or has another bit is refused; other files are no states") {
    const test::TemporaryFolder folder;
    const Checkpoints checkpoints(folder.path("states"));
    REQUIRE(checkpoints.write(7, "a state").has_value());
    const std::filesystem::path path = *std::filesystem::directory_iterator(folder.path("states"));
    const std::string bytes = test::read_file(path);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        std::ofstream(path, std::ios::binary) << bytes.substr(0, size);
        CHECK(checkpoints.read(7).error().code == Errc::bad_data);
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        std::ofstream(path, std::ios::binary) << flipped;
        CHECK(checkpoints.read(7).error().code == Errc::bad_data);
    }
    std::ofstream(folder.path("states/9.state.new")) << "unfinished";
    std::ofstream(folder.path("states/notes.txt")) << "nothing of ours";
    CHECK(checkpoints.list() == Numbers{7});
}

TEST_CASE("a state that cannot be written is said, and leaves the one before") {
    const test::TemporaryFolder folder;
    CHECK_FALSE(Checkpoints(folder.write("file", "") + "/states").write(1, "state").has_value());
    const Checkpoints checkpoints(folder.path("states"));
    REQUIRE(checkpoints.write(1, "one").has_value());
    std::filesystem::create_directory(folder.path("states/00000000000000000002.state.new"));
    CHECK_FALSE(checkpoints.write(2, "two").has_value());
    CHECK(checkpoints.list() == Numbers{1});
}

}  // namespace
}  // namespace tocsin::state
