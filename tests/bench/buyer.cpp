#include "bench/buyer.hpp"

#include <algorithm>
#include <cstdio>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace livefair::bench {

namespace {

/// As the page makes them: the time first.
std::string new_order_id() {
    char time[16];
    std::snprintf(time, sizeof time, "%011llx", static_cast<unsigned long long>(system_clock().unix_ms()));
    return time + random_hex(7);
}

}  // namespace

net::Task<Result<std::unique_ptr<Buyer>>> Buyer::sign_in(std::string url, std::string phone, std::string nickname) {
    std::unique_ptr<Buyer> buyer(new Buyer(std::move(url)));
    auto address = co_await buyer->api_.sign_in_buyer(std::move(phone), std::move(nickname));
    if (!address) co_return address.error();
    buyer->address_id_ = std::move(*address);
    co_return buyer;
}

net::Task<Result<>> Buyer::connect(Socket::Listener listener) {
    if (listener) listener_ = std::move(listener);
    // Two orders of one buyer may be under way; only one of them opens the connection.
    while (connecting_) co_await net::sleep_for(std::chrono::milliseconds(10));
    if (socket_ && socket_->is_open()) co_return Result<>();
    connecting_ = true;
    auto socket = co_await Socket::connect(socket_url_, api_.token(), listener_);
    connecting_ = false;
    if (!socket) co_return socket.error();
    socket_ = std::move(*socket);
    co_return Result<>();
}

net::Task<Result<v1::OrderAnswer>> Buyer::place_once(v1::PlaceOrder order) {
    const auto connected = co_await connect();
    if (!connected) co_return connected.error();
    const auto socket = socket_;
    v1::ClientMessage message;
    *message.mutable_place_order() = std::move(order);
    auto answer = co_await socket->request(std::move(message));
    if (!answer) co_return answer.error();
    if (!answer->has_order_answer()) co_return make_error_code(Errc::internal);
    co_return std::move(*answer->mutable_order_answer());
}

net::Task<Result<v1::OrderAnswer>> Buyer::place_until_final(v1::PlaceOrder order, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::chrono::milliseconds pause{100};
    for (;;) {
        auto answer = co_await place_once(order);
        if (answer && answer->outcome() != v1::OUTCOME_UNKNOWN) co_return answer;
        if (std::chrono::steady_clock::now() + pause >= end) co_return make_error_code(Errc::timed_out);
        co_await net::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(1000));
    }
}

v1::PlaceOrder Buyer::make_order(std::string show, std::string offer) const {
    v1::PlaceOrder order;
    order.set_order_id(new_order_id());
    order.set_show_id(std::move(show));
    order.set_offer_id(std::move(offer));
    order.set_quantity(1);
    order.set_address_id(address_id_);
    return order;
}

std::string invented_phone(std::uint64_t number) {
    const std::string digits = std::to_string(number % 100'000'000);
    return "100" + std::string(8 - digits.size(), '0') + digits;
}

}  // namespace livefair::bench
