#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tocsin/state/store.hpp>

/// Keys and values as bytes. Numbers are big-endian, so that keys sort as their numbers do; texts have their length in front.
namespace tocsin::state {

void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);
void put_text(std::string& out, std::string_view text);

/// Reads what the functions above wrote. After the first value that is not there all are zero and empty, and ok() is false.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] std::uint32_t u32();
    [[nodiscard]] std::uint64_t u64();
    [[nodiscard]] std::string_view text();
    [[nodiscard]] bool ok() const { return ok_; }
    /// Everything was there, and nothing more.
    [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

private:
    [[nodiscard]] std::string_view take(std::size_t size);
    std::string_view rest_;
    bool ok_{true};
};

/// Of all deployments' keys the first part.
inline constexpr std::string_view kDeploymentPrefix = "deployment/";

[[nodiscard]] std::string sequence_key(std::uint64_t sequence);
/// Of deliveries and dead letters: all of one endpoint are together, in order of sequence.
[[nodiscard]] std::string endpoint_key(std::string_view endpoint, std::uint64_t sequence);
[[nodiscard]] std::string endpoint_prefix(std::string_view endpoint);
[[nodiscard]] std::string deployment_key(std::uint64_t number);
[[nodiscard]] std::string shown_key(std::uint64_t alert, std::string_view op);

[[nodiscard]] std::string encode(const Chunk& chunk);
[[nodiscard]] std::string encode(const OutboxRow& row);
[[nodiscard]] std::string encode(const Position& position);
[[nodiscard]] std::string encode(const Deployment& deployment);
[[nodiscard]] std::string encode(const Delivery& delivery);
[[nodiscard]] std::string encode(const DeadLetter& letter);

// False for bytes that are none.
[[nodiscard]] bool decode(std::string_view key, std::string_view value, Chunk& chunk);
[[nodiscard]] bool decode(std::string_view key, std::string_view value, OutboxRow& row);
[[nodiscard]] bool decode(std::string_view value, Position& position);
[[nodiscard]] bool decode(std::string_view key, std::string_view value, Deployment& deployment);
[[nodiscard]] bool decode(std::string_view key, std::string_view value, Delivery& delivery);
[[nodiscard]] bool decode(std::string_view key, std::string_view value, DeadLetter& letter);

}  // namespace tocsin::state
