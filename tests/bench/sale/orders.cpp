#include <sys/resource.h>

#include <cstdio>
#include <stdexcept>

#include "bench/many_descriptors.hpp"
#include "bench/sale/batches.hpp"
#include "bench/sale/crowd.hpp"
#include "bench/sale/measurements.hpp"
#include "bench/sale/peer.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Rates {
    Readings per_second, redis_us;
};

struct Own {
    Rates rates;
    Readings server_us, client_us, ms, batch;
    std::string batches;
};

/// Of this process without its children.
double own_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// Both in one unit: INFO's used_cpu of Redis, run time of the server's threads.
struct Cpu {
    explicit Cpu(Market& market)
        : redis(redis_info(market.redis(), "cpu", "used_cpu_user") + redis_info(market.redis(), "cpu", "used_cpu_sys")), server(cpu_seconds(market.server())), client(own_seconds()) {}
    double redis, server, client;
};

void add_own(const SaleBenchOptions& options, Own& own) {
    Market market(static_cast<std::size_t>(options.crowd));
    market.add_sale("rate", 10'000'000, 99);
    Crowd crowd(market, "rate", market.buyers());
    market.open("rate");
    const auto warm = Clock::now() + 2s;
    const auto at_once = static_cast<std::size_t>(options.at_once);
    crowd.rush(at_once, [&] { return Clock::now() >= warm; });

    crowd.begin();
    const auto before_rows = market.ledger_number("SELECT count(*) FROM orders");
    const auto batches = Batches::parse(market.metrics());
    const Cpu before(market);
    const auto begun = Clock::now();
    crowd.rush(at_once, [&] { return Clock::now() >= begun + std::chrono::seconds(options.seconds); });
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    const Cpu after(market);
    const auto count = static_cast<double>(crowd.counts().accepted);
    const auto rows = market.ledger_number("SELECT count(*) FROM orders") - before_rows;
    if (rows != crowd.counts().accepted || crowd.counts().rejected + crowd.counts().sold_out > 0)
        throw std::runtime_error(std::to_string(crowd.counts().accepted) + " orders were accepted, the ledger has " + std::to_string(rows));
    own.rates.per_second.values.push_back(count / seconds);
    own.rates.redis_us.values.push_back((after.redis - before.redis) / count * 1e6);
    own.server_us.values.push_back((after.server - before.server) / count * 1e6);
    own.client_us.values.push_back((after.client - before.client) / count * 1e6);
    own.ms = crowd.ms();
    const auto distribution = Batches::parse(market.metrics()).since(batches);
    own.batch.values.push_back(distribution.mean());
    own.batches = distribution.text();
}

void add_peer(const SaleBenchOptions& options, Rates& rates) {
    if (options.peer.empty()) return;
    const auto figures = run_peer(options.peer, options.seconds);
    rates.per_second.values.push_back(static_cast<double>(figures.orders) / figures.seconds);
    rates.redis_us.values.push_back(figures.redis_cpu_s / static_cast<double>(figures.orders) * 1e6);
}

const char* verdict(bool measured, bool met) { return !measured ? "no peer" : met ? "met" : "NOT MET"; }

}  // namespace

void measure_orders(const SaleBenchOptions& options) {
    allow_many_descriptors();
    std::printf("\nOrders accepted end to end: %d orders under way, of %d buyers in turn, each over its own WebSocket, strict mode (after the ledger's commit, SQLite FULL), Redis appendfsync\n"
                "always; client, server and Redis share the machine. Beside it redis-benchmark on place3 (50 clients, depth 16), alone with its Redis. %d rounds of %d s each, order turned\n"
                "each round.\n",
                options.at_once, options.crowd, options.rounds, options.seconds);
    Rates peer;
    Own own;
    for (int round = 0; round < options.rounds; ++round) {
        if (round % 2 == 0) add_peer(options, peer);
        add_own(options, own);
        if (round % 2 == 1) add_peer(options, peer);
    }
    const bool has_peer = !options.peer.empty();
    const double ratio = has_peer ? own.rates.per_second.median() / peer.per_second.median() : 0;
    const double redis_ratio = has_peer ? own.rates.redis_us.median() / peer.redis_us.median() : 0;
    std::printf("\n| | place3 | Livefair | ratio | goal | |\n|---|---|---|---|---|---|\n"
                "| orders/s | %s | %s | %.2f | >= 1.2 | %s |\n| Redis, us an order | %s | %s | %.2f | <= 0.5 | %s |\n",
                peer.per_second.text(0).c_str(), own.rates.per_second.text(0).c_str(), ratio, verdict(has_peer, ratio >= 1.2), peer.redis_us.text(1).c_str(),
                own.rates.redis_us.text(1).c_str(), redis_ratio, verdict(has_peer, redis_ratio <= 0.5));
    std::printf("\nServer (gateway, checkout, ledger): %s us an order; client: %s us. Answers: p50 %.1f ms, p99 %.1f ms (last round).\n"
                "Purchases in one call: mean %s; of the calls %s (last round).\n",
                own.server_us.text(1).c_str(), own.client_us.text(1).c_str(), own.ms.quantile(0.5), own.ms.quantile(0.99), own.batch.text(1).c_str(), own.batches.c_str());
}

}  // namespace livefair::bench
