#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "support/temporary_folder.hpp"

namespace tocsin::test {

/// A certificate for `localhost` and 127.0.0.1 that signs itself, with its key, as files in PEM.
struct Certificate {
    std::string cert_file;
    std::string key_file;
};
[[nodiscard]] Certificate make_certificate(const TemporaryFolder& folder, const std::string& name);

/// An HTTPS server on a free port of this machine that answers 200 to every call, one after the other.
class TlsReceiver {
public:
    /// `client_ca`: asks each caller for a certificate that is signed by this one. Empty: asks for none.
    TlsReceiver(const Certificate& own, const std::string& client_ca);
    ~TlsReceiver();
    TlsReceiver(const TlsReceiver&) = delete;
    TlsReceiver& operator=(const TlsReceiver&) = delete;

    [[nodiscard]] std::string url(const std::string& host) const {
        return "https://" + host + ":" + std::to_string(port_) + "/hook";
    }
    [[nodiscard]] unsigned calls() const { return calls_; }

private:
    struct Impl;
    void serve();

    std::unique_ptr<Impl> impl_;
    std::uint16_t port_{0};
    std::atomic<unsigned> calls_{0};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace tocsin::test
