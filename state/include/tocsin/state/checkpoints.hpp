#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>

namespace tocsin::state {

/// Saved states of an engine, as files in a folder, each named after the records that it has seen. They say nothing that the log does not
/// say: one that is missing or damaged costs time at the next start, and nothing else. Thread-safe.
class Checkpoints {
public:
    explicit Checkpoints(std::string folder) : folder_(std::move(folder)) {}

    /// How many records each has seen, the newest first. None where there is no folder.
    [[nodiscard]] std::vector<std::uint64_t> list() const;
    /// Errc::bad_data for one whose checksum is wrong.
    [[nodiscard]] Result<std::string> read(std::uint64_t records) const;
    /// Synced, and under its name, when it returns. Makes the folder where it is missing; removes all but this one and the one before.
    [[nodiscard]] Result<void> write(std::uint64_t records, std::string_view state) const;

private:
    [[nodiscard]] std::string path_of(std::uint64_t records) const;
    void remove_old() const;

    std::string folder_;
};

}  // namespace tocsin::state
