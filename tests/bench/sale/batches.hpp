#pragma once

#include <map>
#include <string>

namespace livefair::bench {

/// The server's histogram livefair_purchases_per_call: upper bound -> calls of at most so many purchases, cumulative as Prometheus has it.
struct Batches {
    std::map<double, double> calls;
    double purchases = 0;

    static Batches parse(const std::string& metrics);
    Batches since(const Batches& before) const;
    double mean() const;
    /// Calls in all.
    double count() const { return calls.empty() ? 0 : calls.rbegin()->second; }
    /// "1: 3 %, 2-4: 10 %, ...".
    std::string text() const;
};

}  // namespace livefair::bench
