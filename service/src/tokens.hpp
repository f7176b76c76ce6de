#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tocsin/base/result.hpp>
#include <tocsin/service/config.hpp>

namespace tocsin::service {

enum class Scope : std::uint8_t { ingest, read, deploy };
[[nodiscard]] std::string_view scope_name(Scope scope);
enum class Access : std::uint8_t { granted, unknown, forbidden };

/// The tokens that may use the service; with none, everyone may do everything. Thread-safe once made.
class Tokens {
public:
    [[nodiscard]] static Result<Tokens> load(const std::vector<TokenConfig>& configs);

    /// `authorization`: the header's value. Takes the same time whichever token is given: hashes are compared, all of them and to
    /// their end.
    [[nodiscard]] Access check(std::string_view authorization, Scope scope) const;
    /// The name of the token, which check() has granted; `anonymous` where there are no tokens.
    [[nodiscard]] std::string name_of(std::string_view authorization) const;

private:
    using Hash = std::array<unsigned char, 32>;
    struct Token {
        std::string name;
        Hash hash{};
        bool may_ingest{false};
        bool may_read{false};
        bool may_deploy{false};
        [[nodiscard]] bool may(Scope scope) const;
    };
    [[nodiscard]] static Hash hash_of(std::string_view text);

    std::vector<Token> tokens_;
};

}  // namespace tocsin::service
