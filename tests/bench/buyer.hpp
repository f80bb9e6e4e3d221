#pragma once

#include <livefair/v1/order.pb.h>

#include <chrono>
#include <memory>
#include <string>

#include "bench/api.hpp"
#include "bench/socket.hpp"

namespace livefair::bench {

/// A signed-in buyer with a delivery address and a WebSocket that is opened again whenever it is lost. Used from one thread.
class Buyer {
public:
    /// Signs in. Errors: those of Api::sign_in_buyer().
    static net::Task<Result<std::unique_ptr<Buyer>>> sign_in(std::string url, std::string phone, std::string nickname);

    /// The WebSocket is opened at another address than the API's (a gateway's).
    void use_socket_at(std::string url) { socket_url_ = std::move(url); }
    /// Opens the WebSocket unless it is open. Errors: those of Socket::connect().
    net::Task<Result<>> connect(Socket::Listener listener = {});
    /// Sends the order once. Errors: those of Socket::request().
    net::Task<Result<v1::OrderAnswer>> place_once(v1::PlaceOrder order);
    /// Sends the order, again and again with back-off while the answer is UNKNOWN or none comes, as docs/protocol.md asks of a
    /// client. Errors: timed_out - no final answer within `deadline`.
    net::Task<Result<v1::OrderAnswer>> place_until_final(v1::PlaceOrder order, std::chrono::milliseconds deadline);

    /// An order of one for this buyer's address, with a random id.
    v1::PlaceOrder make_order(std::string show, std::string offer) const;

    Api& api() { return api_; }
    /// Null until connect().
    const std::shared_ptr<Socket>& socket() const { return socket_; }

private:
    explicit Buyer(std::string url) : api_(std::move(url)), socket_url_(api_.url()) {}

    Api api_;
    std::string socket_url_;
    std::string address_id_;
    std::shared_ptr<Socket> socket_;
    Socket::Listener listener_;
    bool connecting_ = false;
};

/// A phone number that no network gives out (it begins with 100), for the sandbox's sign-in: one of ten thousand million.
std::string invented_phone(std::uint64_t number);

}  // namespace livefair::bench
