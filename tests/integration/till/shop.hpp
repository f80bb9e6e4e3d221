#pragma once

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "commerce/checkout.hpp"
#include "commerce/hold_sweeper.hpp"
#include "commerce/payments.hpp"
#include "commerce/reconcile.hpp"
#include "commerce/sales.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/till_keeper.hpp"
#include "ledger/ledger.hpp"
#include "ledger/projector.hpp"
#include "redis/subscriber.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

/// What one gateway shard has of commerce: its own Redis connections, till, watch and checkout.
struct Gateway {
    Gateway(net::asio::io_context& io, const redis::Options& options, ledger::Ledger& ledger,
            commerce::SoldOutBook& sold_out, const ShowId& show);
    void stop();
    redis::Client client;
    commerce::Till till{client};
    commerce::CommitWatch watch;
    commerce::Checkout checkout;
    commerce::SandboxProvider sandbox;  ///< Its webhooks go nowhere.
    commerce::Payments payments;
    commerce::Sales sales;
    redis::Subscriber subscriber;
};

/// What the process with the ledger role has: projector, keeper and sweeper.
struct LedgerSide {
    LedgerSide(net::asio::io_context& io, const redis::Options& options, ledger::Ledger& ledger,
               ledger::Projector::Options projecting = {});
    /// Ends its tasks soon; it has to live until they have ended.
    void stop();
    redis::Client client;
    commerce::Till till{client};
    ledger::Projector projector;
    commerce::TillKeeper keeper;
    commerce::HoldSweeper sweeper;
    std::vector<ledger::CommitSummary> commits;
};

/// A live show "show1" on a real Redis and a real ledger; everything runs on the test's thread but Redis and SQLite.
class Shop {
public:
    static constexpr const char* webhook_secret = "0123456789abcdef0123456789abcdef";

    static commerce::SandboxProvider::Options sandbox_options(const std::string& notify_url);

    /// `where`: its ledger; when left out a new one where this run of the tests has them (see ledger_location).
    explicit Shop(std::size_t gateways = 1, std::optional<ledger::Ledger::Options> where = {});
    ~Shop();

    const ShowId show{"show1"};
    net::asio::io_context io;
    RedisServer redis;
    TemporaryFolder folder;
    std::unique_ptr<ledger::Ledger> ledger;
    FakeClock sold_out_clock;  ///< The book looks again only when it is moved.
    commerce::SoldOutBook sold_out{sold_out_clock};
    std::unique_ptr<LedgerSide> side;
    std::vector<std::unique_ptr<Gateway>> gateways;

    /// A product of `origin` with this weight, and `total` units of it for the show.
    void add_stock(const std::string& id, std::int64_t total, const std::string& origin = "431227",
                   std::int64_t weight_g = 500);
    /// Another show or channel, live; put it on sale with start_sale().
    void add_show(const std::string& id, std::int64_t channel = 1);
    void start_sale(const std::string& show_id);
    /// Units of a product that is there already, for a show.
    void add_stock_of(const std::string& show_id, const std::string& id, const std::string& product, std::int64_t total);
    /// A draft; `lines`: stock and units of one offer; the price is split evenly, the remainder on the last line.
    void add_offer(const std::string& id, std::int64_t price_fen,
                   const std::vector<std::pair<std::string, std::int64_t>>& lines, std::int64_t limit = 99,
                   std::int64_t hold_ms = 600'000, const std::string& show_id = "show1");
    void add_buyer(const std::string& id);
    /// Starts projector and keeper, and puts the show on sale.
    void start();
    void open(const std::string& offer, std::int64_t duration_ms = 0);
    void open_in(const std::string& show_id, const std::string& offer);
    /// The whole process of the ledger dies and comes back.
    void stop_ledger_side();
    void start_ledger_side();
    /// All our programs end, and start anew on the same Redis and ledger.
    void restart();
    /// What a second program with the ledger role has, on a ledger of its own. It has to go before the shop.
    std::unique_ptr<LedgerSide> another_ledger_side(ledger::Ledger& of, ledger::Projector::Options projecting = {});
    /// Waits until the till is open for the Redis that runs now, and the ledger knows it.
    void wait_until_open();
    /// No till is rebuilt from now on; a rebuild under way ends first.
    void stop_keeper();

    v1::PlaceOrder request(const std::string& order, const std::string& buyer, const std::string& offer,
                           std::int64_t quantity = 1) const;
    v1::OrderAnswer place(const std::string& order, const std::string& buyer, const std::string& offer,
                          std::int64_t quantity = 1, std::size_t gateway = 0);
    /// The till's own decision, without the ledger's.
    Result<commerce::Decision> decide(const std::string& order, const std::string& buyer, const std::string& offer,
                                      std::int64_t quantity = 1);
    commerce::Purchase purchase(const std::string& order, const std::string& buyer, const std::string& offer,
                                std::int64_t quantity = 1) const;
    /// Asks again while the answer is UNKNOWN.
    v1::OrderAnswer place_finally(const std::string& order, const std::string& buyer, const std::string& offer,
                                  std::int64_t quantity = 1);
    v1::CancelOrderResponse cancel(const std::string& order, const std::string& buyer);
    /// A signed webhook; returns its status.
    int pay(const std::string& order, std::int64_t amount_fen, const std::string& payment, const std::string& event);
    /// Lets the ledger catch up with the till.
    void settle() { settle_show(show); }
    void settle_show(const ShowId& which);
    /// Differences between till and ledger as text; empty when all is well.
    std::string reconcile() { return reconcile_show(show); }
    std::string reconcile_show(const ShowId& which);
    /// First column of the first row.
    std::int64_t number(const std::string& sql);
    /// One command; the test fails when Redis does not answer.
    redis::Reply command(redis::Client::Command words);
    template <class T>
    T run(net::Task<T> task) {
        return run_task(io, std::move(task));
    }

    void write(const std::string& sql, std::vector<ledger::Value> params);

private:
    void start_gateways(std::size_t count);
    void end_programs();

    ledger::Ledger::Options where_;
    std::vector<std::unique_ptr<LedgerSide>> stopped_;
};

/// A buyer who asks at the gateway until the answer is final; `done` counts those who have one.
net::Task<> insist(Shop& shop, std::size_t gateway, std::string buyer, v1::PlaceOrder request, v1::OrderAnswer& answer, std::size_t& done);

/// "order-0000000000000007": long enough for an order id.
std::string order_id(std::int64_t number);

}  // namespace livefair::test
