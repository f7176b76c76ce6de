#include "tokens.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace tocsin::service {

namespace {

constexpr std::string_view kScheme = "Bearer ";
constexpr std::size_t kFewestCharacters = 16;

}  // namespace

Tokens::Hash Tokens::hash_of(std::string_view text) {
    Hash hash{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr);
    return hash;
}

Result<Tokens> Tokens::load(const std::vector<TokenConfig>& configs) {
    Tokens tokens;
    for (const TokenConfig& config : configs) {
        const auto text = config.token.read();
        if (!text) {
            return fail(text.error().code, fmt::format("token {}: {}", config.name, text.error().message));
        }
        if (text->size() < kFewestCharacters) {
            return fail(Errc::invalid, fmt::format("token {}: a token has at least {} characters", config.name, kFewestCharacters));
        }
        tokens.tokens_.push_back({hash_of(*text), config.may_ingest, config.may_read});
    }
    return tokens;
}

Access Tokens::check(std::string_view authorization, Scope scope) const {
    if (tokens_.empty()) {
        return Access::granted;
    }
    const bool bearer = authorization.starts_with(kScheme);
    const Hash given = hash_of(bearer ? authorization.substr(kScheme.size()) : std::string_view());
    bool known = false;
    bool allowed = false;
    for (const Token& token : tokens_) {
        const bool same = CRYPTO_memcmp(token.hash.data(), given.data(), given.size()) == 0;
        known = known || same;
        allowed = allowed || (same && (scope == Scope::ingest ? token.may_ingest : token.may_read));
    }
    return !bearer || !known ? Access::unknown : allowed ? Access::granted : Access::forbidden;
}

}  // namespace tocsin::service
