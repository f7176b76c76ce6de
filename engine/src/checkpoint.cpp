#include "checkpoint.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <xxhash.h>

#include <tocsin/plan/print.hpp>

namespace tocsin::engine {

namespace {

/// Changes with what any class writes.
constexpr std::string_view kFormat = "tocsin state 1\n";
constexpr std::size_t kSumBytes = 8;

std::array<char, kSumBytes> sum_of(std::string_view bytes) {
    std::array<char, kSumBytes> out{};
    const std::uint64_t sum = XXH3_64bits(bytes.data(), bytes.size());
    for (std::size_t i = 0; i < kSumBytes; ++i) {
        out[i] = static_cast<char>(static_cast<unsigned char>(sum >> (8 * i)));
    }
    return out;
}

}  // namespace

std::string identity_of(const plan::Program& program, std::span<const Input> inputs, const Options& options) {
    std::string text = plan::print(program);
    for (const Input& input : inputs) {
        text += fmt::format("input {} {}\n", input.name, input.format == event::Format::csv ? "csv" : "ndjson");
    }
    text += fmt::format("runs_per_key {}\n", options.limits.runs_per_key);
    return fmt::format("{:016x} threads {}", XXH3_64bits(text.data(), text.size()), options.threads);
}

std::string sealed(std::string bytes) {
    bytes.insert(0, kFormat);
    const auto sum = sum_of(bytes);
    bytes.append(sum.begin(), sum.end());
    return bytes;
}

Result<std::string_view> unsealed(std::string_view state) {
    if (state.size() < kFormat.size() + kSumBytes) {
        return fail(Errc::bad_data, "the state is cut off");
    }
    const std::string_view body = state.substr(0, state.size() - kSumBytes);
    const auto sum = sum_of(body);
    if (std::memcmp(sum.data(), state.data() + body.size(), kSumBytes) != 0) {
        return fail(Errc::bad_data, "the state is damaged");
    }
    if (!body.starts_with(kFormat)) {
        return fail(Errc::unsupported, "the state was written by another version");
    }
    return body.substr(kFormat.size());
}

}  // namespace tocsin::engine
