// No document points to a file or a heading that is not there.
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/golden.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> documents() {
    std::vector<fs::path> found;
    const fs::path root = TOCSIN_SOURCE_DIR;
    for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
        const bool ours = entry.is_directory() && entry.path().filename() != "build" && entry.path().filename() != ".git";
        if (ours) {
            for (const fs::directory_entry& inner : fs::recursive_directory_iterator(entry.path())) {
                if (inner.path().extension() == ".md") {
                    found.push_back(inner.path());
                }
            }
        } else if (entry.path().extension() == ".md") {
            found.push_back(entry.path());
        }
    }
    return found;
}

/// Without code, in which brackets mean other things.
std::string prose(const std::string& text) {
    std::string out;
    bool code = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        if (line.starts_with("```")) {
            code = !code;
        } else if (!code) {
            out += std::regex_replace(line, std::regex("`[^`]*`"), "") + "\n";
        }
        begin = end + 1;
    }
    return out;
}

/// The names by which a heading is linked to: small letters, no signs, blanks as hyphens.
std::set<std::string> anchors(const std::string& text) {
    std::set<std::string> found;
    bool code = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        code = line.starts_with("```") ? !code : code;
        if (code || !line.starts_with("#")) {
            continue;
        }
        std::string anchor;
        for (const char c : line.substr(line.find_first_not_of("# "))) {
            const auto letter = static_cast<unsigned char>(c);
            if (std::isalnum(letter) != 0 || c == '-' || c == '_') {
                anchor += static_cast<char>(std::tolower(letter));
            } else if (c == ' ') {
                anchor += '-';
            }
        }
        found.insert(anchor);
    }
    return found;
}

TEST_CASE("every link in a document leads somewhere") {
    const std::regex link(R"(\]\(([^)\s]+)\))");
    std::size_t links = 0;
    for (const fs::path& document : documents()) {
        const std::string text = prose(read_file(document));
        for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
            const std::string target = (*it)[1];
            INFO(document.string() << " links to " << target);
            if (target.find("://") != std::string::npos || target.starts_with("mailto:")) {
                continue;
            }
            const std::size_t hash = target.find('#');
            const std::string file = target.substr(0, hash);
            const fs::path path = file.empty() ? document : document.parent_path() / file;
            CHECK(fs::exists(path));
            if (hash != std::string::npos && path.extension() == ".md") {
                CHECK(anchors(read_file(path)).count(target.substr(hash + 1)) == 1);
            }
            ++links;
        }
    }
    CHECK(links > 20);
}

}  // namespace
}  // namespace tocsin::test
