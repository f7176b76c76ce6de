#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <tocsin/base/descriptor.hpp>

#include "lines.hpp"

namespace tocsin::delivery {

namespace {

namespace fs = std::filesystem;

/// Which file, and how long it was when all in it was noted as delivered.
struct Extent {
    std::uint64_t device{0};
    std::uint64_t inode{0};
    std::int64_t size{0};

    [[nodiscard]] std::string text() const { return fmt::format("{} {} {}", device, inode, size); }
};

class File final : public LinesEndpoint {
public:
    File(std::string name, std::string path, FileRotation rotation, state::Outbox& outbox, WallClock clock)
        : LinesEndpoint(std::move(name), outbox, std::move(clock)), path_(std::move(path)), rotation_(rotation) {}

private:
    [[nodiscard]] Result<void> write(std::span<const state::OutboxRow> rows, Written& written) override;
    [[nodiscard]] Result<void> append(std::span<const state::OutboxRow> rows, Written& written, bool may_rotate);
    /// The file as it is, with what a crash left behind the noted end cut off; the noted end is the file's end then.
    [[nodiscard]] Result<Extent> settled_extent(int descriptor);
    /// PATH becomes PATH.1, that PATH.2, and so on.
    [[nodiscard]] Result<void> rotate() const;
    [[nodiscard]] std::string older(unsigned number) const { return fmt::format("{}.{}", path_, number); }
    [[nodiscard]] tl::unexpected<Error> failure(const char* what) const {
        return fail(Errc::io, fmt::format("cannot {} {}: {}", what, path_, std::strerror(errno)));
    }

    std::string path_;
    FileRotation rotation_;
};

Result<Extent> File::settled_extent(int descriptor) {
    struct stat status{};
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

/// Files move to the first number that is free, from there down, so that a crash between two steps loses none.
Result<void> File::rotate() const {
    unsigned free = 1;
    std::error_code error;
    while (free < rotation_.keep && fs::exists(older(free), error)) {
        ++free;
    }
    for (unsigned number = free; number > 1; --number) {
        if (::rename(older(number - 1).c_str(), older(number).c_str()) != 0) {
            return failure("rotate");
        }
    }
    return ::rename(path_.c_str(), older(1).c_str()) == 0 ? Result<void>{} : failure("rotate");
}

/// A file that was just made is there after a power failure only when its folder is on disk.
void sync_folder(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0 || ::fsync(opened.number()) != 0) {
        spdlog::warn("cannot sync the folder of {}: {}", path, std::strerror(errno));
    }
}

Result<void> File::append(std::span<const state::OutboxRow> rows, Written& written, bool may_rotate) {
    const Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (file.number() < 0) {
        return failure("open");
    }
    auto extent = settled_extent(file.number());
    if (!extent) {
        return tl::unexpected(extent.error());
    }
    const std::string lines = lines_of(rows);
    if (may_rotate && rotation_.max_size > 0 && extent->size > 0 &&
        static_cast<std::uint64_t>(extent->size) + lines.size() > rotation_.max_size) {
        return rotate().and_then([&] { return append(rows, written, false); });
    }
    if (const auto all = write_all(file.number(), lines, path_); !all) {
        return all;
    }
    if (::fdatasync(file.number()) != 0) {
        return failure("sync");
    }
    if (extent->size == 0) {
        sync_folder(path_);
    }
    extent->size += static_cast<std::int64_t>(lines.size());
    written.rows = rows.size();
    written.note = extent->text();
    return {};
}

Result<void> File::write(std::span<const state::OutboxRow> rows, Written& written) { return append(rows, written, true); }

}  // namespace

std::unique_ptr<Endpoint> make_file(std::string name, std::string path, FileRotation rotation, state::Outbox& outbox,
                                    WallClock clock) {
    return std::make_unique<File>(std::move(name), std::move(path), rotation, outbox, std::move(clock));
}

}  // namespace tocsin::delivery
