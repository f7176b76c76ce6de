#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <tocsin/base/result.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::streams {

/// Bytes one after the other. Owned by one reader.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills `room`, or less of it where no more is there yet; 0 only at the end. What could be read before an error is
    /// given first. Requires: room is not empty.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> room) = 0;
};

/// A file, or standard input for `-`. Plain reads and not a mapping, which is no faster (docs/performance.md): a file that
/// shrinks meanwhile is an end and not a signal, and pipes work alike.
class FileSource final : public ByteSource {
public:
    [[nodiscard]] static Result<std::unique_ptr<FileSource>> open(const std::string& path);
    ~FileSource() override;
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    [[nodiscard]] Result<std::size_t> read(std::span<char> room) override;
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const { return total_bytes_; }

private:
    FileSource(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    int descriptor_;
    std::string path_;
    std::uint64_t bytes_read_{0};
    std::optional<std::uint64_t> total_bytes_;
    bool pipe_{false};
};

/// Unpacks `packed`, all members or frames of it. `path` is for messages.
[[nodiscard]] std::unique_ptr<ByteSource> make_gzip_source(std::unique_ptr<ByteSource> packed, std::string path);
[[nodiscard]] std::unique_ptr<ByteSource> make_zstd_source(std::unique_ptr<ByteSource> packed, std::string path);

/// Unpacks as `named` says; where it says nothing, as the first bytes say.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> unpack(std::unique_ptr<ByteSource> file, Compression named, std::string path);

}  // namespace tocsin::streams
