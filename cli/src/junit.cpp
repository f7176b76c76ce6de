#include "junit.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include <tocsin/alerts/terminal_text.hpp>

namespace tocsin::cli {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

/// XML knows no control characters but the line end.
std::string lines_for_xml(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += escaped(alerts::printable(text.substr(0, end))) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string attribute(std::string_view text) { return escaped(alerts::printable(text)); }

}  // namespace

std::string junit_xml(const std::vector<TestResult>& results) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    auto at = results.begin();
    while (at != results.end()) {
        const auto end = std::find_if(at, results.end(), [&](const TestResult& r) { return r.file != at->file; });
        const auto failures = std::count_if(at, end, [](const TestResult& r) { return !r.passed; });
        fmt::format_to(std::back_inserter(out), "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", attribute(at->file),
                       end - at, failures);
        for (; at != end; ++at) {
            fmt::format_to(std::back_inserter(out),
                           "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6f}\"",
                           attribute(at->rule), attribute(at->title), attribute(at->file), at->line, at->seconds);
            if (at->passed) {
                out += "/>\n";
            } else {
                fmt::format_to(std::back_inserter(out),
                               ">\n      <failure message=\"not as expected\">{}</failure>\n    </testcase>\n",
                               lines_for_xml(at->detail));
            }
        }
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

}  // namespace tocsin::cli
