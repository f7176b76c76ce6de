#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <tocsin/base/limits.hpp>
#include <tocsin/base/result.hpp>
#include <tocsin/event/decode.hpp>
#include <tocsin/streams/input.hpp>

namespace tocsin::streams {

struct ReaderOptions {
    std::optional<event::Format> format;  ///< default: by the path's ending
    std::size_t max_records{4096};  ///< of a block; at least 1
    std::size_t buffer_bytes{1U << 20};  ///< read at once; a block is smaller, unless one record is not
    Limits limits{};
};

/// Reads a file or standard input, unpacks it and cuts it into blocks of whole records. A `.gz` or `.zst` ending, or
/// else the first bytes, say how it is packed. What it holds in memory does not depend on the input's size.
///
/// A record longer than Limits::record_bytes is cut to one byte more, so that the decoder reports it, and the rest of
/// its line is dropped. Thread-compatible; the blocks may be used on other threads and outlive the reader.
class BlockReader {
public:
    /// Fails with Errc::io and the system's reason if there is no such file, or it is a directory or not readable.
    [[nodiscard]] static Result<BlockReader> open(const InputSpec& spec, const ReaderOptions& options);
    ~BlockReader();
    BlockReader(BlockReader&&) noexcept;
    BlockReader& operator=(BlockReader&&) noexcept;

    /// The next block, nothing at the end of the input. A damaged or truncated archive gives all the whole records
    /// before the damage, then an error; the error comes again with each later call.
    [[nodiscard]] Result<std::optional<event::Block>> next();

    [[nodiscard]] std::string_view name() const;
    [[nodiscard]] event::Format format() const;
    /// Bytes taken from the file so far, packed as they are, and all of them where that is known: for progress.
    [[nodiscard]] std::uint64_t bytes_read() const;
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const;

private:
    struct Impl;
    explicit BlockReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::streams
