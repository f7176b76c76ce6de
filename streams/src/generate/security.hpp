#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenario.hpp"

namespace tocsin::streams {

/// A company's hosts and users. What the rules of rules/security must find, and what they must not.
///
/// Noise is built so that it cannot match: a user's failed logons, all from the user's own address, are more than ten
/// minutes apart; nobody runs whoami; programs open lsass only as virus scanners do; process ids of noise are multiples of
/// 8, those of episodes lie between; no account is both created and deleted; a host with a new service, task or group member
/// is silent as long as a rule looks, as is one in an episode.
class Security final : public PlantedScenario<Security> {
public:
    Security(const GenerateSpec& spec, Random& random, Timeline& timeline);
    void background(EventTime now) override;
    [[nodiscard]] static std::span<const Plant> plants();

private:
    /// How long a host is busy with an episode: longer than any rule looks back or ahead.
    static constexpr Duration kQuiet = std::chrono::hours(4);

    // Logons and accounts.
    void brute_force_success(EventTime now, Plot plot);
    void password_spraying(EventTime now, Plot plot);
    void short_lived_account(EventTime now, Plot plot);
    // What runs on a host.
    void service_installed_then_run(EventTime now, Plot plot);
    void lsass_read_then_connection(EventTime now, Plot plot);
    void document_starts_shell(EventTime now, Plot plot);
    void discovery_burst(EventTime now, Plot plot);
    // Staying, and leaving no traces.
    void persistence_after_escalation(EventTime now, Plot plot);
    void traces_removed(EventTime now, Plot plot);

    [[nodiscard]] std::uint32_t host_for_noise(EventTime now);
    void noise_logon(EventTime now);
    void noise_process(EventTime now);
    void noise_connection(EventTime now);
    void noise_access(EventTime now);
    void noise_rare(EventTime now);

    [[nodiscard]] Record logon(EventTime time, std::string_view user, std::string_view address, std::uint32_t host, bool ok);
    struct Process {
        std::int64_t pid{0};
        std::int64_t parent_pid{0};
        std::string_view image;
        std::string_view parent;
        std::string command;
    };
    [[nodiscard]] Record process(EventTime time, std::uint32_t host, std::string_view user, const Process& process);
    [[nodiscard]] Record connection(EventTime time, std::uint32_t host, std::int64_t pid, std::string_view image,
                                    std::string_view address);
    [[nodiscard]] Record change(std::string_view what, EventTime time, std::uint32_t host, std::string_view user,
                                std::string_view program);
    [[nodiscard]] Record account(std::string_view what, EventTime time, std::string_view user, std::string_view admin);
    [[nodiscard]] Record log_cleared(EventTime time, std::uint32_t host, std::string_view user);
    [[nodiscard]] std::string new_account();
    [[nodiscard]] std::int64_t noise_pid() { return random().between(300, 8'000) * 8; }
    [[nodiscard]] std::int64_t episode_pid() { return random().between(300, 8'000) * 8 + 4; }
    [[nodiscard]] std::string unknown_program();
    [[nodiscard]] std::string some_user() { return user_of(random().below(users_)); }
    [[nodiscard]] static std::string user_of(std::uint32_t who);

    std::uint32_t users_;
    Pool hosts_;
    std::vector<EventTime> last_failure_;  ///< by user
    std::uint32_t strangers_{0};  ///< addresses used up
    std::uint32_t accounts_{0};  ///< names of accounts used up
};

}  // namespace tocsin::streams
