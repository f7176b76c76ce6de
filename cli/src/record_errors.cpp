#include "record_errors.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "columns.hpp"

namespace tocsin::cli {

std::string RecordErrors::text(const std::string& input, const event::RecordError& error) {
    return fmt::format("{}:{}: {}", input, error.line, error.reason);
}

void RecordErrors::say(const std::string& input, const event::RecordError& error) { spdlog::warn("{}", text(input, error)); }

void RecordErrors::finish() const {
    if (unreported_ > 0) {
        spdlog::warn("and {} more could not be read", counted(unreported_, "record"));
    }
}

}  // namespace tocsin::cli
