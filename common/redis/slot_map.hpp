#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "redis/connection.hpp"
#include "redis/slot.hpp"

/// Private to common/redis: which server of a cluster has which slots.
namespace livefair::redis {

/// What CLUSTER SLOTS says.
struct SlotTable {
    std::vector<Address> primaries;
    std::vector<Address> replicas;
    std::vector<std::uint16_t> owner;  ///< By slot: index into primaries; `nobody` for a slot without a server.
    static constexpr std::uint16_t nobody = 0xFFFF;
};
/// `asked`: the server that gave the reply; it may leave its own name out. Errors: invalid_input.
Result<SlotTable> parse_slots(const Reply& reply, const Address& asked);

/// Keeps the table of a cluster: read at the start, every 10 s, and soon after each refresh_soon(). Always held by a shared_ptr.
class SlotMap : public std::enable_shared_from_this<SlotMap> {
public:
    /// `on_change` is called after each reading, also when nothing has changed.
    SlotMap(net::asio::any_io_executor executor, Options options, std::function<void()> on_change);

    void start();
    void stop();
    void refresh_soon();
    /// What a server has said itself: `slot` is at `to`.
    void moved(std::uint16_t slot, const Address& to);

    /// Null: not known, or nobody has it.
    const Address* find(std::uint16_t slot) const;
    const std::vector<Address>& primaries() const { return table_.primaries; }
    /// Every slot has a server.
    bool is_complete() const;
    /// Waits for the first reading, whether it succeeds or not, until `deadline`.
    static net::Task<> wait_for_first(std::shared_ptr<SlotMap> self, std::chrono::steady_clock::time_point deadline);

private:
    static net::Task<> run(std::shared_ptr<SlotMap> self);
    static net::Task<bool> read(std::shared_ptr<SlotMap> self);
    std::vector<Address> servers() const;

    net::asio::any_io_executor executor_;
    const Options options_;
    const std::function<void()> on_change_;
    SlotTable table_;
    net::asio::steady_timer pause_;
    std::shared_ptr<Connection> connection_;
    bool is_wanted_ = false;
    bool has_tried_ = false;
    bool is_started_ = false;
    bool is_stopped_ = false;
};

}  // namespace livefair::redis
