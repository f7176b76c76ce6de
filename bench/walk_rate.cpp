// The measure of the replay: simdjson On-Demand over a file of NDJSON, reading of each record what bench/auth.tocsin reads.
//
//   walk_rate FILE
//
// The file is read with read(2) into one buffer, 1 MiB at a time and cut at the last line's end, which is what replay does
// with it too. Every field of every record is walked; prints how much there was, and a checksum of what was read.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <simdjson.h>

namespace {

constexpr std::size_t kBufferBytes = 1U << 20;

struct Found {
    std::uint64_t bytes{0};
    std::uint64_t records{0};
    std::uint64_t string_bytes{0};
    std::int64_t time_sum{0};
};

void walk(simdjson::ondemand::parser& parser, const char* text, std::size_t size, Found& found) {
    simdjson::ondemand::document_stream records = parser.iterate_many(text, size, size);
    for (auto record : records) {
        ++found.records;
        for (auto field : record.get_object()) {
            const auto key = field.key().value();
            if (key == "ts_ms") {
                found.time_sum += field.value().get_int64().value();
            } else if (key == "type" || key == "src_ip") {
                found.string_bytes += field.value().get_string().value().size();
            }
        }
    }
    found.bytes += size;
}

/// False where the file could not be read, or a line is longer than the buffer.
bool walk_file(int file, Found& found) {
    simdjson::ondemand::parser parser;
    std::string buffer(2 * kBufferBytes + simdjson::SIMDJSON_PADDING, '\0');
    std::size_t held = 0;
    for (;;) {
        const ssize_t got = ::read(file, buffer.data() + held, kBufferBytes);
        if (got <= 0) {
            if (got == 0 && held > 0) {
                walk(parser, buffer.data(), held, found);
            }
            return got == 0;
        }
        const std::size_t end = held + static_cast<std::size_t>(got);
        const std::size_t lines = std::string_view(buffer.data(), end).rfind('\n') + 1;
        if (lines == 0) {
            return false;
        }
        walk(parser, buffer.data(), lines, found);
        held = end - lines;
        std::memmove(buffer.data(), buffer.data() + lines, held);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: walk_rate FILE\n");
        return 3;
    }
    const int file = ::open(argv[1], O_RDONLY | O_CLOEXEC);
    Found found;
    if (file < 0 || !walk_file(file, found)) {
        std::perror(argv[1]);
        return 3;
    }
    ::close(file);
    std::printf("%llu bytes, %llu records, checksum %llu\n", static_cast<unsigned long long>(found.bytes),
                static_cast<unsigned long long>(found.records),
                static_cast<unsigned long long>(found.string_bytes + static_cast<std::uint64_t>(found.time_sum)));
    return 0;
}
