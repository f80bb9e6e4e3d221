#pragma once

#include <livefair/v1/bulk.pb.h>
#include <livefair/v1/inventory.pb.h>
#include <livefair/v1/totals.pb.h>

#include <string>

#include "integration/api/site.hpp"

namespace livefair::test {

/// A site with the live show "depot" of a channel without a till: 100 boxes of "depot-offer" at 59.90 yuan out of an
/// inventory of 150, a federation "fed" that buys, and a host. What changes something is asked for twice.
class Depot {
public:
    explicit Depot(const std::string& channel, const std::function<void(Config&)>& change = {});

    /// The federation takes a quote of 50 yuan a box for two canteens, 30 boxes and 10.
    v1::Order order_by_quote(const std::string& quote, const std::string& id, const std::string& kind = "ORDER_KIND_BULK");
    v1::Order pay(const std::string& id, const std::string& reference);
    v1::Order sell_at_stall(const std::string& id, int count);
    v1::Stock stock();
    v1::ListConsigneesResponse consignees(const std::string& order);
    v1::Order order(const std::string& id);
    /// The kinds of what happened to an order, each with a space behind it.
    std::string history(const std::string& order);
    /// Sums are as of a second ago: waits until they have `count` paid orders and these refunds.
    v1::SalesTotals totals(const std::string& dimension, int count, std::int64_t refunded_fen = 0);
    void end();

    Answer call(const std::string& path, const std::string& body) { return site.call("POST", path, body, host); }
    /// Twice; the second answer, which must be the first one again.
    Answer must(const std::string& path, const std::string& body);

    Site site;
    std::string host;  ///< The token.
};

/// A consignee as JSON.
std::string consignee(const std::string& unit, int count);

inline const std::string depot = "/api/v1/shows/depot", depot_orders = depot + "/orders/";

}  // namespace livefair::test
