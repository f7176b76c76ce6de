#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "byte_source.hpp"

namespace tocsin::streams {
namespace {

tl::unexpected<Error> system_failure(const std::string& path, int error) {
    return fail(Errc::io, path + ": " + std::generic_category().message(error));
}

/// Whether a read would not wait. At the end of a pipe it would not either.
bool ready(int descriptor) {
    pollfd poll_for{descriptor, POLLIN, 0};
    return poll(&poll_for, 1, 0) > 0;
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path) {
    const int descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return system_failure(path, errno);
    }
    std::unique_ptr<FileSource> source(new FileSource(descriptor, path));
    struct stat status{};
    if (fstat(descriptor, &status) != 0) {
        return system_failure(path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return system_failure(path, EISDIR);
    }
    if (S_ISREG(status.st_mode)) {
        source->total_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
    source->pipe_ = !S_ISREG(status.st_mode);
    return source;
}

FileSource::~FileSource() {
    if (descriptor_ != STDIN_FILENO) {
        close(descriptor_);
    }
}

Result<std::size_t> FileSource::read(std::span<char> room) {
    std::size_t filled = 0;
    while (filled < room.size()) {
        // What a pipe already gave is not kept waiting for more.
        if (pipe_ && filled > 0 && !ready(descriptor_)) {
            break;
        }
        const ssize_t got = ::read(descriptor_, room.data() + filled, room.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && filled == 0) {
            return system_failure(path_, errno);
        }
        if (got <= 0) {
            break;
        }
        filled += static_cast<std::size_t>(got);
        bytes_read_ += static_cast<std::uint64_t>(got);
    }
    return filled;
}

}  // namespace tocsin::streams
