// What must hold of the ledger's rows after each commit.
#include <array>

#include "base/check.hpp"
#include "sim/checks.hpp"

namespace livefair::sim {

namespace {

constexpr std::int64_t commits_an_audit = 8;

/// Each finds rows that break its rule. Written for the simulation: reconcile() has checks of its own, and runs at the end.
struct Rule {
    const char* name;
    const char* sql;
};
const Rule rules[] = {
    {"I5: an order's lines are not its amount",
     "SELECT o.id FROM orders o WHERE o.amount_fen <> (SELECT sum(l.amount_fen) FROM order_lines l WHERE l.order_id = o.id)"},
    {"I5: sales are not what was paid",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state = 2 THEN o.amount_fen ELSE 0 END <> coalesce((SELECT "
     "sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.credit = 'sales'), 0)"},
    {"I5: what buyers owe is not what is held",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state = 1 THEN o.amount_fen ELSE 0 END <> coalesce((SELECT sum(CASE "
     "WHEN e.debit = 'receivable' THEN e.amount_fen WHEN e.credit = 'receivable' THEN -e.amount_fen ELSE 0 END) FROM "
     "entries e WHERE e.order_id = o.id), 0)"},
    {"I5: the provider's money is not what payments brought",
     "SELECT o.id FROM orders o WHERE coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.debit "
     "= 'provider'), 0) <> coalesce((SELECT sum(p.amount_fen) FROM payments p WHERE p.order_id = o.id AND p.state <> "
     "'created'), 0)"},
    {"I5: refunds that are due are not booked",
     "SELECT o.id FROM orders o WHERE o.refund_due_fen <> coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE "
     "e.order_id = o.id AND e.credit = 'refunds'), 0)"},
    {"I5: subsidies are not what the fund owes for paid orders",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state = 2 THEN o.subsidy_fen ELSE 0 END <> coalesce((SELECT "
     "sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.credit = 'subsidies'), 0)"},
    {"I5: what the fund owes is not what is held or paid",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state IN (1, 2) THEN o.subsidy_fen ELSE 0 END <> coalesce((SELECT sum(CASE "
     "WHEN e.debit = 'fund_receivable' THEN e.amount_fen WHEN e.credit = 'fund_receivable' THEN -e.amount_fen ELSE 0 END) "
     "FROM entries e WHERE e.order_id = o.id), 0)"},
    {"I6: shows have of a product what is not noted, or more than there is",
     "SELECT i.product_id FROM inventories i WHERE i.allocated > i.total OR i.allocated <> coalesce((SELECT sum(s.total) FROM stocks s WHERE "
     "s.product_id = i.product_id), 0)"},
    {"I6: shows have of a fund what is not noted, or more than there is",
     "SELECT f.id FROM funds f WHERE f.leased_fen > f.total_fen OR f.leased_fen <> coalesce((SELECT sum(p.leased_fen) FROM fund_pools p WHERE "
     "p.fund_id = f.id), 0)"},
    {"I3: an order has been placed twice",
     "SELECT e.order_id FROM order_events e WHERE e.kind = 'placed' GROUP BY e.order_id HAVING count(*) > 1"},
    {"I4: a buyer is over the limit",
     "SELECT o.buyer_id FROM orders o JOIN offers f ON f.id = o.offer_id WHERE o.state IN (1, 2) GROUP BY o.buyer_id, "
     "o.offer_id, f.limit_per_buyer HAVING sum(o.quantity) > f.limit_per_buyer"},
};

std::string word_of(std::int64_t state) {
    return state == 0 ? "none" : std::string(to_string(static_cast<ledger::OrderState>(state)));
}

}  // namespace

std::map<std::string, std::int64_t> totals_of(ledger::Database& database) {
    const auto rows = database.query("SELECT id, total FROM stocks UNION ALL SELECT '$' || fund_id, leased_fen FROM fund_pools");
    LF_CHECK(rows.has_value());
    std::map<std::string, std::int64_t> totals;
    for (const auto& row : *rows) totals[row.text(0)] = row.integer(1);
    return totals;
}

void Checks::none_of(const char* sql, const char* rule) {
    const auto rows = ledger_.database().query(sql);
    LF_CHECK(rows.has_value());
    if (!rows->empty()) fail(std::string(rule) + ": " + rows->front().text(0));
}

void Checks::after_commit() {
    // States of changes only rise.
    const auto events =
        ledger_.database().query("SELECT (SELECT count(*) FROM order_events), (SELECT coalesce(sum(state), 0) FROM allocation_changes)");
    LF_CHECK(events.has_value());
    const auto count = events->front().integer(0);
    if (events->front().integer(1) != changes_seen_) {
        changes_seen_ = events->front().integer(1);
        check_changes();
    }
    if (count != events_seen_) {
        none_of(
            "SELECT s.id FROM stocks s WHERE s.committed > s.total OR s.committed <> coalesce((SELECT sum(l.units) FROM "
            "order_lines l JOIN orders o ON o.id = l.order_id WHERE l.stock_id = s.id AND o.state IN (1, 2)), 0)",
            "I1: more is sold than there is, or counted otherwise than sold");
        none_of(
            "SELECT p.fund_id FROM fund_pools p WHERE p.spent_fen > p.leased_fen OR p.spent_fen <> coalesce((SELECT "
            "sum(o.subsidy_fen) FROM orders o WHERE o.fund_id = p.fund_id AND o.show_id = p.show_id AND o.state IN (1, 2)), 0)",
            "I1: more of a fund is spent than there is, or counted otherwise than spent");
        check_states();
    }
    check_anomalies();
    if (++commits_ % commits_an_audit == 0) audit_ledger();
}

void Checks::audit_ledger() {
    for (const auto& rule : rules) none_of(rule.sql, rule.name);
    check_totals();
}

void Checks::check_changes() {
    static constexpr std::array<const char*, 5> words = {"none", "asked", "done", "told", "refused"};
    const auto rows = ledger_.database().query("SELECT id, state FROM allocation_changes");
    LF_CHECK(rows.has_value());
    for (const auto& row : *rows) {
        auto& known = change_states_[row.text(0)];
        if (known == row.integer(1)) continue;
        const auto transition = std::string(words.at(static_cast<std::size_t>(known))) + " > " + words.at(static_cast<std::size_t>(row.integer(1)));
        world_.trace("ledger: " + row.text(0) + " " + transition);
        hit("change in the ledger", transition);
        known = row.integer(1);
    }
}

/// Totals move by changes alone.
void Checks::check_totals() {
    auto expected = first_total_;
    const auto changes = ledger_.database().query("SELECT field, amount FROM allocation_changes WHERE state IN (2, 3)");
    LF_CHECK(changes.has_value());
    for (const auto& row : *changes) expected[name_of(row.text(0))] += row.integer(1);
    if (expected != totals_of(ledger_.database())) fail("I6: the show's stocks and leases are not what it had and what was changed");
}

/// Its hold's end may be in the same commit as what followed.
bool Checks::has_expired(const std::string& order) {
    const auto events = ledger_.database().query("SELECT 1 FROM order_events WHERE order_id = ? AND kind = 'expired'", {order});
    LF_CHECK(events.has_value());
    return !events->empty();
}

void Checks::check_states() {
    const auto kinds = ledger_.database().query("SELECT kind FROM order_events ORDER BY rowid LIMIT -1 OFFSET ?", {events_seen_});
    LF_CHECK(kinds.has_value());
    events_seen_ += static_cast<std::int64_t>(kinds->size());
    for (const auto& row : *kinds) hit("event in the ledger", row.text(0));
    const auto orders = ledger_.database().query("SELECT id, state FROM orders");
    LF_CHECK(orders.has_value());
    for (const auto& row : *orders) {
        auto& known = ledger_states_[row.text(0)];
        if (known == row.integer(1)) continue;
        world_.trace("ledger: " + row.text(0) + " " + word_of(known) + " > " + word_of(row.integer(1)));
        auto before = word_of(known);
        if (before == "reserved" && word_of(row.integer(1)) == "refused" && has_expired(row.text(0))) before = "expired";
        hit("order in the ledger", before + " > " + word_of(row.integer(1)));
        known = row.integer(1);
    }
    const auto payments = ledger_.database().query("SELECT id, state FROM payments");
    LF_CHECK(payments.has_value());
    for (const auto& row : *payments) {
        auto& known = payment_states_[row.text(0)];
        if (known == row.text(1)) continue;
        hit("payment in the ledger", (known.empty() ? "none" : known) + " > " + row.text(1));
        known = row.text(1);
    }
}

/// What the ledger's caps refuse is expected only where somebody falsified the till.
void Checks::check_anomalies() {
    const auto rows = ledger_.database().query("SELECT kind, order_id, detail FROM anomalies");
    LF_CHECK(rows.has_value());
    for (const auto& row : *rows) {
        if (is_falsified_ && (row.text(0) == "over_cap" || row.text(0) == "adjusted_unexpected")) continue;
        // The crowd sends webhooks with wrong amounts and numbers.
        if (row.text(0) == "payment_contradicts") continue;
        fail("the ledger notes " + row.text(0) + " of " + row.text(1) + ": " + row.text(2));
    }
}

}  // namespace livefair::sim
