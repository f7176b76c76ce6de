#include "metrics.hpp"

#include <iterator>

#include <fmt/format.h>

namespace tocsin::service {

namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (quotes && c == '"')) {
            out += '\\';
        }
        out += c;
    }
}

}  // namespace

void MetricsWriter::metric(std::string_view name, Kind kind, std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP {} ", name);
    append_escaped(out_, help, false);
    out_ += fmt::format("\n# TYPE {} {}\n", name, kind == Kind::counter ? "counter" : "gauge");
}

void MetricsWriter::begin_sample(const Labels& labels) {
    out_ += name_;
    char before = '{';
    for (const auto& [name, value] : labels) {
        out_ += before;
        out_ += name;
        out_ += "=\"";
        append_escaped(out_, value, true);
        out_ += '"';
        before = ',';
    }
    out_ += labels.empty() ? " " : "} ";
}

void MetricsWriter::sample(const Labels& labels, std::uint64_t value) {
    begin_sample(labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void MetricsWriter::sample(const Labels& labels, double value) {
    begin_sample(labels);
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

}  // namespace tocsin::service
