#include "cli/process.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

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

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tocsin-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    folder_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
}

}  // namespace tocsin::test
