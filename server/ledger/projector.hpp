#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/ledger.hpp"
#include "ledger/orders.hpp"
#include "redis/client.hpp"

namespace livefair::ledger {

/// How many of an offer can still be bought, as the till said with the newest decision of the batch.
struct OfferLeft {
    OfferId offer;
    std::int64_t left = 0;
};

struct ChangedOrder {
    OrderId id;
    AccountId buyer;
    OrderState state = OrderState::reserved;
    bool is_new = false;  ///< Placed in this batch.
};

/// What one SQL commit did to one show.
struct CommitSummary {
    ShowId show;
    std::string last_id;  ///< Newest stream id that the ledger now has.
    std::vector<OfferLeft> left;
    std::vector<ChangedOrder> orders;
};

/// An order that the gate had let through and the ledger's cap refused. `short_stocks`: those that were used up.
struct RefusedOrder {
    ShowId show;
    OrderId order;
    OfferId offer;
    std::vector<std::string> short_stocks;
};

/// Reads the orders streams of all watched shows and commits them with their cursor in one SQL transaction: a stream
/// read twice changes nothing. After each commit it gives refused orders back to the till, SETs and publishes
/// `{s<show>}:committed` (payload "<id> <refused order>...") and publishes changed orders on `lf:orders` ("<account id>
/// " + v1::Order bytes). One per show: it has the
/// show's lease (leases.hpp), and each commit finds it still there. Lives on one executor; not thread-safe. A
/// connection of its own.
class Projector {
public:
    struct Options {
        std::int64_t batch_ms = 5;  ///< Longest wait for more rows while orders come fast (0 to 15).
        std::int64_t batch_rows = 4000;
        /// After so long without a word from the program that projects a show another takes over.
        std::chrono::milliseconds lease{3000};
    };
    using OnCommit = std::function<void(const CommitSummary&)>;
    using OnRefused = std::function<net::Task<>(RefusedOrder)>;

    Projector(net::asio::any_io_executor executor, redis::Options redis, Ledger& ledger, Options options);
    ~Projector();

    /// Set before start(); called on the executor.
    void on_commit(OnCommit handler);
    void on_refused(OnRefused handler);
    void start();
    /// Stops reading; what was read and not committed is read again by the next one. Its tasks end soon after; the
    /// ledger and the handlers have to live until then.
    void stop();
    /// Reads this show's stream from the ledger's cursor on. Shows in the ledger's table `tills` are watched from
    /// start().
    void watch(const ShowId& show);
    /// Whether this is the projector of the show: it has the show's lease, as far as it knows.
    bool holds(const ShowId& show) const;
    /// Waits until the ledger has all that was in the show's stream at the time of the call.
    /// Errors: timed_out, redis_unavailable, redis_unknown.
    net::Task<Result<>> catch_up(ShowId show, std::chrono::milliseconds deadline);

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::ledger
