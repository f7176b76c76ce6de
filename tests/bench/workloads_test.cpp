// The rules that tocsin and its peers are measured with.
#include <filesystem>
#include <string>
#include <vector>

#include "cli/process.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

std::vector<std::filesystem::path> workloads() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(TOCSIN_SOURCE_DIR "/bench/workloads")) {
        found.push_back(entry.path());
    }
    return found;
}

TEST_CASE("each workload is a rule without findings, named like its file, whose tests hold") {
    CHECK(workloads().size() == 16);
    for (const std::filesystem::path& path : workloads()) {
        INFO(path);
        const Finished check = run_tocsin({"check", "--json", path});
        CHECK(check.exit_code == 0);
        CHECK_THAT(check.out, Catch::Contains("\"diagnostics\": []") && Catch::Contains('"' + path.stem().string() + '"'));
        CHECK(run_tocsin({"test", path}).exit_code == 0);
    }
}

}  // namespace
}  // namespace tocsin::test
