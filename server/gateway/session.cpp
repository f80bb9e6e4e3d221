#include "gateway/session.hpp"

#include <livefair/v1/order.pb.h>
#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "commerce/answers.hpp"
#include "gateway/answers.hpp"
#include "gateway/directory.hpp"
#include "gateway/handlers.hpp"
#include "gateway/ledger_link.hpp"
#include "gateway/streams.hpp"
#include "gateway/upstream.hpp"
#include "room/hub.hpp"

namespace livefair::gateway {
namespace {

constexpr std::string_view bearer = "Bearer ";

/// A cookie counts only beside an Origin, which the upgrade has checked, or when a browser says that its own page asks (it sends no Origin with a
/// GET then): without either, a foreign program may have been handed the cookie.
std::string token_of(const net::HttpRequest& request) {
    const auto authorization = request.header("authorization");
    if (authorization.starts_with(bearer)) return std::string(authorization.substr(bearer.size()));
    if (request.header("origin").empty() && request.header("sec-fetch-site") != "same-origin") return {};
    return std::string(request.cookie("livefair_session"));
}

bool trusts(const Config& config, const std::string& address) {
    const auto& trusted = config.limits.trusted_addresses;
    return std::find(trusted.begin(), trusted.end(), address) != trusted.end();
}

room::Format format_of(const net::WebSocketConnection& connection) {
    using room::Format;
    if (connection.is_event_stream()) return Format::events;
    if (connection.subprotocol() == room::json_subprotocol) return connection.deflates() ? Format::json_deflated : Format::json;
    return connection.deflates() ? Format::proto_deflated : Format::proto;
}

auth::Rate message_rate(const Config::Limits& limits) {
    return {static_cast<double>(limits.messages_per_second), static_cast<double>(limits.messages_burst)};
}

}  // namespace

Session::Session(Services& services, const net::HttpRequest& request, std::shared_ptr<net::WebSocketConnection> connection)
    : services_(services),
      connection_(std::move(connection)),
      address_(request.address),
      device_(auth::device_of(request.cookie(auth::device_cookie))),
      outbox_(static_cast<std::size_t>(services.config.limits.outbox_bytes_max), [this] { pump(); }),
      messages_(message_rate(services.config.limits), services.clock.steady()),
      format_(format_of(*connection_)),
      trusted_(trusts(services.config, request.address)) {
    if (auto token = token_of(request); !token.empty()) sign_in_ = std::make_unique<SignIn>(SignIn{std::move(token), {}, {}});
}

Session::~Session() = default;

void Session::start() {
    services_.directory.add(*this);
    connection_->start(shared_from_this());
    if (connection_->is_event_stream()) {
        stream_ = std::make_unique<Stream>(Stream{make_stream_id(services_.shard), {}, false});
        services_.directory.add_stream(stream_->id, *this);
    }
    if (sign_in_ || stream_) run_paused(begin(shared_from_this(), sign_in_ ? sign_in_->token : std::string()));
}

void Session::run_paused(net::Task<> work) {
    if (stream_) stream_->is_busy = true;
    connection_->pause();
    net::spawn(connection_->executor(), finish(shared_from_this(), std::move(work)), "session_work");
}

net::Task<> Session::finish(std::shared_ptr<Session> self, net::Task<> work) {
    try {
        co_await std::move(work);
    } catch (...) {
        self->abort();  // not paused for ever
        throw;
    }
    self->connection_->resume();
    if (!self->stream_) co_return;
    self->stream_->is_busy = false;
    self->take_posted();
}

net::Task<> Session::begin(std::shared_ptr<Session> self, std::string token) {
    if (!token.empty()) {
        // A cookie that no longer holds makes a guest.
        const auto signed_in = co_await self->sign_in(std::move(token));
        if (!signed_in) self->sign_in_.reset();
    }
    if (!self->stream_) co_return;
    auto message = welcome(*self);
    message.mutable_welcome()->set_stream_id(self->stream_->id);
    self->push(room::to_frame(room::encode(message, self->format_), self->format_));
}

Result<> Session::post(std::string bytes) {
    if (closing_ || has_ended_) return make_error_code(Errc::not_found);
    if (stream_->posted.size() >= posts_max) return make_error_code(Errc::too_many_requests);
    stream_->posted.push_back(std::move(bytes));
    take_posted();
    return {};
}

void Session::take_posted() {
    while (!stream_->is_busy && !stream_->posted.empty()) {
        auto bytes = std::move(stream_->posted.front());
        stream_->posted.pop_front();
        on_message({std::move(bytes), true});
    }
}

void Session::on_message(net::WebSocketMessage message) {
    // While what is left is sent, nothing new is begun.
    if (closing_) return;
    auto decoded = decode(message.bytes, format_);
    if (!decoded || message.text != room::is_json(format_))
        return close(net::close_code::bad_request, "not a ClientMessage in the agreed subprotocol");
    if (!within_rate()) return answer(failure(Errc::too_many_requests), decoded->request_id());
    run_paused(dispatch(shared_from_this(), std::move(*decoded)));
}

void Session::on_end(Errc) {
    has_ended_ = true;
    rooms_.clear();
    if (sign_in_ && sign_in_->upstream) sign_in_->upstream->close();
    services_.directory.remove(*this);
    if (stream_) services_.directory.remove_stream(stream_->id);
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

void Session::pump() {
    if (std::exchange(is_pumping_, true)) return;
    while (connection_->is_writable()) {
        if (auto frame = outbox_.pop()) {
            connection_->write(std::move(frame));
        } else {
            if (!outbox_.take_latest_missing()) break;
            for (const auto& membership : rooms_) membership->send_latest();
        }
    }
    is_pumping_ = false;
    close_when_done();
}

void Session::close_when_done() {
    if (outbox_.is_too_slow()) return give_up();
    if (!closing_ || !outbox_.empty() || !connection_->is_writable()) return;
    // Whoever waits for the answer to an order gets it before a shutdown.
    if (closing_->code == net::close_code::shutdown && orders_under_way_ > 0) return;
    connection_->close(closing_->code, closing_->reason);
}

void Session::give_up() {
    if (std::exchange(has_given_up_, true)) return;
    connection_->close(net::close_code::slow, "too slow, come back");
    // The peer has a while to take that; it is no viewer any more. Not now: a room may be walking through its viewers.
    net::asio::post(connection_->executor(), [self = shared_from_this()] { self->rooms_.clear(); });
}

const auth::Identity& Session::identity() const {
    static const auth::Identity guest;
    return sign_in_ ? sign_in_->identity : guest;
}

net::Task<Result<>> Session::sign_in(std::string token) {
    auto found = co_await services_.find_identity(token);
    if (!found) co_return found.error();
    const auto before = identity().account;
    if (!sign_in_) sign_in_ = std::make_unique<SignIn>();
    if (sign_in_->token != token && sign_in_->upstream) std::exchange(sign_in_->upstream, nullptr)->close();
    sign_in_->token = std::move(token);
    sign_in_->identity = std::move(*found);
    if (!has_ended_) services_.directory.rename(*this, before);
    co_return Result<>();
}

net::Task<Result<>> Session::check(auth::Action action, RoomId room) {
    if (!sign_in_) co_return make_error_code(Errc::unauthenticated);
    const auto still = co_await sign_in(sign_in_->token);
    if (!still) co_return still.error();
    if (!auth::may(identity(), action, room)) co_return make_error_code(Errc::forbidden);
    co_return Result<>();
}

std::shared_ptr<Upstream> Session::make_upstream() {
    Upstream::Handlers handlers;
    const auto weak = weak_from_this();
    handlers.message = [weak](const v1::ServerMessage& message) {
        // Rooms and orders reach this gateway by Redis; only dashboards don't.
        const auto self = weak.lock();
        if (self && message.has_dashboard()) self->push(room::to_frame(room::encode(message, self->format_), self->format_));
    };
    handlers.end = [weak](std::uint16_t code) {
        const auto self = weak.lock();
        if (self && code == close_sign_in_ended) self->close(code, "signed out");
        // Nothing would say that the dashboard stands still; whoever comes back asks for it again.
        else if (self && self->watches_dashboard_) self->close(net::close_code::shutdown, "the dashboard's source is gone, come back");
    };
    return std::make_shared<Upstream>(services_.ledger_link->socket_options(sign_in_->token, address_), std::move(handlers));
}

net::Task<v1::ServerMessage> Session::ask_ledger(v1::ClientMessage message) {
    if (!sign_in_) co_return failure(Errc::unauthenticated);
    // An order may begin after the connection has ended; nobody would close what it made.
    if (has_ended_) co_return failure(Errc::closed);
    if (!sign_in_->upstream) sign_in_->upstream = make_upstream();
    const auto upstream = sign_in_->upstream;
    OrderId order;
    if (message.has_place_order()) order = OrderId(message.place_order().order_id());
    const bool watches = message.has_watch_dashboard();
    auto answer = co_await upstream->ask(std::move(message));
    if (answer && watches && answer->has_done()) watches_dashboard_ = true;
    if (answer) co_return std::move(*answer);
    if (order.empty() || to_errc(answer.error()) != Errc::redis_unknown) co_return failure(to_errc(answer.error()));
    v1::ServerMessage unknown;
    *unknown.mutable_order_answer() = commerce::unknown_answer(order);
    co_return unknown;
}

const room::Membership* Session::membership(const RoomId& room) const {
    const auto found = std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& each) { return each->room().id() == room; });
    return found == rooms_.end() ? nullptr : found->get();
}

net::Task<Result<>> Session::join(RoomId room, room::JoinRequest request) {
    leave(room);
    if (static_cast<std::int64_t>(rooms_.size()) >= services_.config.limits.rooms_per_connection)
        co_return make_error_code(Errc::too_large);
    const auto moderates = co_await check(auth::Action::moderate, room);
    auto audience = moderates ? room::Audience::moderator : room::Audience::everyone;
    if (moderates && auth::may(identity(), auth::Action::see_totals, room)) audience = room::Audience::staff;
    request.sees_private = auth::may(identity(), auth::Action::watch_private, room);
    const room::Viewer viewer{outbox_, format_, audience};
    auto joined = co_await services_.hub.join(room, viewer, std::move(request));
    if (!joined) co_return joined.error();
    if (has_ended_ || has_given_up_) co_return make_error_code(Errc::closed);
    rooms_.push_back(std::move(*joined));
    co_return Result<>();
}

void Session::leave(const RoomId& room) {
    std::erase_if(rooms_, [&](const auto& each) { return each->room().id() == room; });
}

bool Session::begin_order() {
    if (orders_under_way_ >= orders_max) return false;
    ++orders_under_way_;
    return true;
}

void Session::end_order() {
    --orders_under_way_;
    pump();
}

void Session::push(const SharedBytes& frame) {
    // Too slow: the outbox has had it closed.
    (void)outbox_.push_answer(frame);
}

void Session::answer(v1::ServerMessage message, std::uint32_t request_id) {
    if (request_id == 0 && !message.has_failure()) return;
    message.set_request_id(request_id);
    push(room::to_frame(room::encode(message, format_), format_));
}

void Session::close(std::uint16_t code, std::string reason) {
    if (!closing_) closing_ = std::make_unique<Closing>(Closing{code, std::move(reason)});
    pump();
}

}  // namespace livefair::gateway
