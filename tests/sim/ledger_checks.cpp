// What must hold of the ledger's rows after each commit.
#include "base/check.hpp"
#include "sim/checks.hpp"
#include "sim/page_rules.hpp"

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
     "SELECT o.id FROM orders o WHERE o.refund_due_fen + o.refunded_fen <> coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE "
     "e.order_id = o.id AND e.credit = 'refunds'), 0)"},
    {"I5: subsidies are not what the fund owes for paid orders",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state = 2 THEN o.subsidy_fen ELSE 0 END <> coalesce((SELECT "
     "sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.credit = 'subsidies'), 0)"},
    {"I5: what the fund owes is not what is held or paid",
     "SELECT o.id FROM orders o WHERE CASE WHEN o.state IN (1, 2) THEN o.subsidy_fen / o.quantity * (o.quantity - o.restocked_quantity) ELSE 0 END <> coalesce((SELECT sum(CASE "
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
     "o.offer_id, f.limit_per_buyer HAVING sum(o.quantity - o.restocked_quantity) > f.limit_per_buyer"},
};

/// The same of evenings on which money goes back.
const Rule refund_rules[] = {
    {"I5: more goes back than was paid, or otherwise than was agreed to",
     "SELECT o.id FROM orders o WHERE o.refunded_fen > o.amount_fen OR o.restocked_quantity > o.refunded_quantity OR o.refunded_quantity > "
     "o.quantity OR o.refunded_fen <> coalesce((SELECT sum(f.amount_fen) FROM refunds f WHERE f.order_id = o.id AND f.state IN (2, 3, 5)), 0) OR "
     "o.refunded_quantity <> coalesce((SELECT sum(f.quantity) FROM refunds f WHERE f.order_id = o.id AND f.state IN (2, 3, 5)), 0) OR "
     "o.restocked_quantity <> coalesce((SELECT sum(f.quantity) FROM refunds f WHERE f.order_id = o.id AND f.restock = 2), 0) OR "
     "o.refunded_fen <> (SELECT sum(l.refunded_fen) FROM order_lines l WHERE l.order_id = o.id)"},
    {"I5: what the provider has given back is not booked",
     "SELECT o.id FROM orders o WHERE coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.credit = 'provider'), 0) <> "
     "coalesce((SELECT sum(r.amount_fen) FROM refund_requests r WHERE r.order_id = o.id AND r.state = 'done'), 0)"},
    {"I5: of a payment more is asked back than it brought",
     "SELECT p.id FROM payments p WHERE p.refund_asked_fen > p.amount_fen OR p.refund_asked_fen <> coalesce((SELECT sum(r.amount_fen) FROM "
     "refund_requests r WHERE r.payment_id = p.id AND r.state <> 'failed'), 0)"},
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
    if (world_.is_traced()) trace_till();
    // What goes on has another sum: states only rise, and a request that is asked about has one more try.
    const auto events = ledger_.database().query(
        "SELECT (SELECT count(*) FROM order_events), (SELECT coalesce(sum(state), 0) FROM allocation_changes), (SELECT coalesce(sum(state * 3 + "
        "restock), 0) FROM refunds) + (SELECT coalesce(sum(tries + 1), 0) FROM refund_requests)");
    LF_CHECK(events.has_value());
    const auto count = events->front().integer(0);
    if (events->front().integer(1) != changes_seen_) {
        changes_seen_ = events->front().integer(1);
        check_changes();
    }
    if (events->front().integer(2) != refunds_seen_) {
        refunds_seen_ = events->front().integer(2);
        check_refunds();
    }
    if (count != events_seen_) {
        none_of(
            "SELECT s.id FROM stocks s WHERE s.committed > s.total OR s.committed <> coalesce((SELECT sum(l.units / o.quantity * (o.quantity - "
            "o.restocked_quantity)) FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.stock_id = s.id AND o.state IN (1, 2)), 0)",
            "I1: more is sold than there is, or counted otherwise than sold");
        none_of(
            "SELECT p.fund_id FROM fund_pools p WHERE p.spent_fen > p.leased_fen OR p.spent_fen <> coalesce((SELECT "
            "sum(o.subsidy_fen / o.quantity * (o.quantity - o.restocked_quantity)) FROM orders o WHERE o.fund_id = p.fund_id AND o.show_id = p.show_id AND o.state IN (1, 2)), 0)",
            "I1: more of a fund is spent than there is, or counted otherwise than spent");
        check_states();
    }
    check_anomalies();
    if (++commits_ % commits_an_audit == 0) audit_ledger();
}

void Checks::audit_ledger() {
    for (const auto& rule : rules) none_of(rule.sql, rule.name);
    if (changes_seen_ > 0) check_totals();
    if (!has_after_sales_) return;
    for (const auto& rule : refund_rules) none_of(rule.sql, rule.name);
}

void Checks::check_changes() {
    note_states("change in the ledger",
                "SELECT id, CASE state WHEN 1 THEN 'asked' WHEN 2 THEN 'done' WHEN 3 THEN 'told' ELSE 'refused' END FROM allocation_changes");
}

/// Totals move by changes alone.
void Checks::check_totals() {
    auto expected = first_total_;
    const auto changes = ledger_.database().query("SELECT field, amount FROM allocation_changes WHERE state IN (2, 3)");
    LF_CHECK(changes.has_value());
    for (const auto& row : *changes) expected[name_of(row.text(0))] += row.integer(1);
    if (expected != totals_of(ledger_.database())) fail("I6: the show's stocks and leases are not what it had and what was changed");
}

/// Which server and epoch the ledger's till is for, when that has changed.
void Checks::trace_till() {
    const auto rows = ledger_.database().query("SELECT run_id, epoch FROM tills");
    LF_CHECK(rows.has_value());
    const auto text = rows->empty() ? std::string() : rows->front().text(0) + " in epoch " + std::to_string(rows->front().integer(1));
    if (text != std::exchange(traced_till_, text)) world_.trace("ledger: the till is for " + text);
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
    if (has_after_sales_)
        note_states("progress of a paid order",
                    "SELECT id, CASE progress WHEN 1 THEN 'packed' WHEN 2 THEN 'shipped' WHEN 3 THEN 'done' WHEN 4 THEN 'refunding' ELSE 'refunded' END FROM "
                    "orders WHERE progress > 0");
    const auto orders = ledger_.database().query("SELECT id, state FROM orders");
    LF_CHECK(orders.has_value());
    for (const auto& row : *orders) {
        auto& known = ledger_states_[row.text(0)];
        if (known == row.integer(1)) continue;
        world_.trace("ledger: " + row.text(0) + " " + word_of(known) + " > " + word_of(row.integer(1)));
        auto before = word_of(known);
        if (before == "reserved" && word_of(row.integer(1)) == "refused" && has_expired(row.text(0))) before = "expired";
        hit("order in the ledger", before + " > " + word_of(row.integer(1)));
        if (known == 0) {
            if (const auto wrong = wrong_by_page(ledger_.database(), row.text(0)); !wrong.empty()) fail("I5: order " + row.text(0) + ": " + wrong);
        }
        known = row.integer(1);
    }
    note_states("payment in the ledger", "SELECT id, state FROM payments");
}

/// `sql`: an id and a word each.
void Checks::note_states(const char* machine, const char* sql) {
    const auto rows = ledger_.database().query(sql);
    LF_CHECK(rows.has_value());
    for (const auto& row : *rows) {
        auto& known = states_[machine].try_emplace(row.text(0), "none").first->second;
        if (known == row.text(1)) continue;
        world_.trace(std::string(machine) + ": " + row.text(0) + " " + known + " > " + row.text(1));
        hit(machine, known + " > " + row.text(1));
        known = row.text(1);
    }
}

void Checks::check_refunds() {
    note_states("refund in the ledger",
                "SELECT id, CASE state WHEN 1 THEN 'asked' WHEN 2 THEN 'accepted' WHEN 3 THEN 'done' WHEN 4 THEN 'declined' ELSE 'failed' END FROM refunds");
    note_states("goods of a refund", "SELECT id, CASE restock WHEN 0 THEN 'none' WHEN 1 THEN 'due' ELSE 'back' END FROM refunds");
    note_states("request to the provider", "SELECT id, state FROM refund_requests");
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
