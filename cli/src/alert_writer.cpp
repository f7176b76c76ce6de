#include "alert_writer.hpp"

#include <utility>

#include <tocsin/alerts/json.hpp>

namespace tocsin::cli {

AlertWriter::AlertWriter(AlertFormat format, alerts::TableStyle style, alerts::FileSink out,
                         std::optional<alerts::FileSink> late)
    : format_(format), table_(style), out_(std::move(out)), late_(std::move(late)) {}

Result<void> AlertWriter::write(const std::vector<alerts::Output>& outputs) {
    for (const alerts::Output& output : outputs) {
        const bool own_file = late_ && std::holds_alternative<alerts::LateRecord>(output);
        if (!own_file && format_ == AlertFormat::none) {
            continue;
        }
        line_.clear();
        if (own_file || format_ == AlertFormat::ndjson) {
            alerts::append_json(line_, output);
            line_ += '\n';
        } else {
            if (!std::exchange(header_written_, true)) {
                table_.append_header(line_);
            }
            table_.append(line_, output);
        }
        if (auto written = (own_file ? *late_ : out_).write(line_); !written) {
            return written;
        }
    }
    return {};
}

Result<void> AlertWriter::flush() {
    auto flushed = out_.flush();
    return flushed && late_ ? late_->flush() : flushed;
}

Result<void> AlertWriter::close() {
    auto closed = out_.close();
    return closed && late_ ? late_->close() : closed;
}

}  // namespace tocsin::cli
