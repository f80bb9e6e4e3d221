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
    crowd.begin();
    const auto batches = Batches::parse(market.metrics());
    crowd.pace(options.pace, std::chrono::seconds(options.seconds));
    const auto wanted = static_cast<std::int64_t>(options.pace * options.seconds);
    if (crowd.counts().accepted < wanted - 1) throw std::runtime_error("only " + std::to_string(crowd.counts().accepted) + " orders were accepted");
    const auto distribution = Batches::parse(market.metrics()).since(batches);
    const auto p99 = crowd.ms().quantile(0.99);
    std::printf("\nA steady %.0f orders a second for %d s, strict mode, from when each was due to its answer\n\n| p50 | p99 | most | goal | |\n|---|---|---|---|---|\n"
                "| %.1f ms | %.1f ms | %.1f ms | p99 <= %.0f ms | %s |\n\nPurchases in one call: mean %.1f; of the calls %s.\n",
                options.pace, options.seconds, crowd.ms().quantile(0.5), p99, crowd.ms().quantile(1), goal_ms, p99 <= goal_ms ? "met" : "NOT MET", distribution.mean(),
                distribution.text().c_str());
}

}  // namespace livefair::bench
