#include <tocsin/alerts/sink.hpp>

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::alerts;

TEST_CASE("what is written arrives whole, also beyond the buffer") {
    const auto path = std::filesystem::temp_directory_path() / "tocsin_sink_test.txt";
    auto sink = FileSink::open(path.string());
    REQUIRE(sink);
    std::string expected;
    for (int i = 0; i < 20'000; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        REQUIRE(sink->write(line));
        expected += line;
    }
    REQUIRE(sink->close());
    CHECK(tocsin::test::read_file(path) == expected);
    std::filesystem::remove(path);
}

TEST_CASE("a file that cannot be made is an error that names it and the reason") {
    const auto sink = FileSink::open("/nonexistent/folder/out.ndjson");
    REQUIRE_FALSE(sink);
    CHECK(sink.error().code == tocsin::Errc::io);
    CHECK(sink.error().message == "cannot write /nonexistent/folder/out.ndjson: No such file or directory");
}

TEST_CASE("a full disk is an error, and stays one") {
    auto sink = FileSink::open("/dev/full");
    REQUIRE(sink);
    REQUIRE(sink->write("x"));
    const auto closed = sink->flush();
    REQUIRE_FALSE(closed);
    CHECK(closed.error().message == "cannot write /dev/full: No space left on device");
    CHECK_FALSE(sink->write("y"));
    CHECK_FALSE(sink->close());
}

TEST_CASE("a pipe that nobody reads is an error") {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto sink = FileSink::open("/proc/self/fd/" + std::to_string(ends[1]));
    REQUIRE(sink);
    ::close(ends[0]);
    ::close(ends[1]);
    REQUIRE(sink->write("x"));
    const auto flushed = sink->flush();
    REQUIRE_FALSE(flushed);
    CHECK_THAT(flushed.error().message, Catch::Contains("Broken pipe"));
}
