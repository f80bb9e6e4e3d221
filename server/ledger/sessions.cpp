#include "ledger/sessions.hpp"

#include <livefair/v1/account.pb.h>

#include "auth/token.hpp"
#include "base/random.hpp"
#include "ledger/ledger.hpp"
#include "ledger/people.hpp"

namespace livefair::ledger {
namespace {

// How exact seen_ms is; a write for each request would be a waste.
constexpr std::int64_t seen_step_ms = 300'000;
constexpr std::size_t user_agent_bytes_max = 200;
constexpr std::int64_t day_ms = 86'400'000;

/// What the ledger says about a token.
struct StoredSession {
    auth::Identity identity;
    std::int64_t seen_ms = 0;
    std::int64_t expires_ms = 0;
};

Result<StoredSession> find_session(Database& db, const std::string& token_hash, std::int64_t now_ms) {
    const auto rows =
        db.query("SELECT id, account_id, seen_ms, expires_ms FROM sessions WHERE token_hash = ?", {token_hash});
    if (!rows) return rows.error();
    if (rows->empty() || rows->front().integer(3) <= now_ms) return Errc::unauthenticated;
    const Row& row = rows->front();
    auto identity = find_identity(db, AccountId(row.text(1)));
    if (!identity) return identity.error();
    identity->session_id = row.text(0);
    return StoredSession{std::move(*identity), row.integer(2), row.integer(3)};
}

/// Removes the account's sessions that have run out, and ends its oldest until there is room for one more. Returns how
/// many were ended.
Result<std::int64_t> make_room(Database& db, const AccountId& account, std::int64_t now_ms) {
    const auto ended =
        db.execute("DELETE FROM sessions WHERE account_id = ? AND expires_ms <= ?", {account.str(), now_ms});
    if (!ended) return ended.error();
    return db.execute(
        "DELETE FROM sessions WHERE account_id = ? AND id NOT IN "
        "(SELECT id FROM sessions WHERE account_id = ? ORDER BY created_ms DESC, id LIMIT ?)",
        {account.str(), account.str(), std::int64_t{Sessions::sessions_per_account_max - 1}});
}

/// Cuts at a character's start, so that the text stays valid UTF-8.
std::string cut(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
    text.resize(bytes_max);
    return text;
}

}  // namespace

Result<std::vector<std::string>> devices_of(Database& db, const AccountId& account) {
    const auto rows = db.query("SELECT DISTINCT device FROM sessions WHERE account_id = ? AND device <> '' ORDER BY device", {account.str()});
    if (!rows) return rows.error();
    std::vector<std::string> devices;
    for (const auto& row : *rows) devices.push_back(row.text(0));
    return devices;
}

Sessions::Sessions(Ledger& ledger, const Clock& clock, std::int64_t session_days)
    : ledger_(ledger), clock_(clock), session_ms_(session_days * day_ms) {}

net::Task<Result<Sessions::Opened>> Sessions::open(AccountId account, std::string user_agent, std::string device) {
    Opened opened{auth::make_token(), clock_.unix_ms() + session_ms_};
    auto insert = [account, now_ms = clock_.unix_ms(), hash = auth::hash_token(opened.token),
                   expires_ms = opened.expires_ms, device = std::move(device),
                   agent = cut(std::move(user_agent), user_agent_bytes_max)](Database& db) -> Result<std::int64_t> {
        if (const auto identity = find_identity(db, account); !identity) return identity.error();
        const auto ended = make_room(db, account, now_ms);
        if (!ended) return ended.error();
        const auto made = db.execute(
            "INSERT INTO sessions (token_hash, id, account_id, user_agent, device, created_ms, seen_ms, expires_ms) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            {hash, random_hex(16), account.str(), agent, device, now_ms, now_ms, expires_ms});
        if (!made) return made.error();
        return *ended;
    };
    const Result<std::int64_t> ended = co_await ledger_.write(std::move(insert));
    if (!ended) co_return ended.error();
    // Sessions that made room must not live on in the cache.
    if (*ended > 0) forget(account);
    co_return opened;
}

net::Task<Result<auth::Identity>> Sessions::find(std::string token) {
    // Longer than any token of ours: not worth a hash.
    if (token.empty() || token.size() > 128) co_return Errc::unauthenticated;
    const auto hash = auth::hash_token(token);
    const auto now_ms = clock_.unix_ms();
    if (auto known = cache_.find(hash, now_ms)) co_return std::move(*known);
    const auto generation_before = cache_.generation();
    auto select = [hash, now_ms](Database& db) { return find_session(db, hash, now_ms); };
    const Result<StoredSession> stored = co_await ledger_.read(std::move(select));
    if (!stored) co_return stored.error() == Errc::not_found ? make_error_code(Errc::unauthenticated) : stored.error();
    cache_.remember(hash, stored->identity, now_ms, stored->expires_ms, generation_before);
    if (now_ms - stored->seen_ms >= seen_step_ms) co_await mark_seen(hash, now_ms);
    co_return stored->identity;
}

net::Task<Result<v1::ListSessionsResponse>> Sessions::list(auth::Identity who) {
    auto select = [who, now_ms = clock_.unix_ms()](Database& db) -> Result<v1::ListSessionsResponse> {
        const auto rows = db.query(
            "SELECT id, created_ms, seen_ms, user_agent FROM sessions WHERE account_id = ? AND expires_ms > ? "
            "ORDER BY created_ms DESC, id LIMIT 100",
            {who.account.str(), now_ms});
        if (!rows) return rows.error();
        v1::ListSessionsResponse response;
        for (const Row& row : *rows) {
            auto* session = response.add_sessions();
            session->set_id(row.text(0));
            session->set_created_ms(row.integer(1));
            session->set_seen_ms(row.integer(2));
            session->set_user_agent(row.text(3));
            session->set_current(row.text(0) == who.session_id);
        }
        return response;
    };
    co_return co_await ledger_.read(std::move(select));
}

net::Task<Result<>> Sessions::revoke(AccountId account, std::string session_id) {
    auto remove = [account, session_id](Database& db) -> Result<> {
        const auto removed =
            db.execute("DELETE FROM sessions WHERE account_id = ? AND id = ?", {account.str(), session_id});
        if (!removed) return removed.error();
        if (*removed == 0) return Errc::not_found;
        return {};
    };
    const Result<> removed = co_await ledger_.write(std::move(remove));
    if (!removed) co_return removed.error();
    cache_.drop([&](const auth::Identity& identity) { return identity.session_id == session_id; });
    if (on_revoked_) on_revoked_(session_id);
    co_return Result<>();
}

void Sessions::forget(const AccountId& account) {
    cache_.drop([&](const auth::Identity& identity) { return identity.account == account; });
}

net::Task<> Sessions::mark_seen(std::string token_hash, std::int64_t now_ms) {
    auto update = [token_hash, now_ms](Database& db) {
        return db.execute("UPDATE sessions SET seen_ms = ? WHERE token_hash = ?", {now_ms, token_hash});
    };
    // Only a convenience for people: a failure must not refuse the request.
    (void)co_await ledger_.write(std::move(update));
}

}  // namespace livefair::ledger
