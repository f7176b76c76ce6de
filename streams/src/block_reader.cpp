#include <tocsin/streams/block_reader.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <tocsin/event/csv.hpp>

#include "byte_source.hpp"

namespace tocsin::streams {
namespace {

using event::Format;

std::uint64_t count_lines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

/// The buffer holds [begin, end) of unused text. Blocks are slices of it; when it runs low a new one takes over the text
/// left, so that blocks given out are never written to.
struct BlockReader::Impl {
    /// Whole records at hand, at most a block of them.
    struct Cut {
        std::size_t size{0};
        std::size_t records{0};
    };

    std::string name;
    Format format{Format::ndjson};
    ReaderOptions options;
    const FileSource* file{nullptr};  ///< inside `source`
    std::unique_ptr<ByteSource> source;
    std::shared_ptr<const event::CsvHeader> csv_header;

    std::shared_ptr<const std::string> buffer{std::make_shared<const std::string>()};
    std::size_t begin{0};
    std::size_t end{0};
    std::uint64_t line{1};
    bool ended{false};  ///< the source has no more
    bool plenty{false};  ///< the source filled the whole buffer the last time
    bool dropping{false};  ///< inside the rest of a record that is too long
    std::optional<Error> failure;  ///< to be reported when the text before it is used up

    [[nodiscard]] std::string_view text() const { return std::string_view(*buffer).substr(begin, end - begin); }

    void fill();
    void drop_incomplete_record();
    [[nodiscard]] bool drop_line();
    [[nodiscard]] std::optional<std::size_t> record_length(std::string_view rest) const;
    [[nodiscard]] Cut cut() const;
    [[nodiscard]] std::size_t cut_incomplete();
    [[nodiscard]] bool read_csv_header();
    [[nodiscard]] event::Block take(std::size_t size, std::uint64_t lines);
    [[nodiscard]] Result<std::optional<event::Block>> next();
};

void BlockReader::Impl::fill() {
    const std::string_view left = text();
    const std::size_t room = std::max(options.buffer_bytes, left.size());
    auto bytes = std::make_shared<std::string>(left.size() + room + event::kBlockPadding, '\0');
    std::memcpy(bytes->data(), left.data(), left.size());
    const auto got = source->read(std::span(bytes->data() + left.size(), room));
    begin = 0;
    end = left.size() + got.value_or(0);
    buffer = std::move(bytes);
    plenty = got.value_or(0) == room;
    if (!got) {
        failure = got.error();
        drop_incomplete_record();
    }
    ended = !got || *got == 0;
}

/// Behind damage a record without its line end may be half a record that looks whole.
void BlockReader::Impl::drop_incomplete_record() {
    std::size_t whole = 0;
    while (const auto length = record_length(text().substr(whole))) {
        whole += *length;
    }
    if (begin + whole < end) {
        const std::uint64_t incomplete = line + count_lines(text().substr(0, whole));
        failure->message += "; line " + std::to_string(incomplete) + " is incomplete and left out";
        end = begin + whole;
    }
}

/// Whether the line's end was found.
bool BlockReader::Impl::drop_line() {
    const std::size_t line_end = text().find('\n');
    begin = line_end == std::string_view::npos ? end : begin + line_end + 1;
    return line_end != std::string_view::npos;
}

std::optional<std::size_t> BlockReader::Impl::record_length(std::string_view rest) const {
    if (format == Format::csv) {
        return event::csv_record_length(rest);
    }
    const std::size_t line_end = rest.find('\n');
    return line_end == std::string_view::npos ? std::nullopt : std::optional(line_end + 1);
}

BlockReader::Impl::Cut BlockReader::Impl::cut() const {
    const std::string_view whole = text();
    Cut found;
    while (found.records < options.max_records) {
        const auto length = record_length(whole.substr(found.size));
        if (!length) {
            break;
        }
        found.size += *length;
        ++found.records;
    }
    return found;
}

/// What to do with a record whose end is not there: at the end of the input, or when it is too long. 0: read more.
std::size_t BlockReader::Impl::cut_incomplete() {
    const std::string_view rest = text();
    const bool too_long = rest.size() > options.limits.record_bytes;
    if (!ended && !too_long) {
        return 0;
    }
    const std::size_t line_end = rest.find('\n');
    if (line_end != std::string_view::npos) {
        return line_end + 1;  // of a CSV record whose quote is not closed: the decoder reports this line alone
    }
    dropping = too_long;
    return std::min(rest.size(), options.limits.record_bytes + 1);
}

/// False at the end of an input without a header.
bool BlockReader::Impl::read_csv_header() {
    while (!csv_header) {
        const std::string_view rest = text();
        std::size_t length = record_length(rest).value_or(0);
        if (length == 0 && (ended || rest.size() > options.limits.record_bytes)) {
            length = std::min(rest.find('\n'), rest.size());
        }
        if (length == 0) {
            if (ended) {
                return false;
            }
            fill();
            continue;
        }
        const std::string_view header = rest.substr(0, length);
        if (header.find_first_not_of(" \t\r\n") != std::string_view::npos) {
            csv_header = std::make_shared<const event::CsvHeader>(event::parse_csv_header(header));
        }
        line += count_lines(header);
        begin += length;
    }
    return true;
}

event::Block BlockReader::Impl::take(std::size_t size, std::uint64_t lines) {
    event::Block block;
    block.bytes = buffer;
    block.begin = begin;
    block.size = size;
    block.first_line = line;
    block.csv_header = csv_header;
    line += lines;
    begin += size;
    return block;
}

Result<std::optional<event::Block>> BlockReader::Impl::next() {
    if (format == Format::csv && !read_csv_header()) {
        end = begin;
    }
    while (true) {
        if (dropping) {
            dropping = !drop_line();
        }
        const Cut whole = begin < end ? cut() : Cut{};
        // A few records at the end of a buffer join those of the next, where the source does not keep them waiting.
        const bool few = plenty && whole.records < options.max_records && end - begin < options.buffer_bytes / 2;
        if (whole.size > 0 && !few) {
            // A record of NDJSON is a line: those of a whole cut are counted already.
            return take(whole.size, format == Format::csv ? count_lines(text().substr(0, whole.size)) : whole.records);
        }
        const std::size_t incomplete = whole.size == 0 && begin < end ? cut_incomplete() : 0;
        if (incomplete > 0) {
            return take(incomplete, count_lines(text().substr(0, incomplete)) + (dropping ? 1 : 0));
        }
        if (ended) {
            break;
        }
        fill();
    }
    if (failure) {
        return tl::unexpected(*failure);
    }
    return std::nullopt;
}

Result<BlockReader> BlockReader::open(const InputSpec& spec, const ReaderOptions& options) {
    auto file = FileSource::open(spec.path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    auto impl = std::make_unique<Impl>();
    impl->name = spec.name;
    impl->format = options.format.value_or(format_of(spec.path));
    impl->options = options;
    impl->options.max_records = std::max<std::size_t>(options.max_records, 1);
    impl->file = file->get();
    auto source = unpack(std::move(*file), compression_of(spec.path), spec.path);
    if (!source) {
        return tl::unexpected(source.error());
    }
    impl->source = std::move(*source);
    return BlockReader(std::move(impl));
}

BlockReader::BlockReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlockReader::~BlockReader() = default;
BlockReader::BlockReader(BlockReader&&) noexcept = default;
BlockReader& BlockReader::operator=(BlockReader&&) noexcept = default;

Result<std::optional<event::Block>> BlockReader::next() { return impl_->next(); }
std::string_view BlockReader::name() const { return impl_->name; }
Format BlockReader::format() const { return impl_->format; }
std::uint64_t BlockReader::bytes_read() const { return impl_->file->bytes_read(); }
std::optional<std::uint64_t> BlockReader::total_bytes() const { return impl_->file->total_bytes(); }

}  // namespace tocsin::streams
