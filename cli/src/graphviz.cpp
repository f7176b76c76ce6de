#include "graphviz.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace tocsin::cli {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Runs `dot -Tsvg` with `input` as its standard input; its exit status, or the error that kept it from running.
Result<int> run_dot(int input) {
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    std::string program = "dot";
    std::string format = "-Tsvg";
    std::array<char*, 3> arguments{program.data(), format.data(), nullptr};
    pid_t child = 0;
    const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT) {
        return fail(Errc::unsupported, "the program 'dot' is not there: install graphviz, or use --format dot");
    }
    if (error != 0) {
        return fail(Errc::io, fmt::format("cannot run dot: {}", std::generic_category().message(error)));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

Result<void> write_svg(const std::string& dot_text) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::tmpfile());
    if (!file || std::fwrite(dot_text.data(), 1, dot_text.size(), file.get()) != dot_text.size() ||
        std::fflush(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0) {
        return fail(Errc::io, fmt::format("cannot write a temporary file: {}", std::generic_category().message(errno)));
    }
    return run_dot(::fileno(file.get())).and_then([](int status) -> Result<void> {
        return status == 0 ? Result<void>{} : fail(Errc::io, "dot did not write the picture");
    });
}

}  // namespace tocsin::cli
