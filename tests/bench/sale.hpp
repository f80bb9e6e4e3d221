#pragma once

#include <livefair/v1/order.pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/buyer.hpp"

namespace livefair::bench {

/// A flash sale with far more buyers than boxes: who gets one, what the others are told. Ids begin with `name`, which must be new.
struct SaleOptions {
    std::string url;
    std::string name;
    std::int64_t boxes = 100;
    std::int64_t buyers = 500;
    std::int64_t price_fen = 9'999;  ///< Of a box of two counties' products, so that the money is split with a remainder.
    std::chrono::milliseconds patience{60'000};  ///< How long a buyer asks for a final answer.

    std::string show_id() const { return name + "-show"; }
    std::string room_id() const { return name + "-room"; }
    std::string offer_id() const { return name + "-offer"; }
};

/// Makes organisation, products, show, stock and offer as `staff` (an operator), and opens the sale. Errors: those of Api.
net::Task<Result<>> prepare_sale(Api& staff, SaleOptions options);

/// Signs all buyers in and connects their WebSockets. Errors: those of Buyer.
net::Task<Result<std::vector<std::unique_ptr<Buyer>>>> gather_buyers(SaleOptions options);

/// One buyer's order and what came back.
struct Attempt {
    v1::PlaceOrder order;
    std::vector<v1::OrderAnswer> answers;  ///< Final ones; fewer than two when patience ran out.

    bool is_accepted() const { return !answers.empty() && answers.front().outcome() == v1::OUTCOME_ACCEPTED; }
};

/// An order of one for each buyer, not sent yet; in the order of `buyers`.
std::vector<Attempt> make_attempts(const std::vector<std::unique_ptr<Buyer>>& buyers, const SaleOptions& options);

/// All buyers at once, each sending its order twice without waiting for the first answer. Answers are added to `attempts` as they
/// come, so that the caller can watch.
net::Task<> rush(std::vector<std::unique_ptr<Buyer>>& buyers, std::vector<Attempt>& attempts, std::chrono::milliseconds patience);

/// How many orders ended how; an order whose two answers differ counts as "contradictory", one without two answers as "unanswered".
std::map<std::string, std::int64_t> outcomes_of(const std::vector<Attempt>& attempts);

}  // namespace livefair::bench
