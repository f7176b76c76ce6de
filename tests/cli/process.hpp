#pragma once

#include <string>
#include <vector>

namespace tocsin::test {

struct Finished {
    int exit_code{0};  ///< 128 + the signal for a process that one ended
    std::string out;
    std::string err;
};

struct RunOptions {
    std::string input{};  ///< what the process reads from standard input
    std::string out_path{};  ///< where its standard output goes instead of Finished::out
    std::vector<std::string> environment{};  ///< NAME=VALUE, besides a plain one
};

/// Runs the built `tocsin` in the source folder and waits for it.
[[nodiscard]] Finished run_tocsin(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// A folder that is removed with all in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    /// Writes a file and gives its path.
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;

private:
    std::string folder_;
};

}  // namespace tocsin::test
