#pragma once

#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

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

/// The built `tocsin` while it runs in the source folder, with its standard error in a file.
class Running {
public:
    /// `out_path`: where its standard output goes.
    Running(const std::vector<std::string>& arguments, std::string error_path, const std::string& out_path = "/dev/null");
    /// Kills it if it still runs.
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void signal(int number) const;
    [[nodiscard]] int pid() const { return child_; }
    /// Waits for its end; the exit code, or 128 + the signal.
    int wait();
    /// What it has written to standard error.
    [[nodiscard]] std::string err() const;
    /// What stands behind `text` up to the line's end in standard error, as soon as it is there. Fails the test after ten seconds,
    /// or when the process ends before.
    [[nodiscard]] std::string await(const std::string& text);

private:
    std::string error_path_;
    int child_{-1};
};

}  // namespace tocsin::test
