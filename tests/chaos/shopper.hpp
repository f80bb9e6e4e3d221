#pragma once

#include <livefair/v1/order.pb.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/buyer.hpp"
#include "chaos/history.hpp"

namespace livefair::chaos {

/// What buyers find in the show.
struct Shelf {
    std::string show;
    struct Offer {
        std::string id;
        std::int64_t price_fen = 0;
        std::int64_t limit = 0;
    };
    std::vector<Offer> offers;
};

/// How a buyer behaves; probabilities in percent.
struct Habits {
    int http = 20;      ///< Orders by HTTP instead of the WebSocket.
    int twice = 15;     ///< The order is sent twice at once.
    int again = 15;     ///< Asks for an accepted order once more.
    int conflict = 5;   ///< Asks for an accepted order's id with another quantity.
    int cancel = 15;
    int pay = 25;
    int think_ms = 40;  ///< At most, between two orders.
    int orders_max = 1000;
    std::int64_t quantity_max = 2;
    std::chrono::milliseconds answer_deadline{4000};
};

/// One buyer who orders again and again and never takes "unknown" for an answer. Used from one thread.
class Shopper {
public:
    /// `socket_url`: where the WebSocket is; `url`: where the API is.
    static net::Task<Result<std::unique_ptr<Shopper>>> sign_in(std::string name, std::string url, std::string socket_url, std::string phone, std::uint64_t seed);

    /// Orders until `closing` is set or orders_max is reached; then asks on until every order has a final answer, or `give_up` is set.
    net::Task<> shop(const Shelf& shelf, const Habits& habits, History& history, const bool& closing, const bool& give_up);

private:
    Shopper(std::string name, std::unique_ptr<bench::Buyer> buyer, std::uint64_t seed) : name_(std::move(name)), buyer_(std::move(buyer)), random_(seed) {}

    bool happens(int percent) { return static_cast<int>(random_() % 100) < percent; }
    net::Task<v1::OrderAnswer> ask(v1::PlaceOrder order, bool by_http);
    net::Task<> ask_into(std::vector<v1::OrderAnswer>& answers, v1::PlaceOrder order, bool by_http);
    net::Task<v1::OrderAnswer> ask_http(v1::PlaceOrder order);
    net::Task<v1::OrderAnswer> ask_socket(v1::PlaceOrder order);
    net::Task<v1::OrderAnswer> insist(std::string what, v1::PlaceOrder order);
    net::Task<> afterwards(v1::PlaceOrder order);
    net::Task<> cancel(v1::PlaceOrder order);
    net::Task<> pay(v1::PlaceOrder order);
    void note(const std::string& what, const v1::PlaceOrder& order, const v1::OrderAnswer& answer);
    void note(const std::string& what, const v1::PlaceOrder& order, const std::string& outcome);

    const std::string name_;
    std::unique_ptr<bench::Buyer> buyer_;
    std::minstd_rand random_;
    const Habits* habits_ = nullptr;
    History* history_ = nullptr;
    const bool* give_up_ = nullptr;
};

}  // namespace livefair::chaos
