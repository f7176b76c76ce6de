// docs/cli.md shows the help of every command; `scripts/test --accept` rewrites what has changed.
#include <cstdlib>
#include <fstream>
#include <regex>

#include "cli/process.hpp"
#include "support/golden.hpp"
#include "support/test.hpp"

using namespace tocsin::test;

namespace {

/// The text with each block ```text after `<!-- tocsin COMMAND --help -->` replaced by what the command says now.
std::string with_current_help(const std::string& text) {
    const std::regex block("<!-- tocsin ([a-z ]*)--help -->\n```text\n[^`]*```");
    std::string out;
    auto at = text.cbegin();
    for (std::sregex_iterator it(text.begin(), text.end(), block), end; it != end; ++it) {
        const std::string command = (*it)[1];
        std::vector<std::string> arguments{"--help"};
        if (!command.empty()) {
            arguments.insert(arguments.begin(), command.substr(0, command.find(' ')));
        }
        out.append(at, (*it)[0].first);
        out += "<!-- tocsin " + command + "--help -->\n```text\n" + run_tocsin(arguments).out + "```";
        at = (*it)[0].second;
    }
    return out.append(at, text.cend());
}

}  // namespace

TEST_CASE("the command reference shows the help as it is, of every command") {
    const std::string path = std::string(TOCSIN_SOURCE_DIR) + "/docs/cli.md";
    const std::string written = read_file(path);
    const std::string current = with_current_help(written);
    if (std::getenv("TOCSIN_ACCEPT") != nullptr) {
        std::ofstream(path, std::ios::binary) << current;
    }
    CHECK(current == read_file(path));
    const std::regex command("\n  ([a-z]+) ");
    const std::string help = run_tocsin({"--help"}).out;
    for (std::sregex_iterator it(help.begin(), help.end(), command), end; it != end; ++it) {
        CHECK_THAT(written, Catch::Contains("<!-- tocsin " + (*it)[1].str() + " --help -->"));
    }
}
