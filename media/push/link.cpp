#include "push/link.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "net/public_address.hpp"

namespace livefair::push {
namespace {

namespace asio = net::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using net::as_result;

/// What the kernel holds for a slow target is late already and can't be left out any more.
constexpr int send_buffer_bytes = 256 * 1024;

Result<> done(const boost::system::error_code& ec) {
    if (ec) return make_error_code(Errc::closed);
    return {};
}

/// Reading and writing are the same on a socket and on a TLS stream.
template <class Stream>
class StreamLink : public Link {
public:
    template <class... Arguments>
    explicit StreamLink(Arguments&&... arguments) : stream_(std::forward<Arguments>(arguments)...) {}

    net::Task<Result<>> connect(Endpoints endpoints) override {
        const auto [ec, chosen] = co_await asio::async_connect(stream_.lowest_layer(), endpoints, as_result);
        if (ec) co_return done(ec);
        boost::system::error_code ignored;
        stream_.lowest_layer().set_option(tcp::no_delay(true), ignored);
        stream_.lowest_layer().set_option(tcp::socket::send_buffer_size(send_buffer_bytes), ignored);
        co_return Result<>();
    }
    net::Task<Result<std::size_t>> read_some(char* into, std::size_t size) override {
        const auto [ec, count] = co_await stream_.async_read_some(asio::buffer(into, size), as_result);
        if (ec) co_return make_error_code(Errc::closed);
        co_return count;
    }
    net::Task<Result<>> write(std::string_view bytes) override {
        const auto [ec, count] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
        co_return done(ec);
    }
    void close() override {
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

protected:
    Stream stream_;
};

using PlainLink = StreamLink<tcp::socket>;

ssl::context& client_context() {
    static ssl::context context = [] {
        ssl::context made(ssl::context::tls_client);
        boost::system::error_code ignored;
        made.set_default_verify_paths(ignored);
        made.set_verify_mode(ssl::verify_peer);
        return made;
    }();
    return context;
}

class TlsLink final : public StreamLink<ssl::stream<tcp::socket>> {
public:
    TlsLink(const asio::any_io_executor& executor, const std::string& host) : StreamLink(executor, client_context()) {
        SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
        stream_.set_verify_callback(ssl::host_name_verification(host));
    }
    net::Task<Result<>> connect(Endpoints endpoints) override {
        const auto connected = co_await StreamLink::connect(std::move(endpoints));
        if (!connected) co_return connected;
        const auto [ec] = co_await stream_.async_handshake(ssl::stream_base::client, as_result);
        if (ec && ec.category() == boost::asio::error::get_ssl_category()) co_return make_error_code(Errc::unauthenticated);
        co_return done(ec);
    }
};

}  // namespace

net::Task<Result<Endpoints>> resolve(net::RtmpUrl url, bool allow_private) {
    tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto [ec, found] = co_await resolver.async_resolve(url.host, std::to_string(url.port), as_result);
    if (ec || found.empty()) co_return make_error_code(Errc::not_found);
    Endpoints endpoints;
    for (const auto& entry : found)
        if (allow_private || net::is_public(entry.endpoint().address())) endpoints.push_back(entry.endpoint());
    if (endpoints.empty()) co_return make_error_code(Errc::forbidden);
    co_return endpoints;
}

std::unique_ptr<Link> Link::make(const asio::any_io_executor& executor, const net::RtmpUrl& url) {
    if (url.tls) return std::make_unique<TlsLink>(executor, url.host);
    return std::make_unique<PlainLink>(executor);
}

}  // namespace livefair::push
