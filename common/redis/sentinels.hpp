#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "redis/connection.hpp"
#include "redis/slot.hpp"

/// Private to common/redis: which server is the primary, by the word of Redis Sentinels.
namespace livefair::redis {

/// Sentinels to ask, and the name that they know the primary by.
struct SentinelGroup {
    std::vector<Address> sentinels;
    std::string name;
};
constexpr std::string_view sentinel_scheme = "sentinel://";
/// Options::host as "sentinel://host:port,host:port/name"; nullopt: it is anything else.
std::optional<SentinelGroup> parse_sentinels(std::string_view host);

/// The primary in the reply to SENTINEL GET-MASTER-ADDR-BY-NAME; nullopt when the sentinel knows none.
std::optional<Address> parse_primary(const Reply& reply);
/// The number of the failover that the sentinel knows the primary by, in the reply to SENTINEL MASTER; nullopt when there is none.
std::optional<std::int64_t> parse_config_epoch(const Reply& reply);
/// Whether a message of the channel +switch-master, "<name> <old host> <old port> <new host> <new port>", is about `name`.
bool is_switch_of(std::string_view message, std::string_view name);

/// Asks one sentinel after the other until one knows the primary, then listens to that one for a switch; asks anew, another one first, every 5 s, when the
/// sentinel goes away, and soon after each refresh_soon() or switch. What a sentinel says may be old: one that knows an older failover than another told of is
/// not believed for 30 s, and who connects checks the server's role. Always held by a shared_ptr.
class Sentinels : public std::enable_shared_from_this<Sentinels> {
public:
    /// `on_change` is called when the primary has become another one.
    /// `options`: deadlines and password, which the sentinels share with the servers.
    Sentinels(net::asio::any_io_executor executor, SentinelGroup group, const Options& options, std::function<void(const Address& primary)> on_change);

    void start();
    void stop();
    /// The primary has been lost, or is one no more.
    void refresh_soon();
    /// The number of the failover that made it the primary; 0: none is known.
    std::int64_t epoch() const { return epoch_; }
    /// Waits for the first answer, or until all sentinels have been asked, or until `deadline`.
    static net::Task<> wait_for_first(std::shared_ptr<Sentinels> self, std::chrono::steady_clock::time_point deadline);

private:
    static net::Task<> run(std::shared_ptr<Sentinels> self);
    static net::Task<bool> ask(std::shared_ptr<Sentinels> self);
    static net::Task<> listen(std::shared_ptr<Sentinels> self, std::shared_ptr<Connection> connection);
    /// A sentinel that was cut off goes on naming the primary of before. A group that was set up anew counts its failovers from 0 again.
    bool is_outdated(std::int64_t epoch) const;
    void found(const Address& primary, std::int64_t epoch);

    net::asio::any_io_executor executor_;
    const std::string name_;
    std::vector<Options> each_;  ///< Of a connection to each sentinel.
    const std::function<void(const Address&)> on_change_;
    Address primary_;
    std::int64_t epoch_ = 0;
    std::chrono::steady_clock::time_point confirmed_at_;
    net::asio::steady_timer pause_;
    std::shared_ptr<Connection> connection_;
    std::size_t turn_ = 0;
    bool has_tried_ = false;
    bool is_wanted_ = false;
    bool is_started_ = false;
    bool is_stopped_ = false;
};

}  // namespace livefair::redis
