#include "gateway/session.hpp"

#include <livefair/v1/socket.pb.h>

#include <algorithm>

#include "base/log.hpp"
#include "gateway/answers.hpp"
#include "gateway/directory.hpp"
#include "gateway/handlers.hpp"
#include "ledger/sessions.hpp"
#include "room/hub.hpp"

namespace livefair::gateway {
namespace {

constexpr std::string_view bearer = "Bearer ";

/// A cookie counts only beside an Origin, which the upgrade has checked: without one, a foreign program may have been handed the cookie.
std::string token_of(const net::HttpRequest& request) {
    const auto authorization = request.header("authorization");
    if (authorization.starts_with(bearer)) return std::string(authorization.substr(bearer.size()));
    if (request.header("origin").empty()) return {};
    return std::string(request.cookie("livefair_session"));
}

bool trusts(const Config& config, const std::string& address) {
    const auto& trusted = config.limits.trusted_addresses;
    return std::find(trusted.begin(), trusted.end(), address) != trusted.end();
}

auth::Rate message_rate(const Config::Limits& limits) {
    return {static_cast<double>(limits.messages_per_second), static_cast<double>(limits.messages_burst)};
}

}  // namespace

Session::Session(Services& services, const net::HttpRequest& request, std::shared_ptr<net::WebSocket> socket)
    : services_(services),
      socket_(std::move(socket)),
      format_(socket_->subprotocol() == room::json_subprotocol ? room::Format::json : room::Format::proto),
      token_(token_of(request)),
      trusted_(trusts(services.config, request.address)),
      outbox_(static_cast<std::size_t>(services.config.limits.outbox_bytes_max), [this] { wake(); }),
      wake_timer_(socket_->executor(), net::asio::steady_timer::time_point::max()),
      messages_(message_rate(services.config.limits), services.clock.steady()) {}

Session::~Session() = default;

net::Task<> Session::run() {
    services_.directory.add(*this);
    if (!token_.empty()) {
        // A cookie that no longer holds makes a guest.
        const auto signed_in = co_await sign_in(token_);
        if (!signed_in) token_.clear();
    }
    net::spawn(socket_->executor(), run_writer(shared_from_this()), "session_writer");
    co_await read_loop();
    reader_ended_ = true;
    rooms_.clear();
    services_.directory.remove(*this);
    wake();
}

net::Task<> Session::read_loop() {
    while (true) {
        auto message = co_await socket_->read();
        if (!message) break;
        // While the writer sends what is left and closes, nothing new is begun.
        if (!closing_) co_await take(message->bytes, message->text);
    }
}

net::Task<> Session::take(const std::string& bytes, bool text) {
    auto message = decode(bytes, format_);
    if (!message || text != (format_ == room::Format::json)) {
        close(net::close_code::bad_request, "not a ClientMessage in the agreed subprotocol");
        co_return;
    }
    if (!within_rate()) {
        answer(failure(Errc::too_many_requests), message->request_id());
        co_return;
    }
    co_await dispatch(shared_from_this(), std::move(*message));
}

bool Session::within_rate() {
    if (trusted_ || messages_.take(services_.clock.steady())) {
        refused_in_a_row_ = 0;
        return true;
    }
    if (++refused_in_a_row_ > services_.config.limits.messages_burst)
        close(net::close_code::too_many_requests, "too many messages");
    return false;
}

net::Task<> Session::run_writer(std::shared_ptr<Session> self) { co_await self->write_loop(); }

net::Task<> Session::write_loop() {
    while (true) {
        const bool alive = co_await write_waiting();
        if (!alive || reader_ended_) break;
        if (outbox_.is_too_slow()) closing_ = {net::close_code::slow, "too slow, come back"};
        // Whoever waits for the answer to an order gets it before a shutdown.
        const bool must_wait = closing_ && closing_->code == net::close_code::shutdown && orders_under_way_ > 0;
        if (closing_ && !must_wait) {
            co_await socket_->close(closing_->code, closing_->reason);
            break;
        }
        if (outbox_.take_latest_missing()) {
            for (const auto& [id, membership] : rooms_) membership->send_latest();
            continue;
        }
        wake_timer_.expires_at(net::asio::steady_timer::time_point::max());
        co_await wake_timer_.async_wait(net::as_result);
    }
    socket_->abort();
}

net::Task<bool> Session::write_waiting() {
    while (auto bytes = outbox_.pop()) {
        const auto written = co_await socket_->write(std::move(bytes), format_ == room::Format::json);
        if (!written) co_return false;
    }
    co_return true;
}

void Session::wake() { wake_timer_.cancel(); }

net::Task<Result<>> Session::sign_in(std::string token) {
    auto found = co_await services_.sessions.find(token);
    if (!found) co_return found.error();
    const auto before = identity_.account;
    token_ = std::move(token);
    identity_ = std::move(*found);
    services_.directory.rename(*this, before);
    co_return Result<>();
}

net::Task<Result<>> Session::check(auth::Action action, RoomId room) {
    if (token_.empty()) co_return make_error_code(Errc::unauthenticated);
    const auto still = co_await sign_in(token_);
    if (!still) co_return still.error();
    if (!auth::may(identity_, action, room)) co_return make_error_code(Errc::forbidden);
    co_return Result<>();
}

const room::Membership* Session::membership(const RoomId& room) const {
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? nullptr : found->second.get();
}

net::Task<Result<>> Session::join(RoomId room, room::JoinRequest request) {
    leave(room);
    if (static_cast<std::int64_t>(rooms_.size()) >= services_.config.limits.rooms_per_connection)
        co_return make_error_code(Errc::too_large);
    const auto may_see_sums = co_await check(auth::Action::see_totals, room);
    const auto audience = may_see_sums ? room::Audience::staff : room::Audience::everyone;
    const room::Viewer viewer{outbox_, format_, audience};
    auto joined = co_await services_.hub.join(room, viewer, std::move(request));
    if (!joined) co_return joined.error();
    rooms_[room] = std::move(*joined);
    co_return Result<>();
}

void Session::leave(const RoomId& room) { rooms_.erase(room); }

bool Session::begin_order() {
    if (orders_under_way_ >= orders_max) return false;
    ++orders_under_way_;
    return true;
}

void Session::end_order() {
    --orders_under_way_;
    wake();
}

void Session::push(const SharedBytes& bytes) {
    // Too slow: the outbox has woken the writer, which closes.
    (void)outbox_.push_answer(bytes);
}

void Session::answer(v1::ServerMessage message, std::uint32_t request_id) {
    if (request_id == 0 && !message.has_failure()) return;
    message.set_request_id(request_id);
    push(share_bytes(room::encode(message, format_)));
}

void Session::close(std::uint16_t code, std::string reason) {
    if (!closing_) closing_ = {code, std::move(reason)};
    wake();
}

void Session::abort() { socket_->abort(); }

}  // namespace livefair::gateway
