#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/projector_batch.hpp"
#include "redis/client.hpp"

namespace livefair::ledger {

/// Says through Redis what the ledger has committed: the message and the key `{s<show>}:committed`, and changed orders on
/// `lf:orders`. Messages leave in the order of the calls, and nobody waits for their answers; at most 1000 are under way.
/// Lives on one executor; not thread-safe.
class CommitMessages : public std::enable_shared_from_this<CommitMessages> {
public:
    CommitMessages(net::asio::any_io_executor executor, const redis::Options& redis) : executor_(executor), redis_(executor, redis) {}
    void start() { redis_.start(); }
    void stop() { redis_.stop(); }
    redis::Client& redis() { return redis_; }

    /// Message and key. A lost message costs its waiters a look at the key, so it is not repeated. The message goes first,
    /// because buyers wait for it.
    net::Task<> publish(ShowId show, std::string last_id, std::string epoch, std::vector<RefusedOrder> refused);
    /// Only the key, which is what waiters look at when they have missed the message: it is written until Redis has it, for
    /// no later commit may come that would say it, too.
    net::Task<> set_key(ShowId show, std::string last_id, std::string epoch);
    /// Tells a buyer of an order.
    net::Task<> tell(Notice notice);
    /// Writes keys again that Redis has not taken.
    net::Task<> say_again();
    /// Another program speaks for the show now.
    void forget(const ShowId& show) { unsaid_.erase(show); }

private:
    net::Task<> send(redis::Client::Command command);
    net::Task<> send_key(ShowId show, std::string position);
    static net::Task<> deliver(std::shared_ptr<CommitMessages> self, redis::Client::Command command);
    static net::Task<> deliver_key(std::shared_ptr<CommitMessages> self, ShowId show, std::string position);

    net::asio::any_io_executor executor_;
    redis::Client redis_;
    std::size_t unanswered_ = 0;
    std::map<ShowId, std::string> unsaid_;  ///< Newest positions that Redis has not been told.
    std::chrono::steady_clock::time_point next_saying_;
};

}  // namespace livefair::ledger
