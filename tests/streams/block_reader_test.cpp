#include "support/test.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <rapidcheck.h>
#include <zlib.h>
#include <zstd.h>

#include <tocsin/streams/block_reader.hpp>

using namespace tocsin;
using namespace tocsin::streams;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "tocsin-streams-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string file(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return (path_ / name).string();
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string gzip(const std::string& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string in = text;
    std::string out(deflateBound(&stream, in.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

struct Read {
    std::string text;
    std::vector<std::uint64_t> first_lines;
    std::size_t largest{0};  ///< bytes of a block
    std::string error;
    std::shared_ptr<const event::CsvHeader> header;
};

Read read_all(const std::string& path, const ReaderOptions& options = {}) {
    Read read;
    auto reader = BlockReader::open(parse_input_spec(path).value(), options);
    if (!reader) {
        read.error = reader.error().message;
        return read;
    }
    while (true) {
        const auto block = reader->next();
        if (!block) {
            read.error = block.error().message;
            const auto again = reader->next();
            CHECK_FALSE(again.has_value());
            return read;
        }
        if (!*block) {
            return read;
        }
        CHECK((*block)->size > 0);
        read.text += (*block)->text();
        read.first_lines.push_back((*block)->first_line);
        read.largest = std::max(read.largest, (*block)->size);
        read.header = (*block)->csv_header;
    }
}

ReaderOptions with(std::size_t records, std::size_t bytes) {
    ReaderOptions options;
    options.max_records = records;
    options.buffer_bytes = bytes;
    return options;
}

std::string lines(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "{\"n\":" + std::to_string(i) + "}\n";
    }
    return text;
}

}  // namespace

TEST_CASE("an input is named by its base name or by hand") {
    const auto named = [](const char* text) {
        const auto spec = parse_input_spec(text);
        return spec ? spec->name + " " + spec->path : "error: " + spec.error().message;
    };
    CHECK(named("dir/auth.ndjson.gz") == "auth.ndjson.gz dir/auth.ndjson.gz");
    CHECK(named("web=dir/a=b.ndjson") == "web dir/a=b.ndjson");
    CHECK(named("./a=b.ndjson") == "a=b.ndjson ./a=b.ndjson");
    CHECK(named("-") == "stdin -");
    CHECK(named("live=-") == "live -");
    CHECK(named("=x") == "error: '=x' is no input: NAME=PATH, PATH or - was expected");
    CHECK(named("x=") == "error: 'x=' is no input: NAME=PATH, PATH or - was expected");
    CHECK(named("") == "error: '' is no input: NAME=PATH, PATH or - was expected");
    CHECK(named("dir/") == "error: 'dir/' is no input: NAME=PATH, PATH or - was expected");
}

TEST_CASE("a path's endings say what is in it") {
    CHECK(compression_of("a.ndjson.gz") == Compression::gzip);
    CHECK(compression_of("a.csv.zst") == Compression::zstd);
    CHECK(compression_of("a.gz.csv") == Compression::none);
    CHECK(format_of("a.csv.gz") == event::Format::csv);
    CHECK(format_of("a.csv") == event::Format::csv);
    CHECK(format_of("a.log") == event::Format::ndjson);
    CHECK(format_of("-") == event::Format::ndjson);
}

TEST_CASE("any block size gives the same records") {
    const Folder folder;
    const std::string text = lines(1000) + "{\"last\":true}";
    const std::string plain = folder.file("a.ndjson", text);
    const std::string gz = folder.file("a.ndjson.gz", gzip(text));
    const std::string zst = folder.file("a.ndjson.zst", zstd(text));
    CHECK(rc::check([&] {
        const ReaderOptions options = with(*rc::gen::inRange<std::size_t>(1, 300), *rc::gen::inRange<std::size_t>(1, 5000));
        for (const std::string& path : {plain, gz, zst}) {
            const Read read = read_all(path, options);
            RC_ASSERT(read.error.empty());
            RC_ASSERT(read.text == text);
            std::size_t at = 0;
            for (std::size_t i = 0; i < read.first_lines.size(); ++i) {
                const std::uint64_t lines_before = read.first_lines[i] - 1;
                const std::uint64_t next = i + 1 < read.first_lines.size() ? read.first_lines[i + 1] : 1002;
                RC_ASSERT(next - read.first_lines[i] <= options.max_records);
                RC_ASSERT(lines_before >= at);
                at = lines_before;
            }
        }
    }));
}

TEST_CASE("CSV records with line breaks stay whole in any block size") {
    const Folder folder;
    std::string body;
    for (int i = 0; i < 200; ++i) {
        body += std::to_string(i) + (i % 3 == 0 ? ",\"two\nlines, \"\"quoted\"\"\"\r\n" : ",plain\r\n");
    }
    const std::string path = folder.file("a.csv", "\n\"n\",text\r\n" + body);
    CHECK(rc::check([&] {
        const ReaderOptions options = with(*rc::gen::inRange<std::size_t>(1, 50), *rc::gen::inRange<std::size_t>(1, 500));
        auto reader = BlockReader::open({"a.csv", path}, options).value();
        event::Decoder decoder(event::Format::csv, {{{"n"}, event::Type::integer, TimeUnit::ms}}, {});
        std::int64_t next = 0;
        std::uint64_t line = 3;
        while (auto block = reader.next().value()) {
            const event::Batch batch = decoder.decode(event::InputId{0}, *block);
            RC_ASSERT(batch.errors().empty());
            RC_ASSERT(batch.rows() <= options.max_records);
            for (std::size_t row = 0; row < batch.rows(); ++row) {
                RC_ASSERT(batch.column(event::ColumnId{0}).value(row).as_int() == next);
                RC_ASSERT(batch.header(row).line == line);
                line += next % 3 == 0 ? 2U : 1U;
                ++next;
            }
        }
        RC_ASSERT(next == 200);
    }));
}

TEST_CASE("blocks outlive the reader and are not written to again") {
    const Folder folder;
    const std::string text = lines(500);
    const std::string path = folder.file("a.ndjson", text);
    std::vector<event::Block> blocks;
    {
        auto reader = BlockReader::open({"a", path}, with(7, 256)).value();
        while (auto block = reader.next().value()) {
            blocks.push_back(*block);
        }
        CHECK(reader.bytes_read() == text.size());
        CHECK(reader.total_bytes() == text.size());
        CHECK_FALSE(reader.next().value().has_value());
    }
    std::string again;
    for (const event::Block& block : blocks) {
        CHECK(block.bytes->size() >= block.begin + block.size + event::kBlockPadding);
        again += block.text();
    }
    CHECK(again == text);
}

TEST_CASE("an empty file is fine, however it is packed") {
    const Folder folder;
    for (const char* name : {"a.ndjson", "a.csv", "a.ndjson.gz", "a.csv.zst"}) {
        const Read read = read_all(folder.file(name, ""));
        CHECK(read.error.empty());
        CHECK(read.text.empty());
    }
    CHECK(read_all(folder.file("b.ndjson.gz", gzip(""))).error.empty());
    CHECK(read_all(folder.file("b.csv.zst", zstd(""))).error.empty());
    CHECK(read_all(folder.file("c.csv", "a,b")).error.empty());
}

TEST_CASE("what cannot be opened is an error with the system's reason") {
    const Folder folder;
    const std::string missing = (folder.path() / "missing").string();
    CHECK(read_all(missing).error == missing + ": No such file or directory");
    CHECK(read_all("x=" + folder.path().string()).error == folder.path().string() + ": Is a directory");
    const std::string secret = folder.file("secret", "x");
    chmod(secret.c_str(), 0);
    if (geteuid() != 0) {
        CHECK(read_all(secret).error == secret + ": Permission denied");
    }
}

TEST_CASE("a truncated archive gives its whole records, then an error, again and again") {
    const Folder folder;
    std::string text;
    for (std::size_t i = 0; i < 200'000; ++i) {
        text += "{\"n\":" + std::to_string(i * 7919 % 200'003) + "}\n";
    }
    for (const std::string& packed : {gzip(text), zstd(text)}) {
        const std::string path = folder.file("cut.ndjson", packed.substr(0, packed.size() / 2));
        const Read read = read_all(path);
        INFO(read.error);
        CHECK(read.error.starts_with(path + ": the archive ends early"));
        CHECK(!read.text.empty());
        CHECK(text.starts_with(read.text));
        CHECK(read.text.ends_with("\n"));
    }
    const std::string header_only = folder.file("b.ndjson.gz", gzip(text).substr(0, 5));
    CHECK(read_all(header_only).error == header_only + ": the archive ends early");
}

TEST_CASE("a damaged archive gives what is before the damage, then an error") {
    const Folder folder;
    std::string packed = gzip(lines(10'000));
    packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] + 1);  // the checksum
    const std::string path = folder.file("a.ndjson.gz", packed);
    const Read read = read_all(path);
    CHECK(read.text == lines(10'000));
    CHECK(read.error == path + ": not gzip, or damaged: incorrect data check");
    const std::string plain = folder.file("plain.ndjson.gz", lines(3));
    CHECK(read_all(plain).error == plain + ": not gzip, or damaged: incorrect header check");
    const std::string other = folder.file("plain.ndjson.zst", lines(3));
    CHECK(read_all(other).error == other + ": not zstd, or damaged: Unknown frame descriptor");
}

TEST_CASE("archives of several members are one input, and packing is told by the first bytes too") {
    const Folder folder;
    const auto whole = [&](const std::string& name, const std::string& bytes) {
        const Read read = read_all(folder.file(name, bytes));
        CHECK(read.error.empty());
        return read.text;
    };
    CHECK(whole("a.ndjson.gz", gzip(lines(3)) + gzip("") + gzip(lines(2))) == lines(3) + lines(2));
    CHECK(whole("a.ndjson.zst", zstd(lines(3)) + zstd(lines(2))) == lines(3) + lines(2));
    CHECK(whole("a.data", gzip(lines(3))) == lines(3));
    CHECK(whole("b.data", zstd(lines(3))) == lines(3));
    CHECK(whole("padded.gz", gzip(lines(3)) + std::string(512, '\0')) == lines(3));
}

TEST_CASE("a line longer than the limit costs itself only, and no memory") {
    const Folder folder;
    ReaderOptions options = with(4096, 64);
    options.limits.record_bytes = 100;
    const std::string path = folder.file("a.ndjson", "{\"a\":1}\n{\"b\":\"" + std::string(100'000, 'x') + "\"}\n{\"a\":3}\n");
    auto reader = BlockReader::open({"a", path}, options).value();
    event::Decoder decoder(event::Format::ndjson, {}, options.limits);
    std::vector<std::uint64_t> rows;
    std::vector<std::string> errors;
    while (auto block = reader.next().value()) {
        CHECK(block->bytes->size() < 1000);
        const event::Batch batch = decoder.decode(event::InputId{0}, *block);
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            rows.push_back(batch.header(row).line);
        }
        for (const auto& error : batch.errors()) {
            errors.push_back(std::to_string(error.line) + ": " + error.reason);
        }
    }
    CHECK(rows == std::vector<std::uint64_t>{1, 3});
    CHECK(errors == std::vector<std::string>{"2: longer than 100 bytes"});
}

TEST_CASE("a line of as many bytes as the limit is read, whatever the size of the blocks; one more is too long") {
    const Folder folder;
    for (const std::size_t buffer : {std::size_t{16}, std::size_t{64}, std::size_t{100}, std::size_t{101}, std::size_t{4096}}) {
        for (std::size_t length = 97; length <= 104; ++length) {
            INFO("blocks of " << buffer << " bytes, a line of " << length);
            ReaderOptions options = with(buffer, 64);
            options.limits.record_bytes = 100;
            const std::string line = "{\"a\":\"" + std::string(length - 8, 'x') + "\"}";
            const std::string path = folder.file("a.ndjson", line + "\n" + line + "\n" + line);
            auto reader = BlockReader::open({"a", path}, options).value();
            event::Decoder decoder(event::Format::ndjson, {}, options.limits);
            std::size_t rows = 0;
            std::size_t errors = 0;
            while (auto block = reader.next().value()) {
                const event::Batch batch = decoder.decode(event::InputId{0}, *block);
                rows += batch.rows();
                errors += batch.errors().size();
            }
            CHECK(rows == (length <= 100 ? 3 : 0));
            CHECK(errors == (length <= 100 ? 0 : 3));
        }
    }
}

TEST_CASE("a quote that is never closed costs its line only") {
    const Folder folder;
    for (const std::size_t limit : {std::size_t{64}, std::size_t{1} << 20}) {
        ReaderOptions options = with(4096, 32);
        options.limits.record_bytes = limit;
        std::string text = "a,b\n1,\"x\n";
        for (int i = 0; i < 100; ++i) {
            text += "2,y\n";
        }
        auto reader = BlockReader::open({"a", folder.file("a.csv", text)}, options).value();
        event::Decoder decoder(event::Format::csv, {}, options.limits);
        std::size_t rows = 0;
        std::size_t errors = 0;
        while (auto block = reader.next().value()) {
            const event::Batch batch = decoder.decode(event::InputId{0}, *block);
            rows += batch.rows();
            errors += batch.errors().size();
        }
        CHECK(rows == 100);
        CHECK(errors == 1);
    }
}

TEST_CASE("the format can be told by hand") {
    const Folder folder;
    ReaderOptions options;
    options.format = event::Format::csv;
    const Read read = read_all(folder.file("a.txt", "a,b\n1,2\n"), options);
    CHECK(read.text == "1,2\n");
    REQUIRE(read.header != nullptr);
    CHECK(*read.header == event::CsvHeader{"a", "b"});
}
