#include "security.hpp"

#include <array>

#include "security_names.hpp"

namespace tocsin::streams {

using namespace std::chrono_literals;

namespace {

constexpr Duration kFailureGap = 10min + 1s;

struct Program {
    std::string_view image;
    std::string_view parent;
    std::string_view command;
};
/// What runs on an ordinary day. `whoami.exe` is not among it.
constexpr std::array kPrograms{
    Program{"chrome.exe", "explorer.exe", "chrome --type=renderer"},
    Program{"svchost.exe", "services.exe", "svchost -k netsvcs"},
    Program{"winword.exe", "explorer.exe", "winword report.docx"},
    Program{"excel.exe", "explorer.exe", "excel figures.xlsx"},
    Program{"outlook.exe", "explorer.exe", "outlook"},
    Program{"teams.exe", "explorer.exe", "teams --autostart"},
    Program{"powershell.exe", "explorer.exe", "powershell Get-ChildItem"},
    Program{"cmd.exe", "explorer.exe", "cmd /c dir"},
    Program{"conhost.exe", "cmd.exe", "conhost 0x4"},
    Program{"ipconfig.exe", "cmd.exe", "ipconfig"},
    Program{"net.exe", "cmd.exe", "net use z:"},
    Program{"msbuild.exe", "devenv.exe", "msbuild app.sln"},
};

}  // namespace

Security::Security(const GenerateSpec& spec, Random& random, Timeline& timeline)
    : PlantedScenario(random, timeline),
      users_(population(spec.events, 20, 80, 50'000)),
      hosts_(population(spec.events, 40, 80, 20'000)),
      last_failure_(users_, EventTime::lowest()) {}

std::string Security::user_of(std::uint32_t who) { return user_name(who); }

std::uint32_t Security::host_for_noise(EventTime now) {
    const auto host = hosts_.pick(random(), now);
    return host ? *host : hosts_.fresh();
}

std::string Security::new_account() { return "tmp_" + ten_digits(accounts_++); }

std::string Security::unknown_program() {
    std::string name = R"(c:\users\public\)";
    for (int i = 0; i < 8; ++i) {
        name += static_cast<char>('a' + random().below(26));
    }
    return name + ".exe";
}

Record Security::logon(EventTime time, std::string_view user, std::string_view address, std::uint32_t host, bool ok) {
    return std::move(Record("Logon", time)
                         .text("user", user)
                         .text("src_ip", address)
                         .text("host", host_name(host))
                         .text("method", random().percent(70) ? "network" : "interactive")
                         .flag("ok", ok));
}

Record Security::process(EventTime time, std::uint32_t host, std::string_view user, const Process& process) {
    return std::move(Record("ProcessStart", time)
                         .text("host", host_name(host))
                         .text("user", user)
                         .number("pid", process.pid)
                         .number("parent_pid", process.parent_pid)
                         .text("image", process.image)
                         .text("parent", process.parent)
                         .text("command", process.command));
}

Record Security::connection(EventTime time, std::uint32_t host, std::int64_t pid, std::string_view image,
                            std::string_view address) {
    return std::move(Record("Connection", time)
                         .text("host", host_name(host))
                         .number("pid", pid)
                         .text("image", image)
                         .text("dst_ip", address)
                         .number("dst_port", random().percent(80) ? 443 : 8'080));
}

Record Security::account(std::string_view what, EventTime time, std::string_view user, std::string_view admin) {
    return std::move(Record(what, time).text("user", user).text("by_user", admin));
}

Record Security::log_cleared(EventTime time, std::uint32_t host, std::string_view user) {
    return std::move(Record("LogCleared", time).text("host", host_name(host)).text("user", user).text("log", "Security"));
}

Record Security::change(std::string_view what, EventTime time, std::uint32_t host, std::string_view user,
                        std::string_view program) {
    Record record(what, time);
    record.text("host", host_name(host)).text("user", user);
    const std::string name = "updater" + std::to_string(random().below(90) + 10);
    if (what == "ServiceInstalled") {
        record.text("service", name).text("path", program);
    } else if (what == "TaskRegistered") {
        record.text("task", name).text("command", program);
    } else {
        record.text("by_user", "svc_web").text("group", program);
    }
    return record;
}

void Security::noise_logon(EventTime now) {
    const std::uint32_t user = random().skewed(users_);
    const bool failed = last_failure_[user] + kFailureGap < now && random().percent(12);
    if (failed) {
        last_failure_[user] = now;
    }
    timeline().write(logon(now, user_of(user), inside_address(user), host_for_noise(now), !failed));
}

void Security::noise_process(EventTime now) {
    const Program& program = kPrograms[random().skewed(kPrograms.size())];
    const std::uint32_t host = host_for_noise(now);
    const std::string user = some_user();
    timeline().write(
        process(now, host, user, {noise_pid(), kDesktopPid, program.image, program.parent, std::string(program.command)}));
}

void Security::noise_connection(EventTime now) {
    const Program& program = kPrograms[random().skewed(kPrograms.size())];
    const std::string address =
        random().percent(60) ? inside_address(random().below(4'000)) : outside_address(random().below(9'000));
    const std::uint32_t host = host_for_noise(now);
    timeline().write(connection(now, host, noise_pid(), program.image, address));
}

void Security::noise_access(EventTime now) {
    timeline().write(std::move(Record("ProcessAccess", now)
                                   .text("host", host_name(host_for_noise(now)))
                                   .number("pid", noise_pid())
                                   .text("image", "msmpeng.exe")
                                   .text("target", random().percent(30) ? kLsass : "chrome.exe")
                                   .text("access", "0x1000")));
}

void Security::noise_rare(EventTime now) {
    const std::uint32_t kind = random().below(6);
    if (kind < 2) {
        timeline().write(account(kind == 0 ? "AccountCreated" : "AccountDeleted", now, new_account(), some_user()));
        return;
    }
    const std::uint32_t host = host_for_noise(now);
    const std::string user = some_user();
    if (kind == 2) {
        timeline().write(log_cleared(now, host, user));
        return;
    }
    if (host < hosts_.size()) {
        hosts_.occupy(host, now + kQuiet);
    }
    constexpr std::array<std::string_view, 3> kChanges{"ServiceInstalled", "TaskRegistered", "GroupMemberAdded"};
    const std::string_view what = kChanges[kind - 3];
    timeline().write(change(what, now, host, user, what == "GroupMemberAdded" ? std::string("Readers") : unknown_program()));
}

void Security::background(EventTime now) {
    const std::uint32_t dice = random().below(100);
    if (dice < 34) {
        noise_logon(now);
    } else if (dice < 66) {
        noise_process(now);
    } else if (dice < 93) {
        noise_connection(now);
    } else if (dice < 99) {
        noise_access(now);
    } else {
        noise_rare(now);
    }
}

std::span<const Security::Plant> Security::plants() {
    static constexpr std::array kPlants{&Security::brute_force_success,
                                        &Security::password_spraying,
                                        &Security::short_lived_account,
                                        &Security::service_installed_then_run,
                                        &Security::lsass_read_then_connection,
                                        &Security::document_starts_shell,
                                        &Security::discovery_burst,
                                        &Security::persistence_after_escalation,
                                        &Security::traces_removed};
    return kPlants;
}

std::unique_ptr<Scenario> make_security(const GenerateSpec& spec, Pace, Random& random, Timeline& timeline) {
    return std::make_unique<Security>(spec, random, timeline);
}

}  // namespace tocsin::streams
