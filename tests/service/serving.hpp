#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <tocsin/service/config.hpp>
#include <tocsin/service/service.hpp>

#include "service/http_client.hpp"
#include "support/replay.hpp"
#include "support/temporary_folder.hpp"
#include "support/test.hpp"

namespace tocsin::test {

/// Whether it holds within ten seconds; asked every few milliseconds.
inline bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

inline constexpr const char* kLoginRules = R"(stream Login(user: string, ok: bool, ts: time)
  time  ts

rule guessed
  when     f: Login[ok = false]{2} -> s: Login[ok = true]
  by       user
  within   5m
  alert    "{user}"
)";

/// A service within the test, on a free port, with its store in `folder`.
class Serving {
public:
    /// `more`: further lines of the config.
    Serving(const TemporaryFolder& folder, const std::string& rules, const std::string& more = "") {
        const std::string text =
            fmt::format("data: {}\n{}{}", folder.path("data"), more,
                        more.find("listen:") == std::string::npos ? "http: {listen: '127.0.0.1:0'}\n" : "");
        auto config = service::parse_config(text, "");
        INFO((config ? "" : config.error().message));
        REQUIRE(config.has_value());
        *files_ = rules;
        auto started = service::Service::start(*config, [files = files_]() -> Result<std::vector<state::RuleText>> {
            return std::vector<state::RuleText>{{"rules.tocsin", *files}};
        });
        INFO((started ? "" : started.error().message));
        REQUIRE(started.has_value());
        service_ = std::move(*started);
    }

    [[nodiscard]] std::uint16_t port() const { return service_->port(); }
    [[nodiscard]] HttpAnswer post(const std::string& body, const std::string& query = "",
                                  const std::vector<std::string>& headers = {}) const {
        return http(port(), "POST", "/v1/events" + query, body, headers);
    }
    [[nodiscard]] HttpAnswer get(const std::string& path, const std::vector<std::string>& headers = {}) const {
        return http(port(), "GET", path, "", headers);
    }
    /// The value of a line of the metrics, as it stands there; empty without one.
    [[nodiscard]] std::string metric(const std::string& name) const {
        const std::string text = get("/metrics").body;
        const std::size_t found = text.find("\n" + name + " ");
        return found == std::string::npos
                   ? ""
                   : text.substr(found + name.size() + 2, text.find('\n', found + 1) - found - name.size() - 2);
    }

    /// What the rule file says from now on. Not while the service reads it.
    void set_file(const std::string& rules) { *files_ = rules; }

private:
    std::shared_ptr<std::string> files_{std::make_shared<std::string>()};
    std::unique_ptr<service::Service> service_;
};

inline std::string login(const std::string& user, bool ok, int second) {
    return fmt::format("{{\"user\":\"{}\",\"ok\":{},\"ts\":\"2026-01-01T00:{:02}:{:02}Z\"}}\n", user, ok, second / 60,
                       second % 60);
}

}  // namespace tocsin::test
