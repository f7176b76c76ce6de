// docs/cli.md shows the help of every command; `scripts/test --accept` rewrites what has changed.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <tocsin/service/config.hpp>

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
        std::istringstream words(command);
        std::vector<std::string> arguments{std::istream_iterator<std::string>(words), {}};
        arguments.emplace_back("--help");
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

TEST_CASE("every config in the documents can be read, and the page of the service names every key with its default") {
    const std::string page = read_file(std::string(TOCSIN_SOURCE_DIR) + "/docs/serve.md");
    const std::regex block("```yaml\n([^`]*)```");
    std::size_t blocks = 0;
    for (std::sregex_iterator it(page.begin(), page.end(), block), end; it != end; ++it) {
        const auto config = tocsin::service::parse_config((*it)[1].str(), "docs/serve.md");
        INFO((config ? "" : config.error().message));
        CHECK(config.has_value());
        ++blocks;
    }
    CHECK(blocks >= 2);

    std::istringstream shown(tocsin::service::show_config({}));
    std::string section;
    for (std::string line; std::getline(shown, line);) {
        const bool inner = line.starts_with("  ");
        const std::size_t colon = line.find(':');
        const std::string key = (inner ? section + "." : "") + line.substr(inner ? 2 : 0, colon - (inner ? 2 : 0));
        if (line.ends_with(":")) {
            section = key;
            continue;
        }
        INFO(line);
        CHECK_THAT(page, Catch::Contains("| `" + key + "` |"));
    }
}
