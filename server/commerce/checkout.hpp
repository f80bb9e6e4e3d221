#pragma once

#include <chrono>
#include <memory>

#include "base/id.hpp"
#include "commerce/commit_watch.hpp"
#include "commerce/purchase_queue.hpp"
#include "commerce/sold_out_book.hpp"
#include "commerce/till.hpp"
#include "ledger/ledger.hpp"

namespace livefair::v1 {
class PlaceOrder;
class OrderAnswer;
class CancelOrderResponse;
}  // namespace livefair::v1

namespace livefair::commerce {

/// A purchase from request to answer. One per shard; not thread-safe. "Accepted" is said only after the ledger's commit,
/// unless the options say otherwise.
class Checkout {
public:
    struct Options {
        std::chrono::milliseconds commit_deadline{3000};  ///< Longest wait for the ledger; then the answer is UNKNOWN.
        bool is_relaxed = false;  ///< "Accepted" is said when Redis has decided, before the ledger has the order (orders.relaxed_answers).
        PurchaseQueue::Options queue;
    };
    Checkout(Till& till, CommitWatch& watch, ledger::Ledger& ledger, SoldOutBook& sold_out, Options options);
    ~Checkout();

    /// Never fails: what could not be decided is OUTCOME_UNKNOWN, and the same order id asked again gets one final
    /// answer.
    net::Task<v1::OrderAnswer> place(AccountId buyer, v1::PlaceOrder request);
    /// Cancels the buyer's own unpaid order. OUTCOME_REJECTED: paid, ended, or not the buyer's; the response carries
    /// the order where there is one.
    net::Task<v1::CancelOrderResponse> cancel(AccountId buyer, ShowId show, OrderId order);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::commerce
