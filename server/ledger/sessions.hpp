#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "auth/identity_cache.hpp"
#include "base/clock.hpp"
#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class ListSessionsResponse;
}

namespace livefair::ledger {

class Database;
class Ledger;

/// Devices that the account is signed in from. Call it inside Ledger::read(). Errors: ledger_unavailable.
Result<std::vector<std::string>> devices_of(Database& db, const AccountId& account);

/// Sign-ins: opaque random tokens, of which only the SHA-256 is stored. Owned by App; thread-safe, shared by all
/// shards. A bounded cache answers for a few seconds without the ledger; in this process revoking and granting empty it
/// at once, other gateways notice within its time.
class Sessions {
public:
    /// Older ones of the same account end when there would be more.
    static constexpr int sessions_per_account_max = 20;

    Sessions(Ledger& ledger, const Clock& clock, std::int64_t session_days);

    struct Opened {
        std::string token;  ///< Given to the client once; nowhere else.
        std::int64_t expires_ms = 0;
    };
    /// Signs `account` in. `user_agent` is cut to 200 bytes; `device`: auth::device_text(), may be empty. Errors: ledger_unavailable, not_found.
    net::Task<Result<Opened>> open(AccountId account, std::string user_agent, std::string device = {});

    /// Whose token this is. Errors: unauthenticated - unknown, ended or revoked; ledger_unavailable.
    net::Task<Result<auth::Identity>> find(std::string token);

    /// The account's sessions, newest first; `who`'s own is marked.
    net::Task<Result<v1::ListSessionsResponse>> list(auth::Identity who);

    /// Ends one session of `account`. Errors: not_found - the account has no such session.
    net::Task<Result<>> revoke(AccountId account, std::string session_id);

    /// To be called when an account's grants or name have changed: the next find() reads the ledger.
    void forget(const AccountId& account);

    /// Called with the session's public id after each revocation, on the thread that revoked: the gateway closes its
    /// WebSockets. Set before the shards start.
    void on_revoked(std::function<void(const std::string& session_id)> handler) { on_revoked_ = std::move(handler); }

private:
    net::Task<> mark_seen(std::string token_hash, std::int64_t now_ms);

    Ledger& ledger_;
    const Clock& clock_;
    const std::int64_t session_ms_;
    std::function<void(const std::string&)> on_revoked_;
    auth::IdentityCache cache_;
};

}  // namespace livefair::ledger
