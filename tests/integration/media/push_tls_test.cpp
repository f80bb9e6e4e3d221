#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <thread>

#include "integration/media/platform.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

namespace asio = net::asio;
using asio::ip::tcp;
using net::as_result;

/// A TLS server on the loopback, with a certificate of its own for "localhost", that hands what it gets on to an RTMP port.
class TlsFront {
public:
    explicit TlsFront(int rtmp_port) : rtmp_port_(static_cast<std::uint16_t>(rtmp_port)) {
        make_certificate(certificate(), folder_.file("key.pem"));
        tls_.use_certificate_file(certificate(), asio::ssl::context::pem);
        tls_.use_private_key_file(folder_.file("key.pem"), asio::ssl::context::pem);
        net::spawn(context_.get_executor(), accept(), "tls_front");
        thread_ = std::thread([this] { context_.run(); });
    }
    ~TlsFront() {
        context_.stop();
        thread_.join();
    }
    std::string certificate() const { return folder_.file("cert.pem"); }
    std::string url() const { return "rtmps://localhost:" + std::to_string(acceptor_.local_endpoint().port()) + "/live"; }

private:
    struct Pair {
        Pair(tcp::socket socket, asio::ssl::context& tls) : front(std::move(socket), tls), back(front.get_executor()) {}
        asio::ssl::stream<tcp::socket> front;
        tcp::socket back;
    };
    net::Task<> accept() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(as_result);
            if (ec) co_return;
            net::spawn(context_.get_executor(), serve(std::make_shared<Pair>(std::move(socket), tls_)), "tls_serve");
        }
    }
    net::Task<> serve(std::shared_ptr<Pair> pair) {
        const auto [not_shaken] = co_await pair->front.async_handshake(asio::ssl::stream_base::server, as_result);
        if (not_shaken) co_return;
        const tcp::endpoint target(asio::ip::address_v4::loopback(), rtmp_port_);
        const auto [not_connected] = co_await pair->back.async_connect(target, as_result);
        if (not_connected) co_return;
        net::spawn(context_.get_executor(), copy(pair, pair->back, pair->front), "tls_copy");
        co_await copy(pair, pair->front, pair->back);
    }
    template <class From, class To>
    net::Task<> copy(std::shared_ptr<Pair> pair, From& from, To& to) {
        std::array<char, 16'384> buffer;
        for (;;) {
            const auto [read_error, count] = co_await from.async_read_some(asio::buffer(buffer), as_result);
            if (read_error) break;
            const auto [write_error, written] = co_await asio::async_write(to, asio::buffer(buffer.data(), count), as_result);
            if (write_error) break;
        }
        boost::system::error_code ignored;
        pair->back.close(ignored);
        pair->front.lowest_layer().close(ignored);
    }

    TemporaryFolder folder_;
    std::uint16_t rtmp_port_;
    asio::io_context context_;
    asio::ssl::context tls_{asio::ssl::context::tls_server};
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread_;
};

}  // namespace

TEST_CASE("a room is pushed over TLS to a platform whose certificate is good, and to no other", "[push]") {
    Studio platform;
    const TlsFront front(platform.rtmp_port());
    auto environment = quick_pushes();
    const bool is_known = GENERATE(true, false);
    if (is_known) environment["SSL_CERT_FILE"] = front.certificate();
    Studio studio(environment);
    add_target(studio, "one", front.url(), platform.make_key("mirror"));
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    if (is_known) {
        CHECK(becomes(studio, "one", v1::PUSH_STATUS_LIVE));
        CHECK(eventually([&] { return !platform.playlist("mirror").empty(); }, 20s));
    } else {
        CHECK(becomes(studio, "one", v1::PUSH_STATUS_REFUSED));
        CHECK(state_of(studio, "one").why() == "certificate not valid");
    }
}
