#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>

/// Signatures as Standard Webhooks defines them (https://www.standardwebhooks.com, specification of 2023): HMAC-SHA256 over
/// `id.timestamp.body`.
namespace tocsin::delivery {

/// A key that sender and receiver share.
class Secret {
public:
    /// `whsec_` and 24 to 64 bytes in base64. The error does not show the text.
    [[nodiscard]] static Result<Secret> parse(std::string_view text);
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

private:
    explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes_;
};

/// The value of `webhook-signature`: one `v1,` and base64 for each secret, with a blank between them, so that a receiver may
/// still have the old one or already the new one. `timestamp`: Unix seconds, as in `webhook-timestamp`.
[[nodiscard]] std::string sign(std::span<const Secret> secrets, std::string_view id, std::int64_t timestamp,
                               std::string_view body);

enum class Verification : std::uint8_t {
    fits,  ///< one of the header's signatures is by one of the secrets
    wrong,  ///< none of them is
    none,  ///< the header has no `v1,` signature
};

/// What a receiver does: `signature` is the header `webhook-signature`. Takes as long for a wrong one as for a right one. How old
/// the timestamp may be is for the caller to say.
[[nodiscard]] Verification verify(std::span<const Secret> secrets, std::string_view id, std::int64_t timestamp,
                                  std::string_view body, std::string_view signature);

}  // namespace tocsin::delivery
