#include "ledger/leases.hpp"

#include <unistd.h>

#include <array>

#include "base/log.hpp"
#include "base/random.hpp"

namespace livefair::ledger {

namespace {

std::string new_id() {
    std::array<char, 256> host{};
    (void)::gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + " " + std::to_string(::getpid()) + " " + random_hex(4);
}

}  // namespace

Result<> prolong_projector(Database& database, const std::string& projector, std::chrono::milliseconds length) {
    const auto now = database.now_ms();
    if (!now) return now.error();
    // Those that died a day ago are of no interest to anybody.
    constexpr std::int64_t day_ms = 24 * 3600 * 1000;
    const auto swept = database.execute("DELETE FROM projectors WHERE until_ms < ?", {*now - day_ms});
    if (!swept) return swept.error();
    const auto prolonged = database.execute(
        "INSERT INTO projectors (id, until_ms) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until_ms = excluded.until_ms",
        {projector, *now + length.count()});
    if (!prolonged) return prolonged.error();
    return {};
}

Result<std::optional<Lease>> take_lease(Database& database, const ShowId& show, const std::string& projector) {
    const auto made = database.execute(
        "INSERT INTO leases (show_id, projector_id, token) VALUES (?, '', 0) ON CONFLICT DO NOTHING", {show.str()});
    if (!made) return made.error();
    const auto now = database.now_ms();
    if (!now) return now.error();
    const auto taken = database.execute(
        "UPDATE leases SET projector_id = ?, token = token + 1 WHERE show_id = ? AND (projector_id = ? OR NOT EXISTS "
        "(SELECT 1 FROM projectors p WHERE p.id = leases.projector_id AND p.until_ms > ?))",
        {projector, show.str(), projector, *now});
    if (!taken) return taken.error();
    if (*taken == 0) return std::optional<Lease>();
    const auto token = database.query("SELECT token FROM leases WHERE show_id = ?", {show.str()});
    if (!token) return token.error();
    return std::optional<Lease>(Lease{show, token->front().integer(0)});
}

Result<> check_leases(Database& database, const std::vector<Lease>& leases) {
    for (const auto& lease : leases) {
        // Written, not only read: who takes it meanwhile has to wait for us, or we for it.
        const auto held = database.execute("UPDATE leases SET token = token WHERE show_id = ? AND token = ?",
                                           {lease.show.str(), lease.token});
        if (!held) return held.error();
        if (*held == 0) return make_error_code(Errc::forbidden);
    }
    return {};
}

Result<> leave_projector(Database& database, const std::string& projector) {
    const auto left = database.execute("DELETE FROM projectors WHERE id = ?", {projector});
    if (!left) return left.error();
    return {};
}

Result<> leave_all_projectors(Database& database) {
    const auto left = database.execute("DELETE FROM projectors");
    if (!left) return left.error();
    return {};
}

LeaseBook::LeaseBook(Ledger& ledger, std::chrono::milliseconds length)
    : ledger_(ledger), length_(length), id_(new_id()) {}

net::Task<Result<std::optional<std::string>>> LeaseBook::take(ShowId show) {
    using Taken = std::optional<std::pair<Lease, std::string>>;
    auto take_and_read = [show, id = id_, length = length_](Database& database) -> Result<Taken> {
        if (const auto alive = prolong_projector(database, id, length); !alive) return alive.error();
        const auto lease = take_lease(database, show, id);
        if (!lease) return lease.error();
        if (!lease->has_value()) return Taken();
        const auto cursor = database.query("SELECT stream_id FROM tills WHERE show_id = ?", {show.str()});
        if (!cursor) return cursor.error();
        if (cursor->empty()) return make_error_code(Errc::not_found);
        return Taken(std::pair(**lease, cursor->front().text(0)));
    };
    const auto now = std::chrono::steady_clock::now();
    const auto next = next_try_.find(show);
    if (next != next_try_.end() && now < next->second) co_return std::optional<std::string>();
    const auto taken = co_await ledger_.write(std::move(take_and_read));
    if (!taken) co_return taken.error();
    if (!taken->has_value()) {
        next_try_[show] = now + length_ / 3;
        co_return std::optional<std::string>();
    }
    next_try_.erase(show);
    tokens_[show] = (*taken)->first.token;
    log::info("projects a show", {{"show", show.str()}, {"token", (*taken)->first.token}});
    co_return std::optional<std::string>((*taken)->second);
}

std::vector<Lease> LeaseBook::of(const std::vector<ShowId>& shows) const {
    std::vector<Lease> leases;
    for (const auto& show : shows) {
        const auto token = tokens_.find(show);
        leases.push_back({show, token == tokens_.end() ? -1 : token->second});
    }
    return leases;
}

net::Task<std::vector<ShowId>> LeaseBook::renew() {
    std::vector<ShowId> lost;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_renewal_) co_return lost;
    auto prolong_and_read = [id = id_, length = length_](Database& database) -> Result<std::vector<Row>> {
        if (const auto alive = prolong_projector(database, id, length); !alive) return alive.error();
        return database.query("SELECT show_id, token FROM leases WHERE projector_id = ?", {id});
    };
    const auto rows = co_await ledger_.write(std::move(prolong_and_read));
    if (!rows) co_return lost;
    next_renewal_ = now + length_ / 3;
    std::map<ShowId, std::int64_t> ours;
    for (const auto& row : *rows) ours[ShowId(row.text(0))] = row.integer(1);
    const auto tokens = tokens_;
    for (const auto& [show, token] : tokens) {
        const auto same = ours.find(show);
        if (same != ours.end() && same->second == token) continue;
        log::warn("another program projects a show now", {{"show", show.str()}, {"token", token}});
        tokens_.erase(show);
        lost.push_back(show);
    }
    co_return lost;
}

net::Task<> LeaseBook::leave() {
    tokens_.clear();
    auto leave = [id = id_](Database& database) { return leave_projector(database, id); };
    // Where it fails its time ends by itself.
    (void)co_await ledger_.write(std::move(leave));
}

}  // namespace livefair::ledger
