#include "service_client.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <CLI/CLI.hpp>

#include "command.hpp"
#include "text_file.hpp"

namespace tocsin::cli {

namespace {

constexpr long kConnectSeconds = 10;
constexpr std::size_t kMostAnswerBytes = 1U << 30;
constexpr std::size_t kMostTokenBytes = 64U << 10;
constexpr int kNotProcessable = 422;

struct CloseCurl {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size * count > kMostAnswerBytes) {
        return 0;
    }
    body.append(bytes, size * count);
    return size * count;
}

/// Empty where there is none.
Result<std::string> token_of(const ServiceAddress& address) {
    if (address.token_file.empty()) {
        const char* const token = std::getenv("TOCSIN_TOKEN");
        return std::string(token == nullptr ? "" : token);
    }
    return read_text(address.token_file, kMostTokenBytes).map([](std::string&& text) {
        text.erase(text.find_last_not_of(" \t\r\n") + 1);
        return std::move(text);
    });
}

/// In front of those that it is given.
void add_header(Headers& headers, const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
    static_cast<void>(headers.release());   // it is a part of the longer one
    headers.reset(longer);
}

std::string without_slash(std::string url) {
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

void print_diagnostics(simdjson::dom::array diagnostics) {
    for (const simdjson::dom::element one : diagnostics) {
        std::string_view file;
        std::string_view severity;
        std::string_view code;
        std::string_view message;
        std::string_view hint;
        std::uint64_t line = 0;
        std::uint64_t column = 0;
        if (one["file"].get(file) || one["severity"].get(severity) || one["code"].get(code) || one["message"].get(message) ||
            one["hint"].get(hint) || one["line"].get(line) || one["column"].get(column)) {
            continue;
        }
        fmt::print(stderr, "{}:{}:{}: {}[{}]: {}\n", file, line, column, severity, code, message);
        if (!hint.empty()) {
            fmt::print(stderr, "  hint: {}\n", hint);
        }
    }
}

}  // namespace

void add_service_options(CLI::App& command, ServiceAddress& address) {
    command.add_option("--to", address.url, "The service")->type_name("URL")->capture_default_str();
    command.add_option("--token", address.token_file, "File with the token; default: the variable TOCSIN_TOKEN")->type_name("FILE");
    command.add_option("--ca-file", address.ca_file, "Certificates to trust; default: the system's")->type_name("FILE");
}

Result<ServiceAnswer> call_service(const ServiceAddress& address, std::string_view method, std::string_view path, const std::string& body) {
    const auto token = token_of(address);
    if (!token) {
        return tl::unexpected(token.error());
    }
    const std::unique_ptr<CURL, CloseCurl> handle(curl_easy_init());
    if (!handle) {
        return fail(Errc::io, "libcurl cannot be started");
    }
    Headers headers;
    add_header(headers, "Expect:");
    add_header(headers, "Content-Type: application/json");
    if (!token->empty()) {
        add_header(headers, "Authorization: Bearer " + *token);
    }
    CURL* const curl = handle.get();
    const std::string url = without_slash(address.url) + std::string(path);
    std::array<char, CURL_ERROR_SIZE> reason{};
    ServiceAnswer answer;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    if (method == "POST") {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    }
    if (!address.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, address.ca_file.c_str());
    }
    if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) {
        return fail(Errc::io, fmt::format("{}: {}", address.url, reason.front() != '\0' ? reason.data() : curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

ExitCode report_refusal(const ServiceAnswer& answer) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view message;
    if (parser.parse(answer.body).get(root) || root["error"].get(message)) {
        report({Errc::io, fmt::format("the service answered {}, which it does not do: is it one?", answer.status)});
        return ExitCode::trouble;
    }
    if (simdjson::dom::array diagnostics; !root["diagnostics"].get(diagnostics)) {
        print_diagnostics(diagnostics);
    }
    report({Errc::invalid, std::string(message)});
    return answer.status == kNotProcessable ? ExitCode::bad_rule : ExitCode::trouble;
}

}  // namespace tocsin::cli
