#pragma once

#include <bit>
#include <cstdint>

#include <tocsin/base/time.hpp>

namespace tocsin::streams {

/// Random numbers that are the same on every platform: whole numbers only, no library's distributions. SplitMix64
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). Thread-compatible.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        return mixed(state_);
    }
    /// A number below n. Requires: n > 0.
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32); }
    /// low … high, both included. Requires: low <= high, less than 2^32 apart.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(((next() >> 32) * static_cast<std::uint64_t>(high - low + 1)) >> 32);
    }
    Duration between(Duration low, Duration high) {
        return std::chrono::milliseconds(between(low / std::chrono::milliseconds(1), high / std::chrono::milliseconds(1)));
    }
    bool percent(std::uint32_t share) { return below(100) < share; }
    /// A number below n, small ones far more often than large ones: a tenth of the numbers takes almost half of all draws.
    std::uint32_t skewed(std::uint32_t n) {
        const std::uint64_t u = next() >> 32;
        const std::uint64_t cubed = (((u * u) >> 32) * u) >> 32;
        return static_cast<std::uint32_t>((cubed * n) >> 32);
    }
    /// Exponentially distributed. Requires: 0 <= mean < 2^40.
    std::int64_t exponential(std::int64_t mean) {
        constexpr std::uint64_t kLn2 = 45'426;  // in 1/65536
        const std::uint64_t nats = (minus_log2(next()) * kLn2) >> 16;
        return static_cast<std::int64_t>((static_cast<std::uint64_t>(mean) * nats) >> 16);
    }

    /// The same number for the same `value`: what belongs to an entity is computed from its number, not stored.
    static std::uint64_t mixed(std::uint64_t value) {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

private:
    /// -log2(u / 2^64) in 1/65536, digit by digit: squaring the mantissa doubles its logarithm.
    static std::uint64_t minus_log2(std::uint64_t u) {
        u |= 1;
        const auto leading = static_cast<unsigned>(std::countl_zero(u));
        std::uint64_t mantissa = (u << leading) >> 32;  // [1, 2) with 31 digits behind the point
        std::uint64_t fraction = 0;
        for (int digit = 0; digit < 16; ++digit) {
            mantissa = (mantissa * mantissa) >> 31;
            fraction <<= 1;
            if (mantissa >> 32 != 0) {
                mantissa >>= 1;
                fraction |= 1;
            }
        }
        return ((std::uint64_t{leading} + 1) << 16) - fraction;
    }

    std::uint64_t state_;
};

}  // namespace tocsin::streams
