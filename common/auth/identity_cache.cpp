#include "auth/identity_cache.hpp"

#include <algorithm>

namespace livefair::auth {

std::optional<Identity> IdentityCache::find(const std::string& token_hash, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(token_hash);
    if (found == index_.end()) return std::nullopt;
    // More than a lifetime to go: the clock was set back after it was remembered.
    const auto fresh_ms = found->second->fresh_until_ms - now_ms;
    if (fresh_ms <= 0 || fresh_ms > lifetime_ms) return std::nullopt;
    return found->second->identity;
}

std::uint64_t IdentityCache::generation() {
    const std::lock_guard lock(mutex_);
    return generation_;
}

void IdentityCache::remember(const std::string& token_hash, const Identity& identity, std::int64_t now_ms, std::int64_t expires_ms,
                             std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    if (generation != generation_) return;
    if (const auto old = index_.find(token_hash); old != index_.end()) erase(old->second);
    if (entries_.size() >= entries_max) erase(entries_.begin());
    entries_.push_back({token_hash, identity, std::min(expires_ms, now_ms + lifetime_ms)});
    index_.emplace(token_hash, std::prev(entries_.end()));
}

void IdentityCache::erase(Entries::iterator entry) {
    index_.erase(entry->token_hash);
    entries_.erase(entry);
}

}  // namespace livefair::auth
