#include "text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include <tocsin/alerts/sink.hpp>

namespace tocsin::cli {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

Result<std::string> read_text(const std::string& path, std::size_t max_bytes) {
    const bool standard = path == "-";
    const std::string name = standard ? "standard input" : path;
    const std::unique_ptr<std::FILE, CloseFile> file(standard ? stdin : std::fopen(path.c_str(), "rbe"));
    if (!file) {
        return fail(Errc::io, fmt::format("cannot read {}: {}", name, reason(errno)));
    }
    constexpr std::size_t kChunk = 64 * 1024;
    std::string text;
    for (;;) {
        const std::size_t before = text.size();
        text.resize(before + kChunk);
        const std::size_t got = std::fread(text.data() + before, 1, kChunk, file.get());
        text.resize(before + got);
        if (text.size() > max_bytes) {
            return fail(Errc::limit, fmt::format("{} is larger than {} bytes (limit rule_file_bytes)", name, max_bytes));
        }
        if (got < kChunk) {
            break;
        }
    }
    if (std::ferror(file.get()) != 0) {
        return fail(Errc::io, fmt::format("cannot read {}: {}", name, reason(errno)));
    }
    return text;
}

Result<void> replace_text(const std::string& path, const std::string& text) {
    std::error_code error;
    const std::filesystem::path target = std::filesystem::canonical(path, error);
    if (error) {
        return fail(Errc::io, fmt::format("cannot write {}: {}", path, error.message()));
    }
    const std::string fresh = target.string() + ".tocsin-new";
    auto sink = alerts::FileSink::open(fresh);
    if (!sink) {
        return tl::unexpected(sink.error());
    }
    auto written = sink->write(text).and_then([&] { return sink->close(); });
    if (written) {
        std::filesystem::permissions(fresh, std::filesystem::status(target).permissions(), error);
        if (!error) {
            std::filesystem::rename(fresh, target, error);
        }
        if (error) {
            written = fail(Errc::io, fmt::format("cannot write {}: {}", path, error.message()));
        }
    }
    if (!written) {
        std::filesystem::remove(fresh, error);
    }
    return written;
}

}  // namespace tocsin::cli
