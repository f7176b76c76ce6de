#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.hpp"

namespace tocsin::delivery {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// Which file, and how long it was when all in it was noted as delivered.
struct Extent {
    std::uint64_t device{0};
    std::uint64_t inode{0};
    std::int64_t size{0};

    [[nodiscard]] std::string text() const { return fmt::format("{} {} {}", device, inode, size); }
};

class File final : public LinesEndpoint {
public:
    File(std::string name, std::string path, state::Outbox& outbox, WallClock clock)
        : LinesEndpoint(std::move(name), outbox, std::move(clock)), path_(std::move(path)) {}

private:
    [[nodiscard]] Result<std::optional<std::string>> write(std::string_view lines) override;
    /// The file as it is, with what a crash left behind the noted end cut off; the noted end is the file's end then.
    [[nodiscard]] Result<Extent> settled_extent(int descriptor);
    [[nodiscard]] tl::unexpected<Error> failure(const char* what) const {
        return fail(Errc::io, fmt::format("cannot {} {}: {}", what, path_, std::strerror(errno)));
    }

    std::string path_;
};

Result<Extent> File::settled_extent(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) {
        return failure("read");
    }
    Extent extent{status.st_dev, status.st_ino, status.st_size};
    const auto note = outbox().note(name());
    if (!note) {
        return tl::unexpected(note.error());
    }
    Extent noted = extent;
    const std::string same_file = fmt::format("{} {} ", extent.device, extent.inode);
    if (note->starts_with(same_file)) {
        noted.size = std::strtoll(note->c_str() + same_file.size(), nullptr, 10);
    }
    if (extent.size > noted.size) {
        if (::ftruncate(descriptor, noted.size) != 0) {
            return failure("shorten");
        }
        spdlog::warn("{}: {} bytes that a crash had left unconfirmed are written again", name(), extent.size - noted.size);
        return noted;
    }
    if (extent.text() != *note) {
        if (const auto written = outbox().delivered(name(), {}, extent.text()); !written) {
            return tl::unexpected(written.error());
        }
    }
    return extent;
}

Result<std::optional<std::string>> File::write(std::string_view lines) {
    const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (file.number() < 0) {
        return failure("open");
    }
    auto extent = settled_extent(file.number());
    if (!extent) {
        return tl::unexpected(extent.error());
    }
    if (const auto written = write_all(file.number(), lines, path_); !written) {
        return tl::unexpected(written.error());
    }
    if (::fdatasync(file.number()) != 0) {
        return failure("sync");
    }
    extent->size += static_cast<std::int64_t>(lines.size());
    return extent->text();
}

}  // namespace

std::unique_ptr<Endpoint> make_file(std::string name, std::string path, state::Outbox& outbox, WallClock clock) {
    return std::make_unique<File>(std::move(name), std::move(path), outbox, std::move(clock));
}

}  // namespace tocsin::delivery
