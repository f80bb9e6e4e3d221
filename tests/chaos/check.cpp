#include "chaos/check.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <set>
#include <stdexcept>

namespace livefair::chaos {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// What one buyer asked for under one order id, and all that the buyer was told.
struct Told {
    std::string who, offer;
    std::int64_t quantity = 0;
    std::vector<const Event*> finals;  ///< Of place and again.
    bool has_conflict = false;         ///< Asked with another quantity; and refused for that reason each time:
    bool conflicts_refused = true;
    bool cancelled = false;            ///< Was told that it is.
    bool paid = false;                 ///< Was told that it is.
};

using Orders = std::map<std::string, Told>;

Orders by_order(const std::vector<Event>& history) {
    Orders orders;
    for (const auto& event : history) {
        auto& told = orders[event.order];
        if (event.what == "place" && event.outcome == "invoke") {
            told.who = event.who;
            told.offer = event.offer;
            told.quantity = event.quantity;
        }
        const bool is_final = event.outcome == "accepted" || event.outcome == "rejected";
        if ((event.what == "place" || event.what == "again") && is_final) told.finals.push_back(&event);
        if (event.what == "conflict" && is_final) {
            told.has_conflict = true;
            told.conflicts_refused &= event.reason == "CONFLICT";
        }
        if (event.what == "cancel" && event.outcome == "accepted") told.cancelled = true;
        if (event.what == "pay" && event.outcome == "done") told.paid = true;
    }
    return orders;
}

bool is_accepted(const Told& told) { return !told.finals.empty() && told.finals.front()->outcome == "accepted"; }

/// Counts what it is told and keeps the first few breaches.
class Finding {
public:
    explicit Finding(std::string name) : name_(std::move(name)) {}
    void breach(const std::string& text) {
        if (++breaches_ <= 5) text_ += "; " + text;
    }
    void expect(bool holds, const std::string& text) {
        if (!holds) breach(text);
    }
    Verdict verdict(const std::string& figures) const {
        return {name_, breaches_ == 0, breaches_ == 0 ? figures : std::to_string(breaches_) + " breaches (" + figures + ")" + text_};
    }

private:
    std::string name_, text_;
    std::size_t breaches_ = 0;
};

std::int64_t number(const std::string& text) { return text.empty() ? 0 : std::stoll(text); }

/// Bounds: what the ledger has sold of a stock, recounted from the lines of orders, is what it says, and not more than there was.
Verdict check_oversold(const std::string& ledger) {
    Finding finding("I1 never oversold");
    std::string figures;
    for (const auto& row : ledger_rows(ledger,
                                       "SELECT s.id, s.total, s.committed, coalesce((SELECT sum(l.units) FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE "
                                       "l.stock_id = s.id AND o.state IN (1, 2)), 0) FROM stocks s")) {
        finding.expect(number(row[3]) <= number(row[1]), row[0] + ": " + row[3] + " sold of " + row[1]);
        finding.expect(row[2] == row[3], row[0] + ": " + row[2] + " counted, " + row[3] + " in orders");
        figures += (figures.empty() ? "" : ", ") + row[3] + " of " + row[1];
    }
    return finding.verdict(figures + " units");
}

/// Set: every order that a buyer was told is accepted is in the ledger, of that buyer's words; none that was rejected holds anything.
Verdict check_lost(const Orders& orders, const std::string& ledger) {
    Finding finding("I2 no accepted order lost, none that was rejected kept");
    std::map<std::string, std::vector<std::string>> rows;
    for (auto& row : ledger_rows(ledger, "SELECT id, offer_id, quantity, state FROM orders")) rows[row[0]] = row;
    std::size_t accepted = 0, unanswered = 0;
    for (const auto& [id, told] : orders) {
        const auto row = rows.find(id);
        if (told.finals.empty()) ++unanswered;
        if (is_accepted(told)) {
            ++accepted;
            finding.expect(row != rows.end(), id + " is accepted and not in the ledger");
            if (row == rows.end()) continue;
            finding.expect(row->second[3] != "5", id + " is accepted and refused in the ledger");
            finding.expect(row->second[1] == told.offer && number(row->second[2]) == told.quantity, id + " is another order in the ledger");
        } else if (!told.finals.empty() && row != rows.end()) {
            finding.expect(row->second[3] == "5", id + " is rejected and in state " + row->second[3] + " in the ledger");
        }
    }
    for (const auto& [id, row] : rows) finding.expect(orders.contains(id), id + " is in the ledger and nobody's");
    return finding.verdict(std::to_string(accepted) + " accepted, " + std::to_string(rows.size()) + " in the ledger, " + std::to_string(unanswered) + " never answered");
}

/// Register: one order id has one answer, and no second body.
Verdict check_one_answer(const Orders& orders) {
    Finding finding("I3 one answer for each order id");
    std::size_t answers = 0, conflicts = 0;
    for (const auto& [id, told] : orders) {
        answers += told.finals.size();
        for (const auto* each : told.finals) {
            const auto& first = *told.finals.front();
            finding.expect(each->outcome == first.outcome && each->reason == first.reason && each->amount_fen == first.amount_fen &&
                               each->hold_until_ms == first.hold_until_ms,
                           id + ": " + first.outcome + " " + first.reason + ", then " + each->outcome + " " + each->reason);
        }
        conflicts += told.has_conflict ? 1 : 0;
        finding.expect(told.conflicts_refused, id + " took another quantity");
    }
    return finding.verdict(std::to_string(answers) + " answers to " + std::to_string(orders.size()) + " ids, " + std::to_string(conflicts) + " asked with another body");
}

Verdict check_limit(const std::string& ledger) {
    Finding finding("I4 nobody over the limit");
    const auto rows = ledger_rows(ledger,
                                  "SELECT o.buyer_id, o.offer_id, sum(o.quantity), f.limit_per_buyer FROM orders o JOIN offers f ON f.id = o.offer_id WHERE o.state IN "
                                  "(1, 2) GROUP BY o.buyer_id, o.offer_id, f.limit_per_buyer");
    std::int64_t most = 0;
    for (const auto& row : rows) {
        most = std::max(most, number(row[2]));
        finding.expect(number(row[2]) <= number(row[3]), row[0] + " has " + row[2] + " of " + row[1]);
    }
    return finding.verdict("most of one buyer: " + std::to_string(most));
}

/// Bank: every fen of the orders is in the books once, on the right account.
Verdict check_money(const Orders& orders, const Shelf& shelf, const std::string& ledger) {
    Finding finding("I5 the money adds up");
    std::map<std::string, std::int64_t> price;
    for (const auto& offer : shelf.offers) price[offer.id] = offer.price_fen;
    for (const auto& [id, told] : orders)
        if (is_accepted(told)) finding.expect(told.finals.front()->amount_fen == price[told.offer] * told.quantity, id + ": told another amount");
    const auto one = [&](const std::string& sql) { return number(ledger_rows(ledger, sql).at(0).at(0)); };
    const auto reserved = one("SELECT coalesce(sum(amount_fen), 0) FROM orders WHERE state = 1"), paid = one("SELECT coalesce(sum(amount_fen), 0) FROM orders WHERE state = 2");
    const auto balance = [&](const std::string& account) {
        return one("SELECT coalesce(sum(CASE WHEN debit = '" + account + "' THEN amount_fen ELSE -amount_fen END), 0) FROM entries WHERE debit = '" + account +
                   "' OR credit = '" + account + "'");
    };
    finding.expect(balance("receivable") == reserved, "receivable " + std::to_string(balance("receivable")) + ", reserved orders " + std::to_string(reserved));
    finding.expect(balance("sales") == -paid, "sales " + std::to_string(-balance("sales")) + ", paid orders " + std::to_string(paid));
    finding.expect(one("SELECT count(*) FROM orders o WHERE amount_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM order_lines l WHERE l.order_id = o.id)") == 0,
                   "lines that are not their order's amount");
    finding.expect(one("SELECT count(*) FROM orders WHERE amount_fen <> quantity * unit_price_fen") == 0, "amounts that are not price times quantity");
    for (const auto& [id, told] : orders) {
        if (!told.paid) continue;
        const auto payments = one("SELECT count(*) FROM payments WHERE order_id = '" + id + "' AND state <> 'created'");
        finding.expect(payments >= 1, id + ": told that it is paid, and no payment is on record");
    }
    for (const auto& [id, told] : orders)
        if (told.cancelled) finding.expect(one("SELECT state FROM orders WHERE id = '" + id + "'") == 4, id + ": told that it is cancelled, and it is not");
    return finding.verdict(std::to_string(paid) + " fen paid, " + std::to_string(reserved) + " fen reserved");
}

/// Stock conservation: what Redis has left and what the ledger has sold are all there is; and the product's own recount finds nothing.
Verdict check_conservation(Scene& scene, const std::string& ledger) {
    Finding finding("I6 stock is conserved");
    for (const auto& row : ledger_rows(ledger, "SELECT id, total - committed, show_id FROM stocks")) {
        const auto left = scene.command({"HGET", "{s" + row[2] + "}:till", "left:" + row[0]}).text;
        finding.expect(left == row[1], row[0] + ": " + left + " left in Redis, " + row[1] + " by the ledger");
    }
    // Show by show: without the provider's statement, which is ahead of the ledger until the deadline of an order whose webhook a fault swallowed.
    for (const auto& row : ledger_rows(ledger, "SELECT show_id FROM tills")) {
        test::Process::Options options;
        options.command = {LIVEFAIR_CTL_PROGRAM, "reconcile", "--show", row[0]};
        options.environment = scene.settings();
        options.environment["LIVEFAIR_REDIS_SOCKET"] = scene.redis_socket();
        options.output_file = scene.folder().file("reconcile.out");
        test::Process reconcile(std::move(options));
        const auto status = reconcile.wait(std::chrono::seconds(30));
        finding.expect(status == 0, "livefair-ctl reconcile: " + reconcile.output());
    }
    return finding.verdict("livefair-ctl reconcile: no difference");
}

/// Past the product's own code, as are SQLite's.
Rows postgres_rows(const std::string& url, const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (int column = 0; column < PQnfields(result.get()); ++column) rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), column));
    return rows;
}

}  // namespace

Rows ledger_rows(const std::string& location, const std::string& sql) {
    if (location.starts_with("postgresql:")) return postgres_rows(location, sql);
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    Rows rows;
    int status = sqlite3_open_v2(location.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_busy_timeout(database, 5000);
    if (status == SQLITE_OK) status = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
    while (status == SQLITE_OK || status == SQLITE_ROW) {
        status = sqlite3_step(statement);
        if (status != SQLITE_ROW) break;
        auto& row = rows.emplace_back();
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
            row.emplace_back(text ? text : "");
        }
    }
    const std::string problem = status == SQLITE_DONE ? "" : sqlite3_errmsg(database);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    if (status != SQLITE_DONE) throw std::runtime_error(sql + ": " + problem);
    return rows;
}

std::vector<std::string> accepted_but_missing(const std::vector<Event>& history, const std::string& ledger) {
    std::set<std::string> known;
    for (const auto& row : ledger_rows(ledger, "SELECT id FROM orders")) known.insert(row[0]);
    std::vector<std::string> missing;
    for (const auto& [id, told] : by_order(history))
        if (is_accepted(told) && !known.contains(id)) missing.push_back(id);
    return missing;
}

std::vector<Verdict> check(Scene& scene) {
    // Webhooks still come in: sums of two queries would not be of one moment.
    scene.stop_server();
    const auto history = scene.history().events();
    const auto orders = by_order(history);
    const auto ledger = scene.ledger_location();
    std::vector<Verdict> verdicts{check_oversold(ledger), check_lost(orders, ledger), check_one_answer(orders), check_limit(ledger),
                                  check_money(orders, scene.shelf(), ledger)};
    verdicts.push_back(check_conservation(scene, ledger));
    return verdicts;
}

}  // namespace livefair::chaos
