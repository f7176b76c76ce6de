#include <atomic>
#include <filesystem>

#include <spdlog/spdlog.h>

#include <tocsin/delivery/endpoint.hpp>

#include "delivery/outbox.hpp"
#include "delivery/virtual_transport.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A file endpoint that can be made anew, as after a kill.
struct FileHook {
    explicit FileHook(std::string to, delivery::FileRotation with = {}) : path(std::move(to)), rotation(with) {
        spdlog::set_level(spdlog::level::off);
        start();
    }

    std::string path;
    delivery::FileRotation rotation;
    MemoryOutbox outbox;
    VirtualClock clock;
    std::unique_ptr<delivery::Endpoint> endpoint;
    std::atomic<bool> interrupted{false};

    void start() {
        endpoint = delivery::make_file("hook", path, rotation, outbox, [this] { return clock.now; });
        REQUIRE(endpoint->load().has_value());
    }
    void add(std::uint64_t alert) {
        outbox.add(alert);
        endpoint->add(1);
    }
    void run() { REQUIRE(endpoint->run(interrupted).has_value()); }
    /// The rows from one sequence to another, as they stand in a file.
    [[nodiscard]] std::string lines(std::uint64_t from, std::uint64_t to) const {
        std::string out;
        for (std::uint64_t sequence = from; sequence <= to; ++sequence) {
            out += outbox.rows.at(sequence).body + "\n";
        }
        return out;
    }
};

TEST_CASE("alerts are appended to a file as lines, in their order") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"));
    file.add(1);
    file.add(2);
    file.run();
    file.add(3);
    file.run();
    CHECK(read_file(file.path) == file.lines(1, 3));
    CHECK(file.outbox.waiting.empty());
    CHECK(file.endpoint->counters().delivered == 3);
    CHECK(file.endpoint->counters().pending == 0);
}

TEST_CASE("what a kill left between the write and the note is cut off and written again") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"));
    file.add(1);
    file.run();
    file.add(2);
    file.outbox.killed = true;
    CHECK_FALSE(file.endpoint->run(file.interrupted).has_value());
    CHECK(read_file(file.path) == file.lines(1, 2));
    file.outbox.killed = false;
    file.start();
    file.add(3);
    file.run();
    CHECK(read_file(file.path) == file.lines(1, 3));
    CHECK(file.outbox.done == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a line that was cut in its middle by a kill is whole afterwards") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"));
    file.add(1);
    file.run();
    static_cast<void>(folder.write("out", read_file(file.path) + "{\"id\":\"00"));
    file.start();
    file.add(2);
    file.run();
    CHECK(read_file(file.path) == file.lines(1, 2));
}

TEST_CASE("a file that another program moved away is begun anew, and the old one stays as it is") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"));
    file.add(1);
    file.run();
    fs::rename(file.path, file.path + ".old");
    file.add(2);
    file.run();
    CHECK(read_file(file.path + ".old") == file.lines(1, 1));
    CHECK(read_file(file.path) == file.lines(2, 2));
}

TEST_CASE("what stands in a file that is not the noted one is left there") {
    const TemporaryFolder folder;
    static_cast<void>(folder.write("out", "of before\n"));
    FileHook file(folder.path("out"));
    file.add(1);
    file.run();
    CHECK(read_file(file.path) == "of before\n" + file.lines(1, 1));
}

TEST_CASE("a full disk is an error that is said, counted and tried again; nothing is lost") {
    const TemporaryFolder folder;
    fs::create_symlink("/dev/full", folder.path("out"));
    FileHook file(folder.path("out"));
    file.add(1);
    const auto next = file.endpoint->run(file.interrupted);
    REQUIRE(next.has_value());
    CHECK(*next == file.clock.now + 5s);
    CHECK(file.endpoint->counters().failures == 1);
    CHECK(file.outbox.waiting.size() == 1);
    file.add(2);
    file.run();  // not before its time
    CHECK(file.endpoint->counters().tries == 1);
    fs::remove(file.path);
    file.clock.now += 5s;
    file.run();
    CHECK(read_file(file.path) == file.lines(1, 2));
}

TEST_CASE("a folder that is not there is an error that is tried again") {
    const TemporaryFolder folder;
    FileHook file(folder.path("later/out"));
    file.add(1);
    file.run();
    CHECK(file.endpoint->counters().failures == 1);
    fs::create_directory(folder.path("later"));
    file.clock.now += 5s;
    file.run();
    CHECK(read_file(file.path) == file.lines(1, 1));
}

TEST_CASE("a file that would grow over its size is moved to PATH.1, and so on, up to as many as are kept") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"), {});
    const std::size_t line = (file.outbox.add(1), file.lines(1, 1).size());
    file.rotation = {2 * line, 2};
    file.start();
    file.run();
    for (std::uint64_t alert = 2; alert <= 9; ++alert) {
        file.add(alert);
        file.run();
        CHECK(fs::file_size(file.path) <= 2 * line);
    }
    CHECK(read_file(file.path) == file.lines(9, 9));
    CHECK(read_file(file.path + ".1") == file.lines(7, 8));
    CHECK(read_file(file.path + ".2") == file.lines(5, 6));
    CHECK_FALSE(fs::exists(file.path + ".3"));
    CHECK(file.outbox.done.size() == 9);
}

TEST_CASE("a kill between the steps of a rotation loses no line") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"), {});
    const std::size_t line = (file.outbox.add(1), file.lines(1, 1).size());
    file.rotation = {line, 4};
    file.start();
    file.run();
    for (std::uint64_t alert = 2; alert <= 3; ++alert) {
        file.add(alert);
        file.run();
    }
    // As after the first step of the next rotation: .2 has moved to .3, .1 has not moved.
    fs::rename(file.path + ".2", file.path + ".3");
    file.start();
    file.add(4);
    file.run();
    CHECK(read_file(file.path) == file.lines(4, 4));
    CHECK(read_file(file.path + ".1") == file.lines(3, 3));
    CHECK(read_file(file.path + ".2") == file.lines(2, 2));
    CHECK(read_file(file.path + ".3") == file.lines(1, 1));
    // As after its last step: the file itself is gone, and a new one is not there yet.
    fs::remove(file.path + ".4");
    fs::rename(file.path + ".3", file.path + ".4");
    fs::rename(file.path + ".2", file.path + ".3");
    fs::rename(file.path + ".1", file.path + ".2");
    fs::rename(file.path, file.path + ".1");
    file.start();
    file.add(5);
    file.run();
    CHECK(read_file(file.path) == file.lines(5, 5));
    CHECK(read_file(file.path + ".1") == file.lines(4, 4));
}

TEST_CASE("a line that is longer than a file may be has one of its own") {
    const TemporaryFolder folder;
    FileHook file(folder.path("out"), {10, 3});
    file.add(1);
    file.run();
    file.add(2);
    file.run();
    CHECK(read_file(file.path) == file.lines(2, 2));
    CHECK(read_file(file.path + ".1") == file.lines(1, 1));
}

}  // namespace
}  // namespace tocsin::test
