#include "junit.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "markup.hpp"

namespace tocsin::cli {

std::string junit_xml(const std::vector<TestResult>& results) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    auto at = results.begin();
    while (at != results.end()) {
        const auto end = std::find_if(at, results.end(), [&](const TestResult& r) { return r.file != at->file; });
        const auto failures = std::count_if(at, end, [](const TestResult& r) { return !r.passed; });
        fmt::format_to(std::back_inserter(out), "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
                       markup_text(at->file), end - at, failures);
        for (; at != end; ++at) {
            fmt::format_to(std::back_inserter(out),
                           "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6f}\"",
                           markup_text(at->rule), markup_text(at->title), markup_text(at->file), at->line, at->seconds);
            if (at->passed) {
                out += "/>\n";
            } else {
                fmt::format_to(std::back_inserter(out),
                               ">\n      <failure message=\"not as expected\">{}</failure>\n    </testcase>\n",
                               markup_lines(at->detail));
            }
        }
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

}  // namespace tocsin::cli
