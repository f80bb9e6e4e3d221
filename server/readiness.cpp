#include "readiness.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "commerce/till.hpp"
#include "ledger/samples.hpp"

namespace livefair {
namespace {

/// Shows on sale, by the ledger.
Result<std::vector<ShowId>> shows_on_sale(ledger::Database& db) {
    const auto rows = db.query("SELECT tills.show_id FROM tills JOIN shows ON shows.id = tills.show_id WHERE shows.state = 2");
    if (!rows) return rows.error();
    std::vector<ShowId> shows;
    for (const auto& row : *rows) shows.push_back(ShowId(row.text(0)));
    return shows;
}

/// Whether every show's till is open and was opened for the Redis we talk to.
net::Task<bool> are_tills_open(redis::Client& redis, std::vector<ShowId> shows) {
    for (const auto& show : shows) {
        const auto key = commerce::till_key(show, "till");
        redis::Client::Command command{"HMGET", key, "state", "run_id"};
        const auto till = co_await redis.command(std::move(command));
        if (!till || till->items.size() != 2 || till->items[0].text != "open" || till->items[1].text != redis.run_id(key)) co_return false;
    }
    co_return true;
}

}  // namespace

net::Task<net::HttpResponse> Readiness::answer(redis::Client& redis) const {
    // A write: Redis reads on when it has no memory or too few replicas.
    redis::Client::Command write{"SET", "lf:ready", std::to_string(clock_.unix_ms()), "PX", "60000"};
    const auto taken = co_await redis.command(std::move(write));
    const bool connected = taken.has_value() && redis.is_connected();
    auto beat = [now_ms = clock_.unix_ms()](ledger::Database& db) { return ledger::beat(db, now_ms); };
    const auto written = co_await ledger_.write(std::move(beat));
    const auto shows = co_await ledger_.read([](ledger::Database& db) { return shows_on_sale(db); });
    bool tills_open = false;
    if (shows && connected) tills_open = co_await are_tills_open(redis, *shows);
    const bool ready = connected && written && tills_open && !draining_;
    const boost::json::object body{{"ready", ready},
                                   {"redis", connected},
                                   {"ledger", written.has_value()},
                                   {"tills", tills_open},
                                   {"draining", draining_.load()}};
    co_return net::HttpResponse::text(ready ? 200 : 503, boost::json::serialize(body));
}

}  // namespace livefair
