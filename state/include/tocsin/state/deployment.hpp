#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::state {

/// A file of rules, or of the values of a list.
struct RuleText {
    std::string name;
    std::string text;
    bool of_list{false};
    friend bool operator==(const RuleText&, const RuleText&) = default;
};

/// A rule of a deployment, and from where on it judges.
struct DeployedRule {
    enum class Outcome : std::uint8_t {
        unchanged,  ///< it keeps its state
        fresh,  ///< it starts without state where the deployment does
        filled,  ///< it starts with what the log has from `first` on
        removed,
    };
    std::string name;
    std::uint32_t version{0};  ///< plan::RulePlan::version; of a removed rule the last one
    std::uint64_t arrival{0};  ///< a hash of how events come to it, which its version leaves out
    std::uint64_t first{1};  ///< the first record that it sees
    Outcome outcome{Outcome::fresh};
    std::string reason;  ///< why it is not as it was; empty where it is
    friend bool operator==(const DeployedRule&, const DeployedRule&) = default;
};

[[nodiscard]] std::string_view outcome_name(DeployedRule::Outcome outcome);

/// Rules that were put in force together. The first record that they judge is `records` + 1.
struct Deployment {
    enum class Origin : std::uint8_t {
        files,  ///< those that the config names
        request,
        rollback,  ///< to the deployment `of`
    };
    std::uint64_t number{0};  ///< from 1
    std::int64_t time_ms{0};  ///< Unix time
    std::uint64_t records{0};  ///< in the log before it
    std::string by;  ///< the name of a token, `SIGHUP`, `start`
    std::string note;
    Origin origin{Origin::files};
    std::uint64_t of{0};
    std::string hash;  ///< of the texts
    std::vector<std::string> inputs;  ///< in the order in which the engine knows them; a later deployment only adds to them
    std::vector<std::string> suspended;  ///< rules of the texts that do not run
    std::vector<DeployedRule> rules;  ///< in the order of the program, then those that were removed
    std::vector<RuleText> texts;
    friend bool operator==(const Deployment&, const Deployment&) = default;
};

[[nodiscard]] std::string_view origin_name(Deployment::Origin origin);

}  // namespace tocsin::state
