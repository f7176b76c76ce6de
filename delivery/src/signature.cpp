#include <tocsin/delivery/signature.hpp>

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tocsin::delivery {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kFewestBytes = 24;
constexpr std::size_t kMostBytes = 64;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// Empty for what is not base64.
std::string from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 4 * kMostBytes) {
        return {};
    }
    std::string out(3 * text.size() / 4, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
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

std::string sign(std::span<const Secret> secrets, std::string_view id, std::int64_t timestamp, std::string_view body) {
    const std::string signed_text = fmt::format("{}.{}.{}", id, timestamp, body);
    std::string out;
    for (const Secret& secret : secrets) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        HMAC(EVP_sha256(), secret.bytes().data(), static_cast<int>(secret.bytes().size()), bytes_of(signed_text), signed_text.size(),
             digest.data(), &size);
        out += out.empty() ? "v1," : " v1,";
        out += base64({reinterpret_cast<const char*>(digest.data()), size});
    }
    return out;
}

}  // namespace tocsin::delivery
