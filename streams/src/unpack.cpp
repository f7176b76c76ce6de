#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "byte_source.hpp"

namespace tocsin::streams {
namespace {

constexpr std::size_t kPackedBytes = 128U << 10;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

/// Gives bytes that were looked at already, then the rest.
class ReplayedSource final : public ByteSource {
public:
    ReplayedSource(std::string first, std::unique_ptr<ByteSource> rest) : first_(std::move(first)), rest_(std::move(rest)) {}

    [[nodiscard]] Result<std::size_t> read(std::span<char> room) override {
        if (given_ == first_.size()) {
            return rest_->read(room);
        }
        const std::size_t count = std::min(room.size(), first_.size() - given_);
        std::copy_n(first_.data() + given_, count, room.data());
        given_ += count;
        return count;
    }

private:
    std::string first_;
    std::size_t given_{0};
    std::unique_ptr<ByteSource> rest_;
};

/// The packed bytes that an unpacker has not used yet.
class PackedInput {
public:
    PackedInput(std::unique_ptr<ByteSource> source, std::string path)
        : source_(std::move(source)), path_(std::move(path)), buffer_(kPackedBytes) {}

    /// Some bytes, none at the end of the file.
    [[nodiscard]] Result<std::string_view> peek() {
        if (begin_ == end_) {
            const auto got = source_->read(buffer_);
            if (!got) {
                return tl::unexpected(got.error());
            }
            begin_ = 0;
            end_ = *got;
        }
        return std::string_view(buffer_.data() + begin_, end_ - begin_);
    }
    void skip(std::size_t count) { begin_ += count; }

    [[nodiscard]] tl::unexpected<Error> damaged(std::string_view what) const {
        return fail(Errc::bad_data, path_ + ": " + std::string(what));
    }

private:
    std::unique_ptr<ByteSource> source_;
    std::string path_;
    std::vector<char> buffer_;
    std::size_t begin_{0};
    std::size_t end_{0};
};

/// What unpackers share: they give what they have, and keep an error until the next call.
class UnpackingSource : public ByteSource {
public:
    UnpackingSource(std::unique_ptr<ByteSource> packed, std::string path) : packed_(std::move(packed), std::move(path)) {}

    [[nodiscard]] Result<std::size_t> read(std::span<char> room) final {
        std::size_t filled = 0;
        while (filled < room.size() && !failure_ && !ended_) {
            const auto packed = packed_.peek();
            if (!packed) {
                failure_ = packed.error();
            } else if (packed->empty() && !inside_) {
                ended_ = true;
            } else if (packed->empty() && !more_inside_) {
                failure_ = packed_.damaged("the archive ends early").value();
            } else if (const auto got = unpack(*packed, room.subspan(filled))) {
                filled += *got;
                more_inside_ = filled == room.size();
            } else {
                failure_ = got.error();
            }
        }
        if (filled == 0 && failure_) {
            return tl::unexpected(*failure_);
        }
        return filled;
    }

protected:
    /// Uses up some of `packed` (by skip) and writes to `room`; how much it wrote.
    [[nodiscard]] virtual Result<std::size_t> unpack(std::string_view packed, std::span<char> room) = 0;

    PackedInput packed_;
    bool inside_{false};  ///< a member or frame has begun and not ended

private:
    bool ended_{false};
    bool more_inside_{false};  ///< the room was too small: the library may hold more without new input
    std::optional<Error> failure_;
};

class GzipSource final : public UnpackingSource {
public:
    using UnpackingSource::UnpackingSource;
    ~GzipSource() override { inflateEnd(&stream_); }
    GzipSource(const GzipSource&) = delete;
    GzipSource& operator=(const GzipSource&) = delete;

    [[nodiscard]] Result<std::size_t> unpack(std::string_view packed, std::span<char> room) override {
        if (!inside_) {
            if (members_ > 0 && packed[0] == '\0') {
                packed_.skip(1);  // padding, as tapes have it
                return 0;
            }
            constexpr int kGzipWindow = 15 + 16;
            const int started = members_ == 0 ? inflateInit2(&stream_, kGzipWindow) : inflateReset(&stream_);
            if (started != Z_OK) {
                return packed_.damaged("zlib has no memory");
            }
            inside_ = true;
            ++members_;
        }
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib does not write to its input.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(room.size(), 1U << 30));
        const std::size_t asked = stream_.avail_out;
        const int state = inflate(&stream_, Z_NO_FLUSH);
        packed_.skip(packed.size() - stream_.avail_in);
        const std::size_t written = asked - stream_.avail_out;
        inside_ = state != Z_STREAM_END;
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR && written == 0) {
            return packed_.damaged(std::string("not gzip, or damaged: ") +
                                   (stream_.msg != nullptr ? stream_.msg : "unknown data"));
        }
        return written;
    }

private:
    z_stream stream_{};
    std::size_t members_{0};
};

class ZstdSource final : public UnpackingSource {
public:
    ZstdSource(std::unique_ptr<ByteSource> packed, std::string path)
        : UnpackingSource(std::move(packed), std::move(path)), stream_(ZSTD_createDStream()) {}
    ~ZstdSource() override { ZSTD_freeDStream(stream_); }
    ZstdSource(const ZstdSource&) = delete;
    ZstdSource& operator=(const ZstdSource&) = delete;

    [[nodiscard]] Result<std::size_t> unpack(std::string_view packed, std::span<char> room) override {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t state = ZSTD_decompressStream(stream_, &out, &in);
        if (ZSTD_isError(state) != 0) {
            return packed_.damaged(std::string("not zstd, or damaged: ") + ZSTD_getErrorName(state));
        }
        packed_.skip(in.pos);
        inside_ = state != 0;
        return out.pos;
    }

private:
    ZSTD_DStream* stream_;
};

}  // namespace

std::unique_ptr<ByteSource> make_gzip_source(std::unique_ptr<ByteSource> packed, std::string path) {
    return std::make_unique<GzipSource>(std::move(packed), std::move(path));
}

std::unique_ptr<ByteSource> make_zstd_source(std::unique_ptr<ByteSource> packed, std::string path) {
    return std::make_unique<ZstdSource>(std::move(packed), std::move(path));
}

Result<std::unique_ptr<ByteSource>> unpack(std::unique_ptr<ByteSource> file, Compression named, std::string path) {
    if (named == Compression::none) {
        std::string first;
        while (first.size() < kZstdMagic.size()) {
            std::array<char, 4> room{};
            const auto got = file->read(std::span(room).first(kZstdMagic.size() - first.size()));
            if (!got) {
                return tl::unexpected(got.error());
            }
            if (*got == 0) {
                break;
            }
            first.append(room.data(), *got);
        }
        if (first.starts_with(kGzipMagic)) {
            named = Compression::gzip;
        } else if (first == kZstdMagic) {
            named = Compression::zstd;
        }
        file = std::make_unique<ReplayedSource>(std::move(first), std::move(file));
    }
    switch (named) {
        case Compression::gzip: return make_gzip_source(std::move(file), std::move(path));
        case Compression::zstd: return make_zstd_source(std::move(file), std::move(path));
        case Compression::none: break;
    }
    return file;
}

}  // namespace tocsin::streams
