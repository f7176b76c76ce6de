#pragma once

#include <string>
#include <string_view>

#include <tocsin/base/result.hpp>

#include "exit_code.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace tocsin::cli {

/// Which service a command talks to, and as whom.
struct ServiceAddress {
    std::string url{"http://127.0.0.1:8787"};
    std::string token_file;     ///< empty: the variable TOCSIN_TOKEN, if it is set
    std::string ca_file;
};

/// `--to`, `--token`, `--ca-file`.
void add_service_options(CLI::App& command, ServiceAddress& address);

struct ServiceAnswer {
    int status{0};
    std::string body;
};

/// One request to a service. No proxy, no redirects; certificates are verified. It waits for the answer as long as that takes, since
/// filling rules from a log may take minutes.
[[nodiscard]] Result<ServiceAnswer> call_service(const ServiceAddress& address, std::string_view method, std::string_view path,
                                                 const std::string& body = {});

/// Says what an answer other than 200 says: errors of rules, each with its place, or the one error.
ExitCode report_refusal(const ServiceAnswer& answer);

}  // namespace tocsin::cli
