#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/fanout/audience.hpp"
#include "integration/room/house.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {

/// INFO of a Redis server: the number behind "name:".
double redis_info(const std::string& socket, const std::string& section, const std::string& name);
/// Calls of each command since the server's start.
std::map<std::string, std::int64_t> redis_calls(const std::string& socket);

/// livefair-server in its default configuration with a Redis (appendfsync always) and a ledger of its own, and buyers who are signed in and
/// have an address: written into the ledger's tables beside the running server, because signing in is not what is measured.
/// Every failing step throws std::runtime_error.
class Market {
public:
    explicit Market(std::size_t buyers);

    /// A live show with one offer of one product, a draft yet.
    void add_sale(const std::string& name, std::int64_t boxes, std::int64_t limit_per_buyer);
    void open(const std::string& name);

    Door door(std::size_t buyer) const;
    /// A ClientMessage with PlaceOrder for one box; `id` has 24 characters.
    std::string order(const std::string& sale, std::size_t buyer, const std::string& id) const;

    std::size_t buyers() const { return tokens_.size(); }
    pid_t server() { return house_.server().pid(); }
    const std::string& redis() { return house_.redis().socket(); }
    pid_t redis_pid() { return house_.redis().pid(); }
    /// Metrics in Prometheus' text format.
    std::string metrics();
    /// The number that `sql` selects in the ledger.
    std::int64_t ledger_number(const std::string& sql) const;

private:
    test::House::Settings settings() const;
    void seed(std::size_t buyers);

    test::TemporaryFolder folder_;
    test::House house_;
    std::vector<std::string> tokens_;
};

}  // namespace livefair::bench
