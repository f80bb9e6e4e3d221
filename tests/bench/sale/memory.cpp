#include <cstdio>
#include <stdexcept>

#include "base/random.hpp"
#include "bench/sale/market.hpp"
#include "bench/sale/measurements.hpp"
#include "commerce/till.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace livefair::bench {
namespace {

constexpr int calls_of = 56;  // what purchases share a call under load, by the measurement "orders"
const ShowId show("boxes-show");
const OfferId offer("boxes-offer");

redis::Options with_till(const test::RedisServer& server) {
    auto options = server.options();
    options.libraries = {commerce::till_library()};
    return options;
}

/// A till of `boxes`, open, without a server and a ledger: only what it keeps is looked at.
class LoneTill {
public:
    explicit LoneTill(int boxes) : client_(io_.get_executor(), with_till(server_)) {
        client_.start();
        ask({"PING"});
        ask({"HSET", commerce::till_key(show, "till"), "state", "open", "run_id", client_.run_id(""), "epoch", "1", "practice", "0", "left:boxes-stock", std::to_string(boxes)});
        ask({"HSET", commerce::till_key(show, "offer:" + offer.str()), "open_ms", "0", "close_ms", "0", "price", "2990", "limit", "99", "hold_ms", "900000", "state", "open", "lines",
             "boxes-stock:1"});
    }
    ~LoneTill() { client_.stop(); }

    double used() { return redis_info(server_.socket(), "memory", "used_memory"); }

    void place(std::vector<commerce::Purchase> purchases) {
        const auto decisions = test::run_task(io_, till_.place(std::move(purchases)));
        if (!decisions) throw std::runtime_error("the till: " + decisions.error().message());
        for (const auto& decision : *decisions)
            if (decision.kind != commerce::Decision::Kind::accepted) throw std::runtime_error("an order was not accepted");
    }

private:
    void ask(redis::Client::Command command) {
        if (!test::run_task(io_, client_.command(std::move(command)))) throw std::runtime_error("Redis does not answer");
    }

    test::RedisServer server_;
    net::asio::io_context io_;
    redis::Client client_;
    commerce::Till till_{client_};
};

double bytes_an_order(int boxes, int orders_of_a_buyer) {
    LoneTill till(boxes);
    std::vector<std::string> buyers(static_cast<std::size_t>(boxes / orders_of_a_buyer));
    for (auto& buyer : buyers) buyer = random_hex(16);
    const double before = till.used();
    for (int placed = 0; placed < boxes;) {
        std::vector<commerce::Purchase> purchases;
        for (; placed < boxes && purchases.size() < calls_of; ++placed)
            purchases.push_back({show, offer, OrderId(random_hex(12)), AccountId(buyers[static_cast<std::size_t>(placed) % buyers.size()]), AddressId(random_hex(8)), 1});
        till.place(std::move(purchases));
    }
    return (till.used() - before) / boxes;
}

}  // namespace

void measure_memory(const SaleBenchOptions& options) {
    constexpr double goal = 600;
    std::printf("\nMemory in Redis for each order: growth of used_memory over %d orders in calls of %d, with ids as long as the server makes them, stream untrimmed\n\n"
                "| orders of one buyer | bytes | goal | |\n|---|---|---|---|\n",
                options.boxes, calls_of);
    for (const int orders : {20, 1}) {
        const double bytes = bytes_an_order(options.boxes, orders);
        std::printf("| %d | %.0f | %.0f | %s |\n", orders, bytes, goal, bytes <= goal ? "met" : "NOT MET");
    }
}

}  // namespace livefair::bench
