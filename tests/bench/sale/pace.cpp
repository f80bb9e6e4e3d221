#include <cstdio>
#include <stdexcept>

#include "bench/many_descriptors.hpp"
#include "bench/sale/batches.hpp"
#include "bench/sale/crowd.hpp"
#include "bench/sale/measurements.hpp"

namespace livefair::bench {

using namespace std::chrono_literals;

void measure_pace(const SaleBenchOptions& options) {
    allow_many_descriptors();
    constexpr double goal_ms = 50;
    Market market(static_cast<std::size_t>(options.crowd));
    market.add_sale("pace", 10'000'000, 99);
    Crowd crowd(market, "pace", market.buyers());
    market.open("pace");
    crowd.pace(options.pace, 3s);
    const auto wanted = static_cast<std::int64_t>(options.pace * options.seconds);
    const auto batches = Batches::parse(market.metrics());
    Readings p50, p99, most;
    for (int round = 0; round < options.rounds; ++round) {
        crowd.begin();
        crowd.pace(options.pace, std::chrono::seconds(options.seconds));
        if (crowd.counts().accepted < wanted - 1) throw std::runtime_error("only " + std::to_string(crowd.counts().accepted) + " orders were accepted");
        p50.values.push_back(crowd.ms().quantile(0.5));
        p99.values.push_back(crowd.ms().quantile(0.99));
        most.values.push_back(crowd.ms().quantile(1));
    }
    const auto distribution = Batches::parse(market.metrics()).since(batches);
    std::printf("\nA steady %.0f orders a second, %d rounds of %d s, strict mode, ms from when each was due to its answer\n\n| p50 | p99 | most | goal | |\n|---|---|---|---|---|\n"
                "| %s | %s | %s | p99 <= %.0f | %s |\n\nPurchases in one call: mean %.1f; of the calls %s.\n",
                options.pace, options.rounds, options.seconds, p50.text(1).c_str(), p99.text(1).c_str(), most.text(1).c_str(), goal_ms, p99.median() <= goal_ms ? "met" : "NOT MET",
                distribution.mean(), distribution.text().c_str());
}

}  // namespace livefair::bench
