#include "gateway/upstream.hpp"

#include <livefair/v1/socket.pb.h>

#include <utility>

namespace livefair::gateway {
namespace {

/// The other side gives each Redis call and each commit less than this.
constexpr std::chrono::seconds answer_deadline{10};

}  // namespace

struct Upstream::Question {
    net::asio::steady_timer answered;
    std::optional<v1::ServerMessage> answer;
};

Upstream::Upstream(net::WebSocketClientOptions options, Handlers handlers) : options_(std::move(options)), handlers_(std::move(handlers)) {}

Upstream::~Upstream() { close(); }

net::Task<Result<v1::ServerMessage>> Upstream::ask(v1::ClientMessage message) {
    const auto self = shared_from_this();
    const auto executor = co_await net::asio::this_coro::executor;
    const bool connected = co_await connect();
    if (!connected) co_return make_error_code(Errc::ledger_unavailable);
    const auto id = ++questions_asked_;
    auto question = std::make_shared<Question>(Question{net::asio::steady_timer(executor, answer_deadline), {}});
    questions_.emplace(id, question);
    message.set_request_id(id);
    co_await write(share_bytes(message.SerializeAsString()));
    if (questions_.contains(id)) co_await question->answered.async_wait(net::as_result);
    questions_.erase(id);
    if (!question->answer) co_return make_error_code(Errc::redis_unknown);
    co_return std::move(*question->answer);
}

void Upstream::close() {
    is_closed_ = true;
    if (socket_) std::exchange(socket_, nullptr)->abort();
}

net::Task<bool> Upstream::connect() {
    if (connecting_) co_await connecting_->async_wait(net::as_result);
    if (socket_ || is_closed_) co_return socket_ != nullptr;
    const auto executor = co_await net::asio::this_coro::executor;
    connecting_ = std::make_unique<net::asio::steady_timer>(executor, options_.deadline);
    auto connected = co_await net::connect_websocket(options_);
    std::exchange(connecting_, nullptr)->cancel();
    if (!connected) co_return false;
    socket_ = std::move(*connected);
    if (is_closed_) close();
    else net::spawn(executor, read(shared_from_this(), socket_), "upstream");
    co_return socket_ != nullptr;
}

net::Task<> Upstream::read(std::shared_ptr<Upstream> self, std::shared_ptr<net::WebSocket> socket) {
    for (;;) {
        const auto read = co_await socket->read();
        if (!read) break;
        v1::ServerMessage message;
        if (!message.ParseFromString(read->bytes)) break;
        self->take(message);
    }
    socket->abort();
    if (self->is_closed_) co_return;
    self->socket_.reset();
    self->to_write_.clear();
    for (auto& [id, question] : std::exchange(self->questions_, {})) question->answered.cancel();
    self->handlers_.end(socket->peer_close_code());
}

net::Task<> Upstream::write(SharedBytes bytes) {
    to_write_.push_back(std::move(bytes));
    if (is_writing_) co_return;
    is_writing_ = true;
    while (!to_write_.empty() && socket_) {
        const auto socket = socket_;
        const auto next = to_write_.front();
        to_write_.pop_front();
        const auto written = co_await socket->write(next, false);
        // The reader tells those who wait.
        if (!written) socket->abort();
    }
    is_writing_ = false;
}

void Upstream::take(const v1::ServerMessage& message) {
    if (is_closed_) return;
    const auto found = questions_.find(message.request_id());
    if (found == questions_.end()) return handlers_.message(message);
    found->second->answer = message;
    found->second->answered.cancel();
    questions_.erase(found);
}

}  // namespace livefair::gateway
