// docs/getting-started.md and docs/backtest.md are followed to the letter: their files are saved, their commands are run, and
// what they print is what the page shows. `scripts/test --accept` rewrites what has changed.
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

/// An empty folder with the rule packs in it, removed with all that was made there.
class Workplace {
public:
    Workplace() {
        std::string name = (fs::temp_directory_path() / "tocsin-docs-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        fs::create_directory_symlink(fs::path(TOCSIN_SOURCE_DIR) / "rules", folder_ / "rules");
    }
    ~Workplace() { fs::remove_all(folder_); }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    void save(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }
    /// What the command prints, on both streams.
    [[nodiscard]] std::string run(const std::string& command) const {
        const std::string line = "cd '" + folder_.string() + "' && PATH='" + fs::path(TOCSIN_BINARY).parent_path().string() +
                                 "':$PATH && export LC_ALL=C.UTF-8 && { " + command + " ; } 2>&1";
        std::FILE* const pipe = ::popen(line.c_str(), "r");
        REQUIRE(pipe != nullptr);
        std::string out;
        for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
            out += static_cast<char>(c);
        }
        ::pclose(pipe);
        return out;
    }

private:
    fs::path folder_;
};

/// The block's commands, each with what it prints now.
std::string run_block(const std::string& block, const Workplace& workplace) {
    std::string out;
    for (std::size_t begin = 0; begin < block.size();) {
        const std::size_t end = std::min(block.find('\n', begin), block.size());
        const std::string line = block.substr(begin, end - begin);
        if (line.starts_with("$ ")) {
            out += line + "\n" + workplace.run(line.substr(2));
        }
        begin = end + 1;
    }
    return out;
}

/// The page with the output of its commands as it is now; its files are saved on the way.
std::string followed(const std::string& page, const Workplace& workplace) {
    const std::regex fence("(?:`([a-z.]+)`:\n\n)?```([a-z]+)\n((?:(?!```).*\n)*)```\n");
    std::string out;
    auto at = page.cbegin();
    for (std::sregex_iterator it(page.begin(), page.end(), fence), end; it != end; ++it) {
        const std::smatch& block = *it;
        out.append(at, block[3].first);
        if (block[2] == "console") {
            out += run_block(block[3], workplace);
        } else {
            out += block[3];
            if (block[1].matched) {
                workplace.save(block[1], block[3]);
            }
        }
        at = block[3].second;
    }
    return out.append(at, page.cend());
}

/// Follows the page, in a folder of its own; gives it as it is now.
std::string check_page(const std::string& name) {
    const fs::path path = fs::path(TOCSIN_SOURCE_DIR) / "docs" / name;
    const Workplace workplace;
    std::string now = followed(read_file(path), workplace);
    if (std::getenv("TOCSIN_ACCEPT") != nullptr) {
        std::ofstream(path, std::ios::binary) << now;
    }
    CHECK(now == read_file(path));
    return now;
}

TEST_CASE("the first steps work as they are written") {
    CHECK_THAT(check_page("getting-started.md"), Catch::Contains("2 passed, 0 failed"));
}

TEST_CASE("the backtest's example works as it is written") {
    CHECK_THAT(check_page("backtest.md"), Catch::Contains("card_testing") && Catch::Contains("exit code 1"));
}

TEST_CASE("the alerts on the README's first screen are those of the sample") {
    const std::string readme = read_file(fs::path(TOCSIN_SOURCE_DIR) / "README.md");
    const std::size_t begin = readme.find("TIME (UTC)");
    REQUIRE(begin != std::string::npos);
    const std::string shown = readme.substr(begin, readme.find("…\n", begin) - begin);
    const Workplace workplace;
    const std::string now = workplace.run("tocsin replay --rules rules/fraud --format table --quiet rules/fraud/sample.ndjson");
    CHECK(now.substr(0, shown.size()) == shown);
}

}  // namespace
}  // namespace tocsin::test
