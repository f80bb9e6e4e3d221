#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "bench/fanout/audience.hpp"
#include "bench/media/process_figures.hpp"
#include "bench/sale/market.hpp"

namespace livefair::bench {

/// Buyers of one sale on one thread, each with its own connection and at most one order under way. An answer "unknown" is asked again with the same id.
class Crowd {
public:
    using Time = Audience::Time;
    /// Connects the first `buyers` of the market.
    Crowd(Market& market, std::string sale, std::size_t buyers);

    struct Counts {
        std::int64_t accepted = 0;
        std::int64_t sold_out = 0;
        std::int64_t rejected = 0;  ///< For another reason.
        std::int64_t unknown = 0;
    };
    /// `at_once` orders are under way, of buyers in turn: the next one orders as soon as one has its answer, until `is_over` says so (asked after each
    /// turn); then waits for the answers under way.
    void rush(std::size_t at_once, const std::function<bool()>& is_over);
    /// `per_second` orders, evenly, whoever is free; an order whose time has come while nobody is free counts from then on.
    void pace(double per_second, std::chrono::milliseconds time);
    /// Forgets what was counted.
    void begin();

    const Counts& counts() const { return counts_; }
    /// From sending to the final answer, ms.
    const Readings& ms() const { return ms_; }
    /// When the newest "accepted" came.
    Time last_accepted() const { return last_accepted_; }

private:
    struct Buyer {
        std::string message, id;  ///< `id` is within `message`, at `id_at`.
        std::size_t id_at = 0;
        Time asked;
        bool waits = false;
    };
    void order_next(Time asked);
    void take(std::size_t buyer, std::string_view bytes, Time at);
    void drain();

    Market& market_;
    Audience audience_;
    std::vector<Buyer> buyers_;
    std::deque<std::size_t> free_;
    std::size_t waiting_ = 0;
    std::uint64_t next_id_ = 0;
    bool again_ = false;
    Counts counts_;
    Readings ms_;
    Time last_accepted_;
};

}  // namespace livefair::bench
