#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::commerce {

/// Wakes purchases when the ledger has committed them. One per shard; not thread-safe. The gateway's subscriber feeds
/// it from the channel `{s<show>}:committed`; when messages were missed, wait() ends with `look_again` and the caller
/// asks the till.
class CommitWatch {
public:
    enum class Outcome {
        committed,
        refused,     ///< The ledger's cap refused this order.
        look_again,  ///< Committed, but the message that would have named a refusal may have been missed: ask the till.
        timed_out,
    };
    CommitWatch();
    ~CommitWatch();

    /// Name of the sharded channel, and of the string key with the newest id.
    static std::string channel(const ShowId& show);
    /// A message of the channel: "<id> <refused order>...".
    void on_committed(const ShowId& show, std::string_view payload);
    /// The value of the string key, read after a (re)subscription: refusals between are not known.
    void on_resynced(const ShowId& show, std::string_view id);
    /// Waits until the ledger has `stream_id`.
    net::Task<Outcome> wait(ShowId show, std::string stream_id, OrderId order, std::chrono::milliseconds deadline);
    bool has_waiters(const ShowId& show) const;
    /// Newest epoch that a word of the ledger was of; 0: none has come.
    std::int64_t epoch(const ShowId& show) const;
    /// Newest id known to be committed; empty when none is.
    std::string newest(const ShowId& show) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Order of stream ids "<ms>-<seq>"; an empty one is the smallest.
bool stream_id_less(std::string_view a, std::string_view b);

}  // namespace livefair::commerce
