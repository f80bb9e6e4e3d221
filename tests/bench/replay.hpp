#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::bench {

/// The evening of 30 June 2020 in Hunan once more, faster: fourteen cities sell in turn, in the show's two hours, the 1,242,000 items for 1,362 万元 that
/// its bulletin named. How they were spread over the cities was not published: each city's items and price here are invented, their sums are not.
inline constexpr std::int64_t hunan_items = 1'242'000, hunan_fen = 1'362'000'000;
inline constexpr std::chrono::seconds hunan_length{7200};

struct ReplayOptions {
    std::string url;
    std::string operator_password;
    std::string ledger;                  ///< The server's SQLite file, read beside it to recount.
    double speed = 60;                   ///< So many times as fast as the evening.
    std::size_t buyers = 1400;           ///< Each buys its part of what every city sells.
    std::int64_t items_per_order = 25;
};

/// What one city sells.
struct CityTarget {
    std::int64_t items = 0;
    std::int64_t price_fen = 0;  ///< Of one item.
};
/// One for each of evening_cities(); sums: hunan_items, and hunan_fen of items times price.
std::vector<CityTarget> hunan_targets();

/// Makes the show, its buyers and their orders, pays them, ends the show, prints its bulletin beside the ledger's rows and the evening's figures.
/// Errors: conflict - they differ; those of Api and Buyer.
net::Task<Result<>> replay_hunan(ReplayOptions options);

}  // namespace livefair::bench
