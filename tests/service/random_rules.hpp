#pragma once

#include <cstdint>
#include <random>
#include <string>

#include <fmt/format.h>

namespace tocsin::test {

/// `a`, then `b` of one user. `name` and `more` clauses.
inline std::string pair_rule(const std::string& name, const std::string& a, const std::string& b,
                             const std::string& more = "") {
    return fmt::format("rule {}\n  when a: Event[kind = \"{}\"] -> b: Event[kind = \"{}\"]\n  by user\n  within 10m\n{}\n",
                       name, a, b, more);
}

inline std::string record(const std::string& kind, const std::string& user, int second) {
    return fmt::format("{{\"kind\":\"{}\",\"user\":\"{}\",\"ts\":\"2026-01-01T{:02}:{:02}:{:02}Z\"}}\n", kind, user,
                       second / 3600, second / 60 % 60, second % 60);
}

/// Rules of many kinds over letters, each with a number that swaps change.
inline std::string random_rules(std::mt19937_64& random) {
    const auto letter = [&] { return std::string(1, static_cast<char>('A' + random() % 4)); };
    std::string text = "stream Event(kind: string, user: string, ts: time)\n  time  ts\n  slack 20s\n";
    const auto maybe = [&](const std::string& rule) { text += random() % 4 == 0 ? "" : rule; };
    maybe(pair_rule("pair", "A", letter()));
    maybe(fmt::format("rule loop\n  when f: Event[kind = \"A\"]{{{},}} -> s: Event[kind = \"B\"]\n  by user\n  within 5m\n",
                      2 + random() % 2));
    maybe(
        fmt::format("rule near\n  when a: Event[kind = \"{}\"] -> b: Event[kind = \"B\"] -> not Event[kind = \"C\"] in 30s\n  "
                    "by user\n  within 2m\n",
                    letter()));
    maybe(
        fmt::format("rule early\n  when a: Event[kind = \"B\"] -> not Event[kind = \"{}\"] -> c: Event[kind = \"A\"]\n  by "
                    "user\n  within 5m\n  lateness 1m\n"
                    "  emit early\n",
                    letter() == "A" ? "C" : "D"));
    maybe(fmt::format("rule many\n  window 1m on Event[kind = \"A\"]\n  by user\n  where count() >= {}\n", 1 + random() % 2));
    maybe(pair_rule("quiet", "C", "D", random() % 2 == 0 ? "  mode shadow\n" : ""));
    return text;
}

/// A rule's mode may change while it goes on as it is.
inline std::string without_mode(std::string body) {
    const std::string shadow = ",\"shadow\":true";
    const std::size_t at = body.find(shadow);
    return at == std::string::npos ? body : body.erase(at, shadow.size());
}

/// A record of some letter and user, up to 15 seconds behind `second`, rarely up to a minute.
inline std::string random_record(std::mt19937_64& random, int second) {
    const std::string kind(1, static_cast<char>('A' + random() % 5));
    const int late = static_cast<int>(random() % (random() % 20 == 0 ? 60 : 15));
    return record(kind, fmt::format("u{}", random() % 4), second > late ? second - late : 0);
}

}  // namespace tocsin::test
