#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace livefair::net {

/// Counts connections in total and by address, for all shards together. Thread-safe; one short lock per connection's
/// begin and end. Holds one entry per address with a connection, so at most connections_max of them.
class Admissions : public std::enable_shared_from_this<Admissions> {
    using ByAddress = std::map<std::string, std::int64_t>;

public:
    Admissions(std::int64_t connections_max, std::int64_t per_address_max)
        : connections_max_(connections_max), per_address_max_(per_address_max) {}

    /// One place, given back by the destructor.
    class Guard {
    public:
        Guard(std::shared_ptr<Admissions> from, ByAddress::iterator at) : from_(std::move(from)), at_(at) {}
        Guard(Guard&&) = default;
        Guard& operator=(Guard&&) = delete;
        ~Guard() {
            if (from_) from_->leave(at_);
        }

    private:
        std::shared_ptr<Admissions> from_;
        ByAddress::iterator at_;
    };
    /// A place; nullopt when all are taken, or all of this address. `address` empty: counted in total alone.
    std::optional<Guard> enter(const std::string& address);
    std::int64_t total() const;

private:
    void leave(ByAddress::iterator at);

    const std::int64_t connections_max_, per_address_max_;
    mutable std::mutex mutex_;
    std::int64_t total_ = 0;
    ByAddress by_address_;  ///< Its end() stands for those without an address.
};

}  // namespace livefair::net
