#include "delivery/tls_receiver.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::test {

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

void add_extension(X509& certificate, int id, const char* value) {
    const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, id, value));
    require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "cannot add an extension");
}

}  // namespace

Certificate make_certificate(const TemporaryFolder& folder, const std::string& name) {
    const Key key(EVP_EC_gen("P-256"));
    const X509Pointer certificate(X509_new());
    require(key && certificate, "no key");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    add_extension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "cannot sign");
    const Certificate files{folder.path(name + ".pem"), folder.path(name + ".key")};
    const File cert_file(std::fopen(files.cert_file.c_str(), "we"));
    const File key_file(std::fopen(files.key_file.c_str(), "we"));
    require(PEM_write_X509(cert_file.get(), certificate.get()) == 1, "cannot write the certificate");
    require(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "cannot write the key");
    return files;
}

struct TlsReceiver::Impl {
    std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context{SSL_CTX_new(TLS_server_method())};
    int listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

    /// One call, if the two come to terms.
    void talk(int connection, std::atomic<unsigned>& calls) const {
        const std::unique_ptr<SSL, Freed<SSL_free>> tls(SSL_new(context.get()));
        SSL_set_fd(tls.get(), connection);
        if (SSL_accept(tls.get()) != 1) {
            return;
        }
        std::array<char, 65536> buffer{};
        if (SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size())) <= 0) {
            return;
        }
        ++calls;
        const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        SSL_write(tls.get(), response.data(), static_cast<int>(response.size()));
        SSL_shutdown(tls.get());
    }
};

TlsReceiver::TlsReceiver(const Certificate& own, const std::string& client_ca) : impl_(std::make_unique<Impl>()) {
    SSL_CTX* const context = impl_->context.get();
    require(SSL_CTX_use_certificate_chain_file(context, own.cert_file.c_str()) == 1, "no certificate");
    require(SSL_CTX_use_PrivateKey_file(context, own.key_file.c_str(), SSL_FILETYPE_PEM) == 1, "no key");
    if (!client_ca.empty()) {
        // With TLS 1.3 a client learns only from a later read that its certificate was refused.
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        require(SSL_CTX_load_verify_locations(context, client_ca.c_str(), nullptr) == 1, "no client CA");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    require(::bind(impl_->listener, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                ::listen(impl_->listener, 8) == 0 &&
                ::getsockname(impl_->listener, reinterpret_cast<sockaddr*>(&address), &size) == 0,
            "cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

TlsReceiver::~TlsReceiver() {
    stop_ = true;
    thread_.join();
    ::close(impl_->listener);
}

void TlsReceiver::serve() {
    while (!stop_) {
        pollfd waiting{impl_->listener, POLLIN, 0};
        if (::poll(&waiting, 1, 20) > 0) {
            const int connection = ::accept4(impl_->listener, nullptr, nullptr, SOCK_CLOEXEC);
            impl_->talk(connection, calls_);
            ::close(connection);
        }
    }
}

}  // namespace tocsin::test
