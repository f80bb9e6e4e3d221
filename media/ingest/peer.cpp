#include "ingest/peer.hpp"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <utility>

namespace livefair::ingest {
namespace {

using net::asio::ip::tcp;

/// Large reads cost the least per byte; publishers send 4 KiB chunks back to back.
constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::chrono::milliseconds watch_every{200};
/// What a frame waits at the most before it is read, and how often a shard wakes up for all of its publishers.
constexpr std::chrono::milliseconds paced_every{15};

}  // namespace

Peer::Peer(tcp::socket socket, std::unique_ptr<net::TlsSession> tls, rtmp::ChunkLimits limits, std::string address, Gate::Ticket ticket)
    : socket_(std::move(socket)),
      tls_(std::move(tls)),
      watchdog_(socket_.get_executor()),
      turn_(socket_.get_executor()),
      session_(limits),
      address_(std::move(address)),
      ticket_(std::move(ticket)),
      buffer_(read_bytes, '\0') {}

void Peer::guard_until(Time deadline) {
    idle_ = {};
    deadline_ = deadline;
    watch();
}

void Peer::guard_idle(std::chrono::milliseconds idle) {
    idle_ = idle;
    deadline_ = std::chrono::steady_clock::now() + idle;
    watch();
}

/// One slow timer a connection instead of one re-armed for every read.
void Peer::watch() {
    watchdog_.expires_after(watch_every);
    watchdog_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (ec || !self) return;
        if (std::chrono::steady_clock::now() < self->deadline_) return self->watch();
        self->timed_out_ = true;
        self->abort();
    });
}

void Peer::pace() {
    paced_ = true;
    // The kernel wakes nobody for less (tcp(7) and socket(7), SO_RCVLOWAT); a read takes what is there all the same.
    const int bytes = read_bytes;
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

/// Until the next multiple of `paced_every` on the steady clock: one wake-up serves every publisher of the shard. A publisher that
/// sends faster than the buffer takes goes on at once, after the others' work.
net::Task<> Peer::wait_for_turn() {
    if (more_waits_) co_return co_await net::asio::post(socket_.get_executor(), net::asio::use_awaitable);
    const auto since_epoch = std::chrono::steady_clock::now().time_since_epoch();
    turn_.expires_at(Time(since_epoch - since_epoch % paced_every + paced_every));
    static_cast<void>(co_await turn_.async_wait(net::as_result));
}

net::Task<Result<std::size_t>> Peer::receive() {
    if (!paced_) {
        const auto [ec, count] = co_await socket_.async_read_some(net::asio::buffer(buffer_), net::as_result);
        if (ec) co_return make_error_code(why_closed());
        co_return count;
    }
    for (;;) {
        co_await wait_for_turn();
        if (!socket_.is_open()) co_return make_error_code(why_closed());
        const auto count = ::recv(socket_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        more_waits_ = count == static_cast<ssize_t>(buffer_.size());
        if (count > 0) co_return static_cast<std::size_t>(count);
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) co_return make_error_code(why_closed());
    }
}

net::Task<Result<rtmp::Actions>> Peer::read() {
    const auto count = co_await receive();
    if (!count) co_return count.error();
    if (idle_.count() > 0) deadline_ = std::chrono::steady_clock::now() + idle_;
    const auto received = std::string_view(buffer_).substr(0, *count);
    if (!tls_) co_return co_await perform(session_.feed(received));
    const auto plain = co_await decrypt(received);
    if (!plain) co_return plain.error();
    co_return co_await perform(session_.feed(*plain));
}

net::Task<Result<std::string>> Peer::decrypt(std::string_view received) {
    auto plain = tls_->open(received);
    // The handshake's answers, or the alert that says what is wrong.
    auto answer = tls_->output();
    if (answer.empty()) co_return plain;
    const auto sent = co_await write(std::move(answer));
    if (!sent) co_return sent.error();
    co_return plain;
}

net::Task<Result<rtmp::Actions>> Peer::accept_publish() {
    auto actions = session_.accept_publish();
    co_return co_await perform(std::move(actions));
}

net::Task<> Peer::refuse(std::string code, std::string description) {
    auto actions = session_.refuse(code, description);
    co_await perform(std::move(actions));
    if (tls_) {
        tls_->close();
        co_await write(tls_->output());
    }
    // Without this the close could become a reset that overtakes the status: the publisher may still be sending.
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    guard_until(std::chrono::steady_clock::now() + std::chrono::seconds(1));
    for (;;) {
        const auto [ec, count] = co_await socket_.async_read_some(net::asio::buffer(buffer_), net::as_result);
        if (ec) break;
    }
    abort();
}

net::Task<Result<rtmp::Actions>> Peer::perform(rtmp::Actions actions) {
    std::string bytes;
    rtmp::Actions rest;
    for (auto& action : actions) {
        if (auto* send = std::get_if<rtmp::Send>(&action)) {
            bytes += send->bytes;
        } else {
            rest.push_back(std::move(action));
        }
    }
    // Media is seldom answered, and each co_await costs a frame.
    if (bytes.empty()) co_return rest;
    const auto sent = co_await send(std::move(bytes));
    if (!sent) co_return sent.error();
    co_return rest;
}

net::Task<Result<>> Peer::send(std::string bytes) {
    if (!tls_) co_return co_await write(std::move(bytes));
    const auto sealed = tls_->seal(bytes);
    if (!sealed) co_return sealed;
    co_return co_await write(tls_->output());
}

net::Task<Result<>> Peer::write(std::string bytes) {
    const auto [ec, count] = co_await net::asio::async_write(socket_, net::asio::buffer(bytes), net::as_result);
    if (ec) co_return make_error_code(why_closed());
    co_return Result<>();
}

void Peer::abort() {
    boost::system::error_code ignored;
    watchdog_.cancel();
    turn_.cancel();
    socket_.close(ignored);
}

Result<> Peer::detach() {
    watchdog_.cancel();
    boost::system::error_code ec;
    detached_ = socket_.release(ec);
    if (ec) return make_error_code(Errc::closed);
    return {};
}

std::shared_ptr<Peer> Peer::attach(net::Shard& shard, Peer&& detached) {
    tcp::socket socket(shard.context());
    boost::system::error_code ec;
    socket.assign(detached.address_.find(':') == std::string::npos ? tcp::v4() : tcp::v6(), std::exchange(detached.detached_, -1), ec);
    auto peer = std::make_shared<Peer>(std::move(socket), std::move(detached.tls_), rtmp::ChunkLimits{}, std::move(detached.address_), std::move(detached.ticket_));
    peer->session_ = std::move(detached.session_);
    return peer;
}

}  // namespace livefair::ingest
