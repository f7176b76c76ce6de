#include <tocsin/delivery/signature.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tocsin::delivery {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::string_view kVersion = "v1,";
constexpr std::size_t kFewestBytes = 24;
constexpr std::size_t kMostBytes = 64;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// Empty for what is not base64.
std::string from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 4 * kMostBytes) {
        return {};
    }
    // EVP_DecodeBlock takes padding anywhere as zeros.
    if (const std::size_t end = text.find('=');
        end != std::string_view::npos && text.find_first_not_of('=', end) != std::string_view::npos) {
        return {};
    }
    std::string out(3 * text.size() / 4, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
    if (size < 0) {
        return {};
    }
    // EVP_DecodeBlock counts the padding as bytes.
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

}  // namespace

Result<Secret> Secret::parse(std::string_view text) {
    if (!text.starts_with(kPrefix)) {
        return fail(Errc::invalid, "a secret starts with whsec_");
    }
    std::string bytes = from_base64(text.substr(kPrefix.size()));
    if (bytes.size() < kFewestBytes || bytes.size() > kMostBytes) {
        return fail(Errc::invalid, fmt::format("a secret is whsec_ and {} to {} bytes in base64", kFewestBytes, kMostBytes));
    }
    return Secret(std::move(bytes));
}

namespace {

std::string mac(const Secret& secret, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), secret.bytes().data(), static_cast<int>(secret.bytes().size()), bytes_of(text), text.size(),
         digest.data(), &size);
    return base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string signed_text(std::string_view id, std::int64_t timestamp, std::string_view body) {
    return fmt::format("{}.{}.{}", id, timestamp, body);
}

}  // namespace

std::string sign(std::span<const Secret> secrets, std::string_view id, std::int64_t timestamp, std::string_view body) {
    const std::string text = signed_text(id, timestamp, body);
    std::string out;
    for (const Secret& secret : secrets) {
        out += out.empty() ? "" : " ";
        out += kVersion;
        out += mac(secret, text);
    }
    return out;
}

Verification verify(std::span<const Secret> secrets, std::string_view id, std::int64_t timestamp, std::string_view body,
                    std::string_view signature) {
    const std::string text = signed_text(id, timestamp, body);
    Verification found = Verification::none;
    while (!signature.empty()) {
        const std::size_t end = std::min(signature.find(' '), signature.size());
        std::string_view one = signature.substr(0, end);
        signature.remove_prefix(std::min(end + 1, signature.size()));
        if (!one.starts_with(kVersion)) {
            continue;
        }
        one.remove_prefix(kVersion.size());
        for (const Secret& secret : secrets) {
            const std::string expected = mac(secret, text);
            if (one.size() == expected.size() && CRYPTO_memcmp(one.data(), expected.data(), expected.size()) == 0) {
                return Verification::fits;
            }
        }
        found = Verification::wrong;
    }
    return found;
}

}  // namespace tocsin::delivery
