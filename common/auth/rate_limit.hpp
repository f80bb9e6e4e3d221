#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace livefair::auth {

/// How often something may happen: `per_second` on average, `burst` at once.
struct Rate {
    double per_second;
    double burst;
};

/// Tokens that refill with time; starts full. Not thread-safe. O(1).
class TokenBucket {
public:
    using Time = std::chrono::steady_clock::time_point;
    TokenBucket(Rate rate, Time now) : rate_(rate), tokens_(rate.burst), at_(now) {}
    /// Takes one token; false, taking nothing, when there is none.
    bool take(Time now);
    /// Whether take() would succeed.
    bool has_token(Time now) const { return tokens_at(now) >= 1; }
    bool is_full(Time now) const { return tokens_at(now) >= rate_.burst; }

private:
    double tokens_at(Time now) const;
    Rate rate_;
    double tokens_;
    Time at_;
};

/// A bucket for each key (an address, an account, a phone's hash). Thread-safe (a short lock), so that one limit can
/// hold for the whole program. Holds `keys_max` keys; a new one displaces the oldest full bucket, which forgets
/// nothing, or the oldest of all when none of the oldest 16 is full.
class KeyedLimiter {
public:
    KeyedLimiter(const Clock& clock, Rate rate, std::size_t keys_max = 65'536);
    /// Takes a token of `key`; false when it has none left.
    bool allow(std::string_view key);
    /// Whether `key` has a token left, taking none: for limits on failures, which are known only afterwards.
    bool has_token(std::string_view key) const;
    std::size_t size() const;

private:
    struct Entry {
        std::string key;
        TokenBucket bucket;
    };
    using Entries = std::list<Entry>;  // least recently used first
    void make_room(TokenBucket::Time now);

    const Clock& clock_;
    const Rate rate_;
    const std::size_t keys_max_;
    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string_view, Entries::iterator> index_;  // views of Entry::key
};

}  // namespace livefair::auth
