#pragma once

#include <string>

namespace livefair::bench {

struct SaleBenchOptions {
    int rounds = 2;          ///< Of peer and product where rates are compared, their order turned each time; of answer times.
    int seconds = 10;        ///< Of one measurement, after the warm-up.
    int at_once = 1000;      ///< Orders under way where rates are compared, of buyers in turn.
    int crowd = 5000;        ///< Buyers.
    int boxes = 100'000;     ///< Its stock.
    double pace = 1725;      ///< Orders a second where answer times are measured.
    std::string peer;        ///< The Lua library with the Function place3, a yardstick; empty: figures without ratios.
};

/// Each prints what it does and the rows of its table, and says whether the goal is met. They throw std::runtime_error when an answer is wrong:
/// what is accepted must be in the ledger.

/// Orders accepted end to end, with processor times and batch sizes, beside redis-benchmark on place3.
void measure_orders(const SaleBenchOptions& options);
/// A flash sale to its last box, the memory that its orders take, and then answers "sold out".
void measure_boxes(const SaleBenchOptions& options);
/// What an order takes in Redis, by how often one buyer buys.
void measure_memory(const SaleBenchOptions& options);
/// Answer times at a steady rate.
void measure_pace(const SaleBenchOptions& options);

}  // namespace livefair::bench
