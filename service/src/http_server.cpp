// HTTP on Boost.Beast: asynchronous, so that ten thousand idle connections are ten thousand small objects and no threads.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <tocsin/service/http.hpp>

#include "url.hpp"

namespace tocsin::service {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using tcp = net::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t kHeadBytes = 16U << 10;
constexpr std::size_t kReadBytes = 64U << 10;
/// After an answer that closes the connection, what the client still sends is read for so long: closing at once would take the
/// answer from it.
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::milliseconds kAcceptRetry{100};
/// Answers that are under way at stop() get so long to be written.
constexpr std::chrono::seconds kStopWait{10};

/// What all connections of a server share.
struct Shared {
    Shared(HttpOptions given, HttpHandler to) : options(std::move(given)), handler(std::move(to)) {}

    const HttpOptions options;
    const HttpHandler handler;
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> connections{0};

    std::mutex mutex;
    std::condition_variable idle;
    std::uint64_t active{0};  ///< requests that are not answered yet

    void begin_request() {
        const std::lock_guard lock(mutex);
        ++active;
    }
    void end_request() {
        const std::lock_guard lock(mutex);
        --active;
        idle.notify_all();
    }
};

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared), buffer_(kReadBytes) {
        ++shared_.connections;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { --shared_.connections; }

    void start() {
        net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read_head(); });
    }

private:
    using Parser = http::request_parser<http::string_body>;
    using Message = http::response<http::string_body>;

    void read_head() {
        parser_.emplace();
        parser_->header_limit(kHeadBytes);
        parser_->body_limit(shared_.options.max_body);
        stream_.expires_after(shared_.options.idle_timeout);
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
    }

    void on_head(error_code error) {
        if (error) {
            return refuse(error);
        }
        stream_.expires_after(shared_.options.read_timeout);
        if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
            go_on_.emplace(http::status::continue_, 11);
            http::async_write(stream_, *go_on_, [self = shared_from_this()](error_code failed, std::size_t) {
                if (!failed) {
                    self->read_body();
                }
            });
            return;
        }
        read_body();
    }

    void read_body() {
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
    }

    void on_request(error_code error) {
        if (error) {
            return refuse(error);
        }
        if (shared_.stopping) {
            return;
        }
        auto message = parser_->release();
        HttpRequest request;
        request.method = std::string(message.method_string());
        split_target({message.target().data(), message.target().size()}, request.path, request.query);
        request.authorization = std::string(message[http::field::authorization]);
        request.content_encoding = std::string(message[http::field::content_encoding]);
        for (const auto& field : message) {
            request.headers.emplace(lower_case({field.name_string().data(), field.name_string().size()}),
                                    std::string(field.value()));
        }
        request.body = std::move(message.body());
        keep_ = message.keep_alive();
        version_ = message.version();
        stream_.expires_never();
        shared_.begin_request();
        shared_.handler(std::move(request), [self = shared_from_this()](HttpResponse response) {
            net::post(self->stream_.get_executor(),
                      [self, response = std::move(response)]() mutable { self->write(std::move(response), true); });
        });
    }

    /// What could not be read: answered where that makes sense.
    void refuse(error_code error) {
        keep_ = false;
        const auto answer = [&](int status, const char* reason) {
            write({status, "application/json", fmt::format("{{\"error\":\"{}\"}}\n", reason), {}}, false);
        };
        if (error == http::error::body_limit) {
            answer(413, "the body is too large");
        } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
            answer(431, "the head is too large");
        } else if (error == beast::error::timeout || error == http::error::end_of_stream ||
                   error == http::error::partial_message) {
            close();
        } else if (error.category() == http::make_error_code(http::error::bad_method).category()) {
            answer(400, "not a request of HTTP/1.1");
        }
    }

    void write(HttpResponse response, bool of_request) {
        message_.emplace(static_cast<http::status>(response.status), version_);
        message_->set(http::field::server, "tocsin");
        message_->set(http::field::content_type, response.content_type);
        if (response.retry_after) {
            message_->set(http::field::retry_after, std::to_string(*response.retry_after));
        }
        if (response.status == 401) {
            message_->set(http::field::www_authenticate, "Bearer");
        }
        message_->body() = std::move(response.body);
        message_->keep_alive(keep_ && !shared_.stopping);
        message_->prepare_payload();
        stream_.expires_after(shared_.options.read_timeout);
        http::async_write(stream_, *message_, [self = shared_from_this(), of_request](error_code error, std::size_t) {
            if (of_request) {
                self->shared_.end_request();
            }
            if (error) {
                return;
            }
            self->message_->keep_alive() ? self->read_head() : self->linger();
        });
    }

    void linger() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(kLinger);
        drop();
    }

    void drop() {
        buffer_.clear();
        stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](error_code error, std::size_t) {
            if (!error) {
                self->drop();
            }
        });
    }

    void close() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    }

    beast::tcp_stream stream_;
    Shared& shared_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::optional<http::response<http::empty_body>> go_on_;
    std::optional<Message> message_;
    bool keep_{false};
    unsigned version_{11};
};

class BeastServer final : public HttpServer {
public:
    BeastServer(HttpOptions options, HttpHandler handler)
        : shared_(std::move(options), std::move(handler)),
          acceptor_(net::make_strand(context_)),
          pause_(acceptor_.get_executor()) {}
    ~BeastServer() override { shut_down(); }

    [[nodiscard]] Result<void> open() {
        error_code error;
        const auto address = net::ip::make_address(shared_.options.address, error);
        const tcp::endpoint endpoint(address, shared_.options.port);
        const auto step = [&](auto&& call) {
            if (!error) {
                call();
            }
        };
        step([&] { acceptor_.open(endpoint.protocol(), error); });
        step([&] { acceptor_.set_option(net::socket_base::reuse_address(true), error); });
        step([&] { acceptor_.bind(endpoint, error); });
        step([&] { acceptor_.listen(net::socket_base::max_listen_connections, error); });
        step([&] { port_ = acceptor_.local_endpoint(error).port(); });
        if (error) {
            return fail(Errc::io, fmt::format("cannot listen on {}:{}: {}", shared_.options.address, shared_.options.port,
                                              error.message()));
        }
        accept();
        for (unsigned i = 0; i < shared_.options.threads; ++i) {
            threads_.emplace_back([this] { context_.run(); });
        }
        return {};
    }

    [[nodiscard]] std::uint16_t port() const override { return port_; }
    [[nodiscard]] std::uint64_t connections() const override { return shared_.connections; }
    void stop() override { shut_down(); }

private:
    void shut_down() {
        if (shared_.stopping.exchange(true)) {
            return;
        }
        net::post(acceptor_.get_executor(), [this] {
            error_code ignored;
            acceptor_.close(ignored);
            pause_.cancel();
        });
        {
            std::unique_lock lock(shared_.mutex);
            shared_.idle.wait_for(lock, kStopWait, [&] { return shared_.active == 0; });
        }
        context_.stop();
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

    void accept() {
        acceptor_.async_accept(net::make_strand(context_), [this](error_code error, tcp::socket socket) {
            if (shared_.stopping) {
                return;
            }
            if (error) {
                // No descriptors left, for example: some will be given back.
                pause_.expires_after(kAcceptRetry);
                pause_.async_wait([this](error_code stopped) {
                    if (!stopped) {
                        accept();
                    }
                });
                return;
            }
            // One too many is closed at once.
            if (shared_.connections < shared_.options.max_connections) {
                error_code ignored;
                socket.set_option(tcp::no_delay(true), ignored);
                std::make_shared<Connection>(std::move(socket), shared_)->start();
            }
            accept();
        });
    }

    Shared shared_;
    net::io_context context_;  // its connections refer to shared_
    tcp::acceptor acceptor_;
    net::steady_timer pause_;
    std::uint16_t port_{0};
    std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, HttpHandler handler) {
    auto server = std::make_unique<BeastServer>(options, std::move(handler));
    return server->open().map([&]() -> std::unique_ptr<HttpServer> { return std::move(server); });
}

Result<ListenAddress> parse_listen(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto wrong =
        fail(Errc::invalid, fmt::format("'{}' is no address to listen on: it wants ADDRESS:PORT, as in 127.0.0.1:8787", text));
    if (colon == std::string::npos) {
        return wrong;
    }
    ListenAddress listen{text.substr(0, colon), 0, false};
    if (listen.address.starts_with('[') && listen.address.ends_with(']')) {
        listen.address = listen.address.substr(1, listen.address.size() - 2);
    }
    const auto [end, bad] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), listen.port);
    error_code error;
    const auto address = net::ip::make_address(listen.address, error);
    if (error || bad != std::errc() || end != text.data() + text.size()) {
        return wrong;
    }
    listen.loopback = address.is_loopback();
    return listen;
}

}  // namespace tocsin::service
