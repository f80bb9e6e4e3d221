#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/rate_limit.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"

namespace livefair::ingest {

/// How many RTMP connections an address may have, and how often it may be wrong about a key. Thread-safe; one for all shards.
/// Addresses of limits.trusted_addresses are free of both.
class Gate {
public:
    Gate(const Config& config, const Clock& clock);

    /// Keeps one connection counted; give it back by dropping it.
    class Ticket {
    public:
        Ticket(std::shared_ptr<Gate> gate, std::string address) : gate_(std::move(gate)), address_(std::move(address)) {}
        Ticket(Ticket&&) = default;
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket();

    private:
        std::shared_ptr<Gate> gate_;
        std::string address_;
    };
    /// No ticket: the address has publishers_per_address connections, used up its bad_keys_per_minute, or the program is full.
    static std::optional<Ticket> admit(const std::shared_ptr<Gate>& gate, const std::string& address);
    void note_bad_key(const std::string& address);

private:
    bool is_trusted(const std::string& address) const;

    const std::size_t connections_max_;
    const std::size_t per_address_max_;
    const std::vector<std::string> trusted_;
    auth::KeyedLimiter bad_keys_;
    std::mutex mutex_;
    std::size_t connections_ = 0;
    std::unordered_map<std::string, std::size_t> by_address_;
};

}  // namespace livefair::ingest
