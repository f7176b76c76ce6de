#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>

namespace tocsin::alerts {

/// Bytes on their way to a file descriptor: collected up to a buffer's size, written whole. Every failed write is an
/// Error (Errc::io) that names the file and the system's reason: a full disk, a pipe that nobody reads (the program must
/// ignore SIGPIPE). After an error nothing more is written and every call gives the same error again.
///
/// Legal calls: (write | flush)* close. The destructor closes without a report, so call close() and look at its result.
/// Owned by one thread.
class FileSink {
public:
    /// Creates or truncates `path`; `-` is standard output.
    [[nodiscard]] static Result<FileSink> open(const std::string& path);
    /// Standard output, not closed at the end.
    [[nodiscard]] static FileSink standard_output();

    FileSink(FileSink&& other) noexcept;
    FileSink& operator=(FileSink&& other) noexcept;
    ~FileSink();

    [[nodiscard]] Result<void> write(std::string_view bytes);
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] Result<void> close();

private:
    FileSink(int descriptor, bool owned, std::string name);
    [[nodiscard]] Result<void> fail_with(int error);
    void release();

    int descriptor_{-1};
    bool owned_{false};
    std::string name_;
    std::string buffer_;
    std::string failure_;
};

}  // namespace tocsin::alerts
