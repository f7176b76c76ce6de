#include <tocsin/alerts/sink.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace tocsin::alerts {

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr mode_t kFileMode = 0666;

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

Result<FileSink> FileSink::open(const std::string& path) {
    if (path == "-") {
        return standard_output();
    }
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
    if (descriptor < 0) {
        return fail(Errc::io, fmt::format("cannot write {}: {}", path, reason(errno)));
    }
    return FileSink(descriptor, true, path);
}

FileSink FileSink::standard_output() { return {STDOUT_FILENO, false, "standard output"}; }

FileSink::FileSink(int descriptor, bool owned, std::string name)
    : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}

FileSink::FileSink(FileSink&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      owned_(other.owned_),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      failure_(std::move(other.failure_)) {}

FileSink& FileSink::operator=(FileSink&& other) noexcept {
    if (this != &other) {
        release();
        descriptor_ = std::exchange(other.descriptor_, -1);
        owned_ = other.owned_;
        name_ = std::move(other.name_);
        buffer_ = std::move(other.buffer_);
        failure_ = std::move(other.failure_);
    }
    return *this;
}

FileSink::~FileSink() { release(); }

void FileSink::release() {
    if (descriptor_ >= 0 && owned_) {
        ::close(descriptor_);
    }
    descriptor_ = -1;
}

Result<void> FileSink::fail_with(int error) {
    failure_ = fmt::format("cannot write {}: {}", name_, reason(error));
    buffer_.clear();
    return fail(Errc::io, failure_);
}

Result<void> FileSink::write(std::string_view bytes) {
    if (!failure_.empty()) {
        return fail(Errc::io, failure_);
    }
    buffer_ += bytes;
    return buffer_.size() >= kBufferBytes ? flush() : Result<void>{};
}

Result<void> FileSink::flush() {
    if (!failure_.empty()) {
        return fail(Errc::io, failure_);
    }
    std::string_view left = buffer_;
    while (!left.empty()) {
        const ssize_t written = ::write(descriptor_, left.data(), left.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return fail_with(errno);
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
    return {};
}

Result<void> FileSink::close() {
    if (auto flushed = flush(); !flushed) {
        release();
        return flushed;
    }
    const int descriptor = std::exchange(descriptor_, -1);
    if (owned_ && descriptor >= 0 && ::close(descriptor) != 0) {
        return fail_with(errno);
    }
    return {};
}

}  // namespace tocsin::alerts
