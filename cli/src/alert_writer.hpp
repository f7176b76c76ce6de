#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <tocsin/alerts/alert.hpp>
#include <tocsin/alerts/sink.hpp>
#include <tocsin/alerts/table.hpp>
#include <tocsin/base/result.hpp>

namespace tocsin::cli {

enum class AlertFormat { table, ndjson, none };

/// What a replay writes: alerts to standard output in one of the formats, late records with them, or to a file of their
/// own (always NDJSON). Owned by one thread.
class AlertWriter {
public:
    AlertWriter(AlertFormat format, alerts::TableStyle style, alerts::FileSink out, std::optional<alerts::FileSink> late);

    [[nodiscard]] Result<void> write(const std::vector<alerts::Output>& outputs);
    /// What was written so far is out.
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] Result<void> close();

private:
    AlertFormat format_;
    alerts::Table table_;
    alerts::FileSink out_;
    std::optional<alerts::FileSink> late_;
    bool header_written_{false};
    std::string line_;
};

}  // namespace tocsin::cli
