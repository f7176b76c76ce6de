// The episodes of the security scenario. Each rule's near misses fail it by one thing only; what a rule asks for stands in
// rules/security.
#include <algorithm>
#include <array>

#include "security.hpp"
#include "security_names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kDay = std::chrono::hours(24);

}  // namespace

void Security::brute_force_success(EventTime now, Plot plot) {
    constexpr Duration kWithin = 10min;
    enum : std::uint32_t { too_few, too_late, another_user, another_address, kVariants };
    const NearMiss is{plot, kVariants};
    const std::uint32_t who = random().below(users_);
    const std::string user = user_of(who);
    const std::string address = outside_address(strangers_++);
    const std::uint32_t host = random().below(hosts_.size());
    const std::int64_t failures = is(too_few) ? 4 : is(too_late) ? 5 : random().between(5, 12);
    EventTime time = now + random().between(1s, 60s);
    const EventTime first = time;
    Episode episode;
    for (std::int64_t i = 0; i < failures; ++i) {
        episode.matched(logon(time, user, address, host, false));
        time = time + random().between(500ms, 20s);
    }
    const EventTime success = is(too_late) ? first + kWithin + kTooLate : time + random().between(0s, 120s);
    episode.matched(logon(success, is(another_user) ? user_of((who + 1) % users_) : user,
                          is(another_address) ? inside_address(who) : address, host, true));
    std::move(episode).play(timeline(), plot, "brute_force_success", key_json({{"user", user}, {"src_ip", address}}));
}

void Security::password_spraying(EventTime now, Plot plot) {
    constexpr Duration kWithin = 5min;
    constexpr std::uint32_t kUsers = 8;
    enum : std::uint32_t { too_few, too_late, same_user, kVariants };
    const NearMiss is{plot, kVariants};
    const std::string address = outside_address(strangers_++);
    const std::uint32_t host = random().below(hosts_.size());
    const std::uint32_t first_user = random().below(users_ - kUsers);
    const EventTime first = now + random().between(1s, 60s);
    EventTime time = first;
    Episode episode;
    for (std::uint32_t i = 0; i < (is(too_few) ? kUsers - 1 : kUsers); ++i) {
        const bool last = i == kUsers - 1;
        const EventTime when = last && is(too_late) ? first + kWithin + kTooLate : time;
        episode.matched(logon(when, user_of(first_user + (last && is(same_user) ? 0 : i)), address, host, false));
        time = time + random().between(1s, 42s);
    }
    std::move(episode).play(timeline(), plot, "password_spraying", key_json({{"src_ip", address}}));
}

void Security::short_lived_account(EventTime now, Plot plot) {
    enum : std::uint32_t { never_used, too_late, only_failed, kVariants };
    const NearMiss is{plot, kVariants};
    const std::string user = new_account();
    const std::string admin = some_user();
    const EventTime created = now + random().between(1s, 60s);
    const EventTime used = created + random().between(1min, 2h);
    const EventTime deleted = is(too_late) ? created + kDay + kTooLate : used + random().between(1min, 5h);
    Episode episode;
    episode.matched(account("AccountCreated", created, user, admin));
    if (!is(never_used)) {
        const std::uint32_t host = random().below(hosts_.size());
        episode.matched(logon(used, user, inside_address(random().below(4'000)), host, !is(only_failed)));
    }
    episode.matched(account("AccountDeleted", deleted, user, admin));
    std::move(episode).play(timeline(), plot, "short_lived_account", key_json({{"user", user}}));
}

void Security::service_installed_then_run(EventTime now, Plot plot) {
    constexpr Duration kWithin = 2min;
    enum : std::uint32_t { another_host, too_late, another_program, by_hand, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    const auto other = hosts_.reserve(random(), now, now + kQuiet);
    if (!host || !other) {
        return;
    }
    const std::string user = some_user();
    const std::string path = unknown_program();
    const EventTime installed = now + random().between(1s, 60s);
    const EventTime started = is(too_late) ? installed + kWithin + kTooLate : installed + random().between(50ms, 100s);
    const std::string started_path = is(another_program) ? unknown_program() : path;
    Episode episode;
    episode.matched(change("ServiceInstalled", installed, *host, user, path));
    episode.matched(process(started, is(another_host) ? *other : *host, "system",
                            {episode_pid(), 788, started_path, is(by_hand) ? "explorer.exe" : "services.exe", started_path}));
    std::move(episode).play(timeline(), plot, "service_installed_then_run", key_json({{"host", host_name(*host)}}));
}

void Security::lsass_read_then_connection(EventTime now, Plot plot) {
    constexpr Duration kWithin = 10min;
    constexpr std::array<std::string_view, 4> kReading{"0x1010", "0x1410", "0x1438", "0x1fffff"};
    enum : std::uint32_t { inside, another_process, too_late, harmless_access, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    if (!host) {
        return;
    }
    const std::int64_t pid = episode_pid();
    const std::string image = unknown_program();
    const EventTime read = now + random().between(1s, 60s);
    const EventTime sent = is(too_late) ? read + kWithin + kTooLate : read + random().between(1s, 9min);
    Episode episode;
    episode.matched(std::move(Record("ProcessAccess", read)
                                  .text("host", host_name(*host))
                                  .number("pid", pid)
                                  .text("image", image)
                                  .text("target", kLsass)
                                  .text("access", is(harmless_access) ? "0x1000" : kReading[random().below(kReading.size())])));
    episode.matched(connection(sent, *host, is(another_process) ? pid + 8 : pid, image,
                               is(inside) ? inside_address(random().below(4'000)) : outside_address(strangers_++)));
    std::move(episode).play(timeline(), plot, "lsass_read_then_connection", key_json({{"host", host_name(*host)}}));
}

void Security::document_starts_shell(EventTime now, Plot plot) {
    constexpr Duration kWithin = 10min;
    constexpr std::array<std::string_view, 3> kOffice{"winword.exe", "excel.exe", "powerpnt.exe"};
    constexpr std::array<std::string_view, 4> kShells{"cmd.exe", "powershell.exe", "wscript.exe", "mshta.exe"};
    enum : std::uint32_t { another_parent, inside, too_late, another_process, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    if (!host) {
        return;
    }
    const std::string user = some_user();
    const std::string_view office = kOffice[random().below(kOffice.size())];
    const std::string_view shell = kShells[random().below(kShells.size())];
    const std::int64_t pid = episode_pid();
    const std::int64_t shell_pid = pid + 8 * random().between(1, 50);
    const EventTime opened = now + random().between(1s, 60s);
    const EventTime started = opened + random().between(1s, 60s);
    const EventTime sent = is(too_late) ? opened + kWithin + kTooLate : started + random().between(200ms, 8min);
    Episode episode;
    episode.matched(
        process(opened, *host, user, {pid, kDesktopPid, office, "explorer.exe", std::string(office) + " invoice.docm"}));
    episode.matched(process(started, *host, user,
                            {shell_pid, is(another_parent) ? kDesktopPid : pid, shell,
                             is(another_parent) ? "explorer.exe" : office, std::string(shell) + " -enc SQBFAFgA"}));
    episode.matched(connection(sent, *host, is(another_process) ? shell_pid + 8 : shell_pid, shell,
                               is(inside) ? inside_address(random().below(4'000)) : outside_address(strangers_++)));
    std::move(episode).play(timeline(), plot, "document_starts_shell", key_json({{"host", host_name(*host)}}));
}

void Security::discovery_burst(EventTime now, Plot plot) {
    constexpr Duration kWithin = 5min;
    enum : std::uint32_t { another_user, too_late, only_two, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    if (!host) {
        return;
    }
    const std::uint32_t who = random().below(users_);
    std::array<std::string_view, 3> images{"whoami.exe", random().percent(50) ? "ipconfig.exe" : "arp.exe",
                                           random().percent(50) ? "net.exe" : "nltest.exe"};
    std::swap(images[0], images[random().below(3)]);
    std::swap(images[1], images[1 + random().below(2)]);
    const EventTime first = now + kWithin + random().between(1s, 60s);  // behind the noise of the host
    EventTime time = first;
    Episode episode;
    for (std::size_t i = 0; i < (is(only_two) ? 2 : images.size()); ++i) {
        const bool last = i == images.size() - 1;
        const std::uint32_t user = last && is(another_user) ? (who + 1) % users_ : who;
        const EventTime when = last && is(too_late) ? first + kWithin + kTooLate : time;
        episode.matched(process(when, *host, user_of(user),
                                {episode_pid(), kDesktopPid, images[i], "cmd.exe", std::string(images[i]) + " /all"}));
        time = time + random().between(500ms, 140s);
    }
    std::move(episode).play(timeline(), plot, "discovery_burst",
                            key_json({{"host", host_name(*host)}, {"user", user_of(who)}}));
}

void Security::persistence_after_escalation(EventTime now, Plot plot) {
    constexpr Duration kWithin = 2h;
    enum : std::uint32_t { harmless_group, another_user, too_late, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    if (!host) {
        return;
    }
    const std::uint32_t who = random().below(users_);
    const EventTime granted = now + random().between(1s, 60s);
    const EventTime planted = is(too_late) ? granted + kWithin + kTooLate : granted + random().between(1min, 2h);
    const std::string_view group = is(harmless_group) ? "Readers" : random().percent(50) ? "Administrators" : "Domain Admins";
    const std::string_view what = random().percent(50) ? "TaskRegistered" : "ServiceInstalled";
    Episode episode;
    episode.matched(change("GroupMemberAdded", granted, *host, user_of(who), group));
    episode.matched(change(what, planted, *host, user_of(is(another_user) ? (who + 1) % users_ : who), unknown_program()));
    std::move(episode).play(timeline(), plot, "persistence_after_escalation", key_json({{"host", host_name(*host)}}));
}

void Security::traces_removed(EventTime now, Plot plot) {
    constexpr Duration kWithin = 1h;
    constexpr std::array<std::string_view, 3> kChanges{"ServiceInstalled", "TaskRegistered", "GroupMemberAdded"};
    enum : std::uint32_t { too_late, another_host, cleared_before, kVariants };
    const NearMiss is{plot, kVariants};
    const auto host = hosts_.reserve(random(), now, now + kQuiet);
    const auto other = hosts_.reserve(random(), now, now + kQuiet);
    if (!host || !other) {
        return;
    }
    const std::string user = some_user();
    const std::string_view what = kChanges[random().below(kChanges.size())];
    const EventTime first = now + random().between(1s, 60s);
    const EventTime second = is(too_late) ? first + kWithin + kTooLate : first + random().between(1min, 1h);
    const bool swapped = is(cleared_before);
    Episode episode;
    episode.matched(change(what, swapped ? second : first, *host, user,
                           what == "GroupMemberAdded" ? std::string("Administrators") : unknown_program()));
    episode.matched(log_cleared(swapped ? first : second, is(another_host) ? *other : *host, user));
    std::move(episode).play(timeline(), plot, "traces_removed", key_json({{"host", host_name(*host)}}));
}

}  // namespace tocsin::streams
