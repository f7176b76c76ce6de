#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tocsin/delivery/address.hpp>
#include <tocsin/delivery/transport.hpp>

namespace tocsin::delivery {

namespace {

/// Of a receiver's answer only the start is read; one that goes on and on is cut off.
constexpr std::size_t kMostAnswerBytes = 64U << 10;

struct EndEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct EndMulti {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One call under way. Stays where it is: libcurl has its address.
struct Call {
    std::uint64_t number{0};
    bool allow_private{false};
    Request request;
    std::unique_ptr<curl_slist, FreeList> headers;
    std::unique_ptr<CURL, EndEasy> handle;
    std::array<char, CURL_ERROR_SIZE> reason{};
    std::size_t received{0};
    std::string excerpt;
    bool refused{false};
};

curl_socket_t open_socket(void* data, curlsocktype purpose, curl_sockaddr* address) {
    auto* const call = static_cast<Call*>(data);
    if (purpose != CURLSOCKTYPE_IPCXN || (!call->allow_private && is_private(address->addr))) {
        call->refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* data) {
    auto* const call = static_cast<Call*>(data);
    const std::size_t got = size * count;
    call->excerpt.append(bytes, std::min(got, kExcerptBytes - call->excerpt.size()));
    call->received += got;
    return call->received > kMostAnswerBytes ? 0 : got;
}

std::unique_ptr<curl_slist, FreeList> list_of(const Headers& headers) {
    // "Expect: 100-continue" would cost a round trip with each longer body.
    std::unique_ptr<curl_slist, FreeList> list(curl_slist_append(nullptr, "Expect:"));
    for (const auto& [name, value] : headers) {
        curl_slist_append(list.get(), fmt::format("{}: {}", name, value).c_str());
    }
    return list;
}

class HttpTransport final : public Transport {
public:
    HttpTransport(HttpOptions options, CURLM* multi) : options_(std::move(options)), multi_(multi) {
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
    }
    ~HttpTransport() override {
        for (const auto& [handle, call] : calls_) {
            curl_multi_remove_handle(multi_.get(), handle);
        }
    }

    void start(std::uint64_t number, Request request) override;
    [[nodiscard]] std::vector<Ended> wait(Millis limit) override;
    void wake() override {
        woken_ = true;
        curl_multi_wakeup(multi_.get());
    }

private:
    void set_up(Call& call);
    void collect(std::vector<Ended>& ended);

    HttpOptions options_;
    std::unique_ptr<CURLM, EndMulti> multi_;
    std::map<CURL*, std::unique_ptr<Call>> calls_;
    std::vector<Ended> not_started_;
    std::atomic<bool> woken_{false};
};

void HttpTransport::set_up(Call& call) {
    CURL* const curl = call.handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, call.request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // breaking off does not wait for the name's resolution
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.request.body.data());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, call.headers.get());
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call.reason.data());
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    }
    if (!options_.cert_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, options_.cert_file.c_str());
        curl_easy_setopt(curl, CURLOPT_SSLKEY, options_.key_file.c_str());
    }
}

void HttpTransport::start(std::uint64_t number, Request request) {
    auto call = std::make_unique<Call>();
    call->number = number;
    call->allow_private = options_.allow_private;
    call->request = std::move(request);
    call->headers = list_of(call->request.headers);
    call->handle.reset(curl_easy_init());
    if (!call->handle) {
        not_started_.push_back({number, {0, {}, "libcurl cannot make a call: out of memory", {}}});
        return;
    }
    set_up(*call);
    CURL* const handle = call->handle.get();
    if (const CURLMcode code = curl_multi_add_handle(multi_.get(), handle); code != CURLM_OK) {
        not_started_.push_back({number, {0, {}, curl_multi_strerror(code), {}}});
        return;
    }
    calls_.emplace(handle, std::move(call));
}

Answer answer_of(const Call& call, CURLcode code) {
    Answer answer;
    long status = 0;
    curl_easy_getinfo(call.handle.get(), CURLINFO_RESPONSE_CODE, &status);
    // The status stands before the body, so that of an answer that was cut off counts.
    const bool answered = code == CURLE_OK || (code == CURLE_WRITE_ERROR && call.received > kMostAnswerBytes);
    if (!answered) {
        answer.failure = call.refused                  ? "its address is private, and allow_private is false"
                         : call.reason.front() != '\0' ? std::string(call.reason.data())
                                                       : std::string(curl_easy_strerror(code));
        return answer;
    }
    answer.status = static_cast<int>(status);
    answer.excerpt = call.excerpt;
    curl_off_t retry_after = 0;
    if (curl_easy_getinfo(call.handle.get(), CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK && retry_after > 0) {
        answer.retry_after = std::chrono::seconds(retry_after);
    }
    return answer;
}

void HttpTransport::collect(std::vector<Ended>& ended) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    int queued = 0;
    while (CURLMsg* const message = curl_multi_info_read(multi_.get(), &queued)) {
        const auto found = calls_.find(message->easy_handle);
        if (message->msg == CURLMSG_DONE && found != calls_.end()) {
            ended.push_back({found->second->number, answer_of(*found->second, message->data.result)});
            curl_multi_remove_handle(multi_.get(), message->easy_handle);
            calls_.erase(found);
        }
    }
}

std::vector<Ended> HttpTransport::wait(Millis limit) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + limit;
    std::vector<Ended> ended = std::exchange(not_started_, {});
    for (;;) {
        collect(ended);
        const auto left = std::chrono::ceil<Millis>(end - Clock::now());
        if (!ended.empty() || woken_.exchange(false) || left <= Millis(0)) {
            return ended;
        }
        curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(std::min<Millis>(left, std::chrono::hours(1)).count()),
                        nullptr);
    }
}

// ---- What can be wrong with files of certificates

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Result<Certificate> read_certificate(const std::string& path) {
    const File file(std::fopen(path.c_str(), "re"));
    if (!file) {
        return fail(Errc::io, fmt::format("cannot read {}", path));
    }
    Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
    return certificate ? Result<Certificate>(std::move(certificate))
                       : fail(Errc::invalid, fmt::format("{} holds no certificate in PEM", path));
}

/// Instead of asking for it on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

Result<void> check_key(const std::string& cert_file, const std::string& key_file) {
    const auto certificate = read_certificate(cert_file);
    if (!certificate) {
        return tl::unexpected(certificate.error());
    }
    const File file(std::fopen(key_file.c_str(), "re"));
    if (!file) {
        return fail(Errc::io, fmt::format("cannot read {}", key_file));
    }
    const std::unique_ptr<EVP_PKEY, FreeKey> key(PEM_read_PrivateKey(file.get(), nullptr, &no_passphrase, nullptr));
    if (!key) {
        return fail(Errc::invalid, fmt::format("{} holds no key in PEM that is readable without a passphrase", key_file));
    }
    if (X509_check_private_key(certificate->get(), key.get()) != 1) {
        return fail(Errc::invalid, fmt::format("the key in {} is not that of the certificate in {}", key_file, cert_file));
    }
    return {};
}

Result<void> check_files(const HttpOptions& options) {
    if (!options.ca_file.empty()) {
        if (const auto read = read_certificate(options.ca_file); !read) {
            return tl::unexpected(read.error());
        }
    }
    if (options.cert_file.empty() != options.key_file.empty()) {
        return fail(Errc::invalid, "a certificate and its key are given together or not at all");
    }
    return options.cert_file.empty() ? Result<void>{} : check_key(options.cert_file, options.key_file);
}

}  // namespace

Answer call_once(Transport& transport, Request request) {
    constexpr Millis kWait = std::chrono::minutes(1);
    transport.start(0, std::move(request));
    for (;;) {
        for (Ended& ended : transport.wait(kWait)) {
            return std::move(ended.answer);
        }
    }
}

Result<std::unique_ptr<Transport>> make_http_transport(HttpOptions options) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    return check_files(options).and_then([&]() -> Result<std::unique_ptr<Transport>> {
        CURLM* const multi = curl_multi_init();
        if (multi == nullptr) {
            return fail(Errc::io, "libcurl cannot be started");
        }
        return std::make_unique<HttpTransport>(std::move(options), multi);
    });
}

}  // namespace tocsin::delivery
