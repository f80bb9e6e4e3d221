#include "redis/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <random>

#include "base/log.hpp"

namespace livefair::redis {
namespace {

namespace asio = net::asio;
constexpr std::chrono::milliseconds set_up_deadline{2000};
constexpr std::chrono::milliseconds loading_pause{100};
constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();
constexpr std::size_t receive_bytes = 16 * 1024;

bool is_loading(const Reply& reply) { return reply.is_error() && reply.text.starts_with("LOADING"); }

}  // namespace

Connection::Connection(asio::any_io_executor executor, const Options& options)
    : options_(options), socket_(executor), deadline_(executor), received_(receive_bytes, '\0') {}

net::Task<Result<>> Connection::open() {
    const auto connected = co_await connect();
    if (!connected) co_return connected.error();
    if (options_.password.empty()) co_return Result<>();
    Client::Command sign_in = {"AUTH", options_.password};
    const auto signed_in = co_await exchange(std::move(sign_in));
    if (!signed_in) co_return make_error_code(Errc::redis_unavailable);
    co_return Result<>();
}

net::Task<Result<>> Connection::connect() {
    close_after(set_up_deadline);
    boost::system::error_code failure;
    if (!options_.socket.empty()) {
        const Stream::endpoint endpoint = asio::local::stream_protocol::endpoint(options_.socket);
        const auto [ec] = co_await socket_.async_connect(endpoint, net::as_result);
        failure = ec;
    } else {
        asio::ip::tcp::resolver resolver(socket_.get_executor());
        const auto [resolve_error, found] =
            co_await resolver.async_resolve(options_.host, std::to_string(options_.port), net::as_result);
        failure = resolve_error;
        if (!failure && found.empty()) failure = asio::error::host_not_found;
        if (!failure) {
            const Stream::endpoint endpoint = found.begin()->endpoint();
            const auto [ec] = co_await socket_.async_connect(endpoint, net::as_result);
            failure = ec;
            if (!failure) socket_.set_option(asio::ip::tcp::no_delay(true), failure);
        }
    }
    deadline_.expires_at(no_deadline);
    if (failure || !socket_.is_open()) co_return make_error_code(Errc::redis_unavailable);
    co_return Result<>();
}

net::Task<Result<Reply>> Connection::exchange(Client::Command command) {
    for (;;) {
        auto reply = co_await exchange_once(command);
        if (!reply) co_return make_error_code(Errc::redis_unavailable);
        if (!is_loading(*reply)) {
            if (!reply->is_error()) co_return reply;
            log::error("redis_set_up_failed", {{"command", command.front()}, {"why", reply->text}});
            co_return make_error_code(Errc::redis_error);
        }
        co_await net::sleep_for(loading_pause);
        if (!socket_.is_open()) co_return make_error_code(Errc::redis_unavailable);
    }
}

net::Task<Result<Reply>> Connection::exchange_once(const Client::Command& command) {
    close_after(set_up_deadline);
    std::string bytes;
    append_command(bytes, command);
    const auto sent = co_await send(std::move(bytes));
    if (!sent) co_return sent.error();
    auto reply = co_await receive();
    deadline_.expires_at(no_deadline);
    co_return reply;
}

net::Task<Result<>> Connection::send(std::string bytes) {
    const auto [ec, count] = co_await asio::async_write(socket_, asio::buffer(bytes), net::as_result);
    if (ec) co_return make_error_code(Errc::closed);
    co_return Result<>();
}

net::Task<Result<Reply>> Connection::receive() {
    for (;;) {
        auto reply = reader_.next();
        if (!reply) co_return reply.error();
        if (*reply) co_return std::move(**reply);
        const auto [ec, count] = co_await socket_.async_read_some(asio::buffer(received_), net::as_result);
        if (ec || !socket_.is_open()) co_return make_error_code(Errc::closed);
        heard_at_ = std::chrono::steady_clock::now();
        reader_.feed({received_.data(), count});
    }
}

void Connection::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_.expires_at(no_deadline);
}

void Connection::close_after(std::chrono::milliseconds deadline) {
    deadline_.expires_after(deadline);
    deadline_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
        const auto self = weak.lock();
        // A wait that ended just before it was cancelled still arrives without an error: the expiry tells.
        if (!ec && self && self->deadline_.expiry() <= std::chrono::steady_clock::now()) self->close();
    });
}

std::chrono::milliseconds BackOff::next() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> spread(wait_ms_ / 2, wait_ms_);
    const std::chrono::milliseconds wait(spread(random));
    wait_ms_ = std::min(2 * wait_ms_, wait_ms_max);
    return wait;
}

}  // namespace livefair::redis
