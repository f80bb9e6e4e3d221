#include "auth/rate_limit.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace livefair::auth {
namespace {

// How far make_room() looks for a full bucket: a bound on its time under the lock.
constexpr int looked_at_max = 16;

}  // namespace

double TokenBucket::tokens_at(Time now) const {
    const double seconds = std::chrono::duration<double>(now - at_).count();
    return std::min(rate_.burst, tokens_ + std::max(0.0, seconds) * rate_.per_second);
}

bool TokenBucket::take(Time now) {
    tokens_ = tokens_at(now);
    at_ = std::max(at_, now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

KeyedLimiter::KeyedLimiter(const Clock& clock, Rate rate, std::size_t keys_max)
    : clock_(clock), rate_(rate), keys_max_(keys_max) {
    LF_CHECK(keys_max_ > 0);
}

bool KeyedLimiter::allow(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady();
    if (const auto found = index_.find(key); found != index_.end()) {
        entries_.splice(entries_.end(), entries_, found->second);
        return found->second->bucket.take(now);
    }
    if (entries_.size() >= keys_max_) make_room(now);
    entries_.push_back({std::string(key), TokenBucket(rate_, now)});
    const auto entry = std::prev(entries_.end());
    index_.emplace(entry->key, entry);
    return entry->bucket.take(now);
}

bool KeyedLimiter::has_token(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    return found == index_.end() || found->second->bucket.has_token(clock_.steady());
}

std::size_t KeyedLimiter::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

void KeyedLimiter::make_room(TokenBucket::Time now) {
    auto victim = entries_.begin();
    auto entry = entries_.begin();
    for (int looked_at = 0; looked_at < looked_at_max && entry != entries_.end(); ++looked_at, ++entry) {
        if (!entry->bucket.is_full(now)) continue;
        victim = entry;
        break;
    }
    index_.erase(victim->key);
    entries_.erase(victim);
}

}  // namespace livefair::auth
