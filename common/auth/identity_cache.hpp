#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/roles.hpp"

namespace livefair::auth {

/// Whose tokens were asked for in the last seconds, so that each message need not ask again. Thread-safe. Knows tokens by their SHA-256 alone.
class IdentityCache {
public:
    static constexpr std::int64_t lifetime_ms = 5000;
    static constexpr std::size_t entries_max = 20'000;

    /// Nothing when the identity is not known, or no longer fresh at `now_ms`.
    std::optional<Identity> find(const std::string& token_hash, std::int64_t now_ms);

    /// Rises with each drop(). To be taken before an identity is read from where it is kept: remember() ignores what is older than a drop.
    std::uint64_t generation();
    /// `expires_ms`: when the sign-in ends.
    void remember(const std::string& token_hash, const Identity& identity, std::int64_t now_ms, std::int64_t expires_ms, std::uint64_t generation);
    /// Forgets the identities for which `matches(const Identity&)` holds.
    template <class Matches>
    void drop(Matches matches) {
        const std::lock_guard lock(mutex_);
        ++generation_;
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            const auto next = std::next(entry);
            if (matches(entry->identity)) erase(entry);
            entry = next;
        }
    }

private:
    struct Entry {
        std::string token_hash;
        Identity identity;
        std::int64_t fresh_until_ms;
    };
    using Entries = std::list<Entry>;  // oldest first
    void erase(Entries::iterator entry);

    std::mutex mutex_;
    Entries entries_;
    std::unordered_map<std::string, Entries::iterator> index_;  // by token hash
    std::uint64_t generation_ = 0;
};

}  // namespace livefair::auth
