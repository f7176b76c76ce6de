#include "tokens.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace tocsin::service {

namespace {

constexpr std::string_view kScheme = "Bearer ";
constexpr std::size_t kFewestCharacters = 16;

}  // namespace

std::string_view scope_name(Scope scope) {
    switch (scope) {
        case Scope::ingest: return "ingest";
        case Scope::read: return "read";
        case Scope::deploy: return "deploy";
    }
    return "read";
}

bool Tokens::Token::may(Scope scope) const {
    switch (scope) {
        case Scope::ingest: return may_ingest;
        case Scope::read: return may_read;
        case Scope::deploy: return may_deploy;
    }
    return false;
}

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
            return fail(Errc::invalid,
                        fmt::format("token {}: a token has at least {} characters", config.name, kFewestCharacters));
        }
        tokens.tokens_.push_back({config.name, hash_of(*text), config.may_ingest, config.may_read, config.may_deploy});
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
        allowed = allowed || (same && token.may(scope));
    }
    return !bearer || !known ? Access::unknown : allowed ? Access::granted : Access::forbidden;
}

std::string Tokens::name_of(std::string_view authorization) const {
    const Hash given = hash_of(authorization.substr(std::min(kScheme.size(), authorization.size())));
    std::string name = "anonymous";
    for (const Token& token : tokens_) {
        if (CRYPTO_memcmp(token.hash.data(), given.data(), given.size()) == 0) {
            name = token.name;
        }
    }
    return name;
}

}  // namespace tocsin::service
