// F5 of the list of faults: the disk of the store runs full while records come in, and has room again. The disk is a small one in memory;
// where none can be mounted the test says so and does nothing.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <sys/mount.h>

#include <fmt/format.h>

#include "cli/process.hpp"
#include "service/http_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kRules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts

rule guessed
  when     f: Login[ok = false] -> s: Login[ok = true]
  by       user
  within   5m
)";

class SmallDisk {
public:
    explicit SmallDisk(std::string path) : path_(std::move(path)) {
        fs::create_directories(path_);
        mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=256m") == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(path_.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool mounted() const { return mounted_; }
    /// Leaves so much free.
    void fill_up_to(std::uintmax_t bytes) const {
        std::ofstream out(path_ + "/ballast", std::ios::binary);
        const std::string block(1U << 20, 'x');
        while (fs::space(path_).available > bytes + block.size()) {
            out << block << std::flush;
        }
    }
    void empty() const { fs::remove(path_ + "/ballast"); }

private:
    std::string path_;
    bool mounted_{false};
};

std::string records(int from) {
    std::string lines;
    for (int i = from; i < from + 100; ++i) {
        lines += fmt::format("{{\"user\":\"u{}\",\"ok\":{},\"ts\":{}}}\n", i % 10, i % 3 == 0, 1'767'225'600'000 + 1000 * i);
    }
    return lines;
}

TEST_CASE("while the disk is full nothing is taken, nothing breaks, and it goes on by itself within five seconds of room") {
    const TemporaryFolder folder;
    const SmallDisk disk(folder.path("disk"));
    if (!disk.mounted()) {
        std::cout << "skipped: no disk can be mounted here\n";
        return;
    }
    const std::string config =
        folder.write("tocsin.yaml", fmt::format("rules: [{}]\ndata: disk/data\nmin_free: 128MiB\ncheckpoint_every: 10ms\n",
                                                folder.write("rules.tocsin", kRules)));
    Running service({"serve", "--config", config, "--listen", "127.0.0.1:0"}, folder.path("err"));
    const auto port = static_cast<std::uint16_t>(std::stoul(service.await("listening on port ")));
    std::string taken;
    int next = 0;
    const auto post = [&] {
        const std::string lines = records(next);
        const HttpAnswer answer = http(port, "POST", "/v1/events", lines);
        if (answer.status == 200) {
            taken += lines;
            next += 100;
        }
        return answer;
    };
    CHECK(post().status == 200);
    for (const std::uintmax_t left : {std::uintmax_t{100} << 20, std::uintmax_t{0}}) {
        INFO(left << " bytes left");
        disk.fill_up_to(left);
        for (int i = 0; i < 50; ++i) {
            const HttpAnswer refused = post();
            CHECK(refused.status == 503);
            CHECK(refused.headers.at("retry-after") == "10");
        }
        CHECK(http(port, "GET", "/-/ready").status == 503);
        CHECK(http(port, "GET", "/-/healthy").status == 200);
        disk.empty();
        const auto room = std::chrono::steady_clock::now();
        while (post().status != 200 && std::chrono::steady_clock::now() - room < 5s) {
            std::this_thread::sleep_for(10ms);
        }
        CHECK(http(port, "GET", "/-/ready").status == 200);
        CHECK(post().status == 200);
    }
    service.signal(SIGTERM);
    CHECK(service.wait() == 0);
    CHECK(run_tocsin({"log", "--data", folder.path("disk/data")}).out == taken);
    CHECK(next == 500);
}

}  // namespace
}  // namespace tocsin::test
