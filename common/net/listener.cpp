#include "net/listener.hpp"

#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <stdexcept>

#include "base/log.hpp"

namespace livefair::net {
namespace {

using asio::ip::tcp;
constexpr std::chrono::milliseconds out_of_files_pause{100};
constexpr int backlog = 4096;

[[noreturn]] void throw_busy(const std::string& address, std::uint16_t port, const boost::system::error_code& ec) {
    const auto number = std::to_string(port);
    if (ec == asio::error::address_in_use)
        throw std::runtime_error("地址 " + address + " 端口 " + number + " 已被占用：请停掉占用它的程序，或在配置里换一个端口\n" +
                                 "address " + address + " port " + number +
                                 " is in use: stop the program that holds it, or set another port in the configuration");
    throw std::runtime_error("无法监听地址 " + address + " 端口 " + number + "（" + ec.message() + "）：请检查配置\n" +
                             "cannot listen on address " + address + " port " + number + " (" + ec.message() +
                             "): check the configuration");
}

/// Binds without listening. Returns what stood in the way.
boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool may_share_port) {
    boost::system::error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    const int on = 1;
    if (!ec && may_share_port && ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        ec.assign(errno, boost::system::system_category());
    if (!ec) acceptor.bind(endpoint, ec);
    return ec;
}

bool is_out_of_resources(const boost::system::error_code& ec) {
    return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
           ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory;
}

/// One shard's acceptor. Its coroutine and posted calls hold it, so it never outlives the shard's io_context by them.
struct ShardAcceptor {
    explicit ShardAcceptor(Shard& owner) : shard(owner), acceptor(owner.context()), pause(owner.context()) {}
    Shard& shard;
    tcp::acceptor acceptor;
    asio::steady_timer pause;
};

Task<> accept_loop(std::shared_ptr<ShardAcceptor> self, std::shared_ptr<const Listener::OnConnection> on_connection) {
    for (;;) {
        auto [ec, socket] = co_await self->acceptor.async_accept(as_result);
        if (!self->acceptor.is_open()) co_return;
        if (!ec) {
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            spawn(self->shard.executor(), (*on_connection)(self->shard, std::move(socket)), "connection");
        } else if (is_out_of_resources(ec)) {
            log::warn("accept_failed", {{"why", ec.message()}});
            self->pause.expires_after(out_of_files_pause);
            co_await self->pause.async_wait(as_result);
        }
    }
}

}  // namespace

class Listener::Impl {
public:
    Impl(Shards& shards, std::string address, std::uint16_t port, OnConnection on_connection)
        : shards_(shards),
          address_(std::move(address)),
          port_(port),
          on_connection_(std::make_shared<const OnConnection>(std::move(on_connection))) {}

    void start() {
        boost::system::error_code ec;
        const auto ip = asio::ip::make_address(address_, ec);
        if (ec) throw_busy(address_, port_, ec);
        probe({ip, port_});
        for (unsigned index = 0; index < shards_.size(); ++index) {
            auto acceptor = std::make_shared<ShardAcceptor>(shards_.at(index));
            ec = bind(acceptor->acceptor, {ip, port_}, true);
            if (!ec) acceptor->acceptor.listen(backlog, ec);
            if (ec) throw_busy(address_, port_, ec);
            port_ = acceptor->acceptor.local_endpoint().port();
            acceptors_.push_back(std::move(acceptor));
        }
        for (auto& acceptor : acceptors_)
            spawn(acceptor->shard.executor(), accept_loop(acceptor, on_connection_), "accept");
    }

    std::uint16_t port() const { return port_; }

    void stop() {
        for (auto& acceptor : acceptors_)
            acceptor->shard.post([acceptor] {
                boost::system::error_code ignored;
                acceptor->acceptor.close(ignored);
                acceptor->pause.cancel();
            });
    }

private:
    /// SO_REUSEPORT lets a second process of the same user share our port in silence, so first bind without it.
    void probe(const tcp::endpoint& endpoint) {
        tcp::acceptor acceptor(shards_.at(0).context());
        if (const auto ec = bind(acceptor, endpoint, false)) throw_busy(address_, port_, ec);
    }

    Shards& shards_;
    const std::string address_;
    std::uint16_t port_;
    const std::shared_ptr<const OnConnection> on_connection_;
    std::vector<std::shared_ptr<ShardAcceptor>> acceptors_;
};

Listener::Listener(Shards& shards, std::string address, std::uint16_t port, OnConnection on_connection)
    : impl_(std::make_shared<Impl>(shards, std::move(address), port, std::move(on_connection))) {}

Listener::~Listener() { stop(); }

void Listener::start() { impl_->start(); }

std::uint16_t Listener::port() const { return impl_->port(); }

void Listener::stop() { impl_->stop(); }

}  // namespace livefair::net
