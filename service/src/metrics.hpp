#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::service {

/// Metrics in the text format of Prometheus, version 0.0.4.
class MetricsWriter {
public:
    enum class Kind : std::uint8_t { counter, gauge };
    using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

    /// A metric; its samples follow. Each name at most once.
    void metric(std::string_view name, Kind kind, std::string_view help);
    void sample(const Labels& labels, std::uint64_t value);
    void sample(const Labels& labels, double value);

    [[nodiscard]] std::string finish() && { return std::move(out_); }

private:
    void begin_sample(const Labels& labels);

    std::string name_;
    std::string out_;
};

}  // namespace tocsin::service
