#include <algorithm>
#include <array>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tocsin/delivery/address.hpp>
#include <tocsin/delivery/transport.hpp>

namespace tocsin::delivery {

namespace {

/// A receiver has nothing to say that we read; one that goes on and on is cut off.
constexpr std::size_t kMostAnswerBytes = 64U << 10;

struct CloseCurl {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class HttpTransport final : public Transport {
public:
    HttpTransport(HttpOptions options, CURL* handle) : options_(std::move(options)), handle_(handle) {}

    [[nodiscard]] Answer post(const Request& request, const std::atomic<bool>& stop) override;

private:
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

    void set_up(const Request& request, curl_slist* headers);

    HttpOptions options_;
    std::unique_ptr<CURL, CloseCurl> handle_;
    std::array<char, CURL_ERROR_SIZE> reason_{};
    const std::atomic<bool>* stop_{nullptr};
    std::size_t received_{0};
    bool refused_{false};
};

curl_socket_t HttpTransport::open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
    auto* const transport = static_cast<HttpTransport*>(self);
    if (purpose != CURLSOCKTYPE_IPCXN || (!transport->options_.allow_private && is_private(address->addr))) {
        transport->refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t HttpTransport::take_body(char*, std::size_t size, std::size_t count, void* self) {
    auto* const transport = static_cast<HttpTransport*>(self);
    transport->received_ += size * count;
    return transport->received_ > kMostAnswerBytes ? 0 : size * count;
}

int HttpTransport::go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const HttpTransport*>(self)->stop_->load() ? 1 : 0;
}

void HttpTransport::set_up(const Request& request, curl_slist* headers) {
    CURL* const curl = handle_.get();
    curl_easy_reset(curl);  // keeps connections
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason_.data());
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &HttpTransport::open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &HttpTransport::take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &HttpTransport::go_on);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    if (!options_.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    }
}

Answer HttpTransport::post(const Request& request, const std::atomic<bool>& stop) {
    std::unique_ptr<curl_slist, FreeList> headers(curl_slist_append(nullptr, "Expect:"));
    for (const auto& [name, value] : request.headers) {
        curl_slist_append(headers.get(), fmt::format("{}: {}", name, value).c_str());
    }
    stop_ = &stop;
    received_ = 0;
    refused_ = false;
    reason_.front() = '\0';
    set_up(request, headers.get());
    const CURLcode code = curl_easy_perform(handle_.get());

    Answer answer;
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.aborted = code == CURLE_ABORTED_BY_CALLBACK;
    // The status stands before the body, so that of an answer that was cut off counts.
    const bool answered = code == CURLE_OK || (code == CURLE_WRITE_ERROR && received_ > kMostAnswerBytes);
    answer.status = answered ? static_cast<int>(status) : 0;
    curl_off_t retry_after = 0;
    if (answered && curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK && retry_after > 0) {
        answer.retry_after = std::chrono::seconds(retry_after);
    }
    if (!answered) {
        answer.failure = refused_ ? "its address is private, and allow_private is false"
                         : reason_.front() != '\0' ? std::string(reason_.data()) : std::string(curl_easy_strerror(code));
    }
    return answer;
}

}  // namespace

Result<std::unique_ptr<Transport>> make_http_transport(HttpOptions options) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    CURL* const handle = curl_easy_init();
    if (handle == nullptr) {
        return fail(Errc::io, "libcurl cannot be started");
    }
    return std::make_unique<HttpTransport>(std::move(options), handle);
}

}  // namespace tocsin::delivery
