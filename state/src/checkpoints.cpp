#include <tocsin/state/checkpoints.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <tocsin/base/descriptor.hpp>

#include "encoding.hpp"

namespace tocsin::state {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".state";
constexpr std::size_t kKept = 2;
constexpr std::size_t kSumBytes = sizeof(std::uint64_t);

std::string sum_of(std::string_view state) {
    std::string sum;
    put_u64(sum, XXH3_64bits(state.data(), state.size()));
    return sum;
}

tl::unexpected<Error> failure(const char* what, const std::string& path) {
    return fail(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

}  // namespace

std::string Checkpoints::path_of(std::uint64_t records) const {
    return (fs::path(folder_) / fmt::format("{:020}{}", records, kSuffix)).string();
}

std::vector<std::uint64_t> Checkpoints::list() const {
    std::vector<std::uint64_t> found;
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::uint64_t records = 0;
        const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), records);
        if (bad == std::errc() && std::string_view(stop, name.data() + name.size()) == kSuffix) {
            found.push_back(records);
        }
    }
    std::sort(found.rbegin(), found.rend());
    return found;
}

Result<std::string> Checkpoints::read(std::uint64_t records) const {
    const std::string path = path_of(records);
    std::ifstream in(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) {
        return fail(Errc::io, fmt::format("cannot read {}", path));
    }
    const std::size_t size = bytes.size() < kSumBytes ? 0 : bytes.size() - kSumBytes;
    if (bytes.size() < kSumBytes || std::string_view(bytes).substr(size) != sum_of(std::string_view(bytes).substr(0, size))) {
        return fail(Errc::bad_data, fmt::format("{} is damaged", path));
    }
    bytes.resize(size);
    return bytes;
}

Result<void> Checkpoints::write(std::uint64_t records, std::string_view state) const {
    std::error_code error;
    fs::create_directories(folder_, error);
    const std::string path = path_of(records);
    const std::string unfinished = path + ".new";
    {
        const Descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
        if (file.number() < 0) {
            return failure("open", unfinished);
        }
        const auto written = write_all(file.number(), state, unfinished).and_then([&] {
            return write_all(file.number(), sum_of(state), unfinished);
        });
        if (!written || ::fsync(file.number()) != 0) {
            const auto failed = written ? failure("sync", unfinished) : tl::unexpected(written.error());
            fs::remove(unfinished, error);
            return failed;
        }
    }
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::rename(unfinished.c_str(), path.c_str()) != 0 || ::fsync(folder.number()) != 0) {
        return failure("write", path);
    }
    remove_old();
    return {};
}

void Checkpoints::remove_old() const {
    const std::vector<std::uint64_t> all = list();
    for (std::size_t i = kKept; i < all.size(); ++i) {
        std::error_code error;  // it is tried again after the next
        fs::remove(path_of(all[i]), error);
    }
}

}  // namespace tocsin::state
