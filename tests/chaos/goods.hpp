#pragma once

#include "bench/api.hpp"
#include "chaos/shopper.hpp"

namespace livefair::chaos {

struct Goods {
    std::string name;  ///< Ids begin with it.
    std::int64_t stock = 0, limit = 0, hold_ms = 0;
};

/// A live show with two stocks and two open offers: one of the first stock, and a bundle of both, so that offers contend for a stock and an order may
/// find one part sold out. `staff`: an operator. Errors: those of Api.
net::Task<Result<Shelf>> make_show(bench::Api& staff, Goods goods);

}  // namespace livefair::chaos
