#include "cli/process.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/golden.hpp"

namespace tocsin::test {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

void redirect(const std::string& path, int flags, int target) {
    const int descriptor = ::open(path.c_str(), flags, 0666);
    if (descriptor < 0 || ::dup2(descriptor, target) < 0) {
        ::_exit(126);
    }
}

[[noreturn]] void become_tocsin(std::vector<std::string> arguments, std::vector<std::string> environment,
                                const std::string& input, const std::string& out, const std::string& err) {
    redirect(input, O_RDONLY, STDIN_FILENO);
    redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    if (::chdir(TOCSIN_SOURCE_DIR) == 0) {
        ::execve(TOCSIN_BINARY, pointers(arguments).data(), pointers(environment).data());
    }
    ::_exit(127);
}

}  // namespace

Finished run_tocsin(const std::vector<std::string>& arguments, const RunOptions& options) {
    const TemporaryFolder folder;
    std::vector<std::string> all{"tocsin"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    // The first of two settings of a variable counts.
    std::vector<std::string> environment = options.environment;
    environment.push_back("PATH=" + std::string(std::getenv("PATH")));
    environment.emplace_back("LC_ALL=C.UTF-8");
    const std::string input = folder.write("in", options.input);
    const std::string out = options.out_path.empty() ? folder.path("out") : options.out_path;

    const pid_t child = ::fork();
    if (child == 0) {
        become_tocsin(std::move(all), std::move(environment), input, out, folder.path("err"));
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) {
        throw std::runtime_error("cannot run " TOCSIN_BINARY);
    }
    Finished finished;
    finished.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    finished.out = options.out_path.empty() ? read_file(out) : "";
    finished.err = read_file(folder.path("err"));
    return finished;
}

Running::Running(const std::vector<std::string>& arguments, std::string error_path, const std::string& out_path)
    : error_path_(std::move(error_path)) {
    std::vector<std::string> all{"tocsin"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    // What an earlier process left there is not what this one says.
    std::filesystem::remove(error_path_);
    child_ = ::fork();
    if (child_ == 0) {
        become_tocsin(std::move(all), {"LC_ALL=C.UTF-8"}, "/dev/null", out_path, error_path_);
    }
    if (child_ < 0) {
        throw std::runtime_error("cannot run " TOCSIN_BINARY);
    }
}

Running::~Running() {
    if (child_ > 0) {
        signal(SIGKILL);
        wait();
    }
}

void Running::signal(int number) const {
    if (child_ > 0) {
        ::kill(child_, number);
    }
}

int Running::wait() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string Running::err() const { return read_file(error_path_); }

std::string Running::await(const std::string& text) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
        const std::string said = err();
        const std::size_t found = said.find(text);
        const std::size_t end = said.find('\n', found);
        if (found != std::string::npos && end != std::string::npos) {
            return said.substr(found + text.size(), end - found - text.size());
        }
        if (std::chrono::steady_clock::now() > until || ::waitpid(child_, nullptr, WNOHANG | WNOWAIT) == child_) {
            FAIL("waited for '" << text << "' and got: " << said);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace tocsin::test
