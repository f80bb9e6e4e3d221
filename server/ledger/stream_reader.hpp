#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "ledger/order_text.hpp"
#include "ledger/stream_entry.hpp"
#include "redis/client.hpp"

namespace livefair::ledger {

/// Which Redis server, by its run id, the entries of a show were read from.
using Servers = std::map<ShowId, std::string>;
/// How far each show's stream has been read.
using Positions = std::map<ShowId, StreamId>;

/// What has been read and is not written yet.
struct Reading {
    std::vector<StreamEntry> entries;
    Servers servers;
};

/// Key of the show's stream in Redis.
std::string orders_key(const ShowId& show);
void move_on(Positions& positions, const std::vector<StreamEntry>& entries);

/// Reads shows' orders streams, on a connection of its own: it blocks there. Lives on one executor; not thread-safe.
class StreamReader : public std::enable_shared_from_this<StreamReader> {
public:
    /// Longest wait for a first entry.
    static constexpr std::chrono::milliseconds block{100};

    StreamReader(net::asio::any_io_executor executor, const redis::Options& redis);
    void start();
    void stop();

    /// Adds to `into` at most `count` entries of each show. Errors: those of Redis; redis_unavailable - also when
    /// another server may have answered than the one that `into` was read from.
    net::Task<Result<>> read(Positions from, std::int64_t count, std::chrono::milliseconds wait, Reading& into);

    /// What is read while its caller does something else.
    class Ahead {
    public:
        explicit Ahead(const net::asio::any_io_executor& executor);
        /// Waits for the end of the read that is under way.
        net::Task<Reading> finish();

    private:
        friend class StreamReader;
        Reading reading_;
        bool is_enough_ = false, has_ended_ = false;
        net::asio::steady_timer ended_;  ///< Cancelled at the end.
    };
    /// Reads until it has `count` entries, a read fails, or the caller needs them.
    std::shared_ptr<Ahead> read_ahead(Positions from, std::int64_t count);

private:
    static net::Task<> run_ahead(std::shared_ptr<StreamReader> self, Positions from, std::int64_t count, std::shared_ptr<Ahead> ahead);
    net::Task<Result<>> read_at_once(Positions from, std::int64_t count, std::chrono::milliseconds wait, Reading& into);

    net::asio::any_io_executor executor_;
    bool is_cluster_;
    bool is_running_ = false;
    redis::Client redis_;
};

}  // namespace livefair::ledger
