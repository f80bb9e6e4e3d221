#include "commerce/reconcile.hpp"

#include <map>
#include <span>

#include "commerce/till_rows.hpp"
#include "ledger/catalog.hpp"
#include "ledger/order_text.hpp"
#include "ledger/sales_sums.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

constexpr std::int64_t orders_a_page = 500;

/// The ledger's own sums: each query names what does not add up, and gives both figures.
constexpr const char* ledger_checks[] = {
    "SELECT 'committed ' || s.id, coalesce(u.units, 0), s.committed FROM stocks s LEFT JOIN (SELECT l.stock_id AS "
    "stock, CAST(sum(CASE WHEN d.order_id IS NULL THEN l.units / o.quantity * (o.quantity - o.restocked_quantity) ELSE "
    "l.units / d.count * (d.count - d.restocked_count) END) AS BIGINT) AS units "
    "FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN direct_orders d ON d.order_id = o.id "
    "WHERE o.state IN (1, 2) GROUP BY l.stock_id) u ON u.stock = s.id "
    "WHERE s.show_id = ? AND coalesce(u.units, 0) <> s.committed",
    "SELECT 'allocated ' || i.product_id, CAST(coalesce((SELECT sum(s.total) FROM stocks s WHERE s.product_id = i.product_id), 0) AS BIGINT), "
    "i.allocated FROM inventories i WHERE i.product_id IN (SELECT product_id FROM stocks WHERE show_id = ?) AND i.allocated <> "
    "coalesce((SELECT sum(s.total) FROM stocks s WHERE s.product_id = i.product_id), 0)",
    "SELECT 'leased ' || f.id, CAST(coalesce((SELECT sum(p.leased_fen) FROM fund_pools p WHERE p.fund_id = f.id), 0) AS BIGINT), f.leased_fen "
    "FROM funds f WHERE f.id IN (SELECT fund_id FROM fund_pools WHERE show_id = ?) AND f.leased_fen <> "
    "coalesce((SELECT sum(p.leased_fen) FROM fund_pools p WHERE p.fund_id = f.id), 0)",
    "SELECT 'spent ' || p.fund_id, CAST(coalesce((SELECT sum(o.subsidy_fen / o.quantity * (o.quantity - o.restocked_quantity)) FROM orders o WHERE o.show_id = p.show_id AND o.fund_id = p.fund_id "
    "AND o.state IN (1, 2)), 0) AS BIGINT), p.spent_fen FROM fund_pools p WHERE p.show_id = ? AND p.spent_fen <> coalesce((SELECT "
    "sum(o.subsidy_fen / o.quantity * (o.quantity - o.restocked_quantity)) FROM orders o WHERE o.show_id = p.show_id AND o.fund_id = p.fund_id AND o.state IN (1, 2)), 0)",
    "SELECT 'subsidies of ' || o.id, o.subsidy_fen, CAST(coalesce((SELECT sum(l.subsidy_fen) FROM order_lines l WHERE l.order_id = o.id), 0) AS "
    "BIGINT) FROM orders o WHERE o.show_id = ? AND o.subsidy_fen <> coalesce((SELECT sum(l.subsidy_fen) FROM order_lines l WHERE l.order_id = "
    "o.id), 0)",
    "SELECT 'lines of ' || o.id, o.amount_fen, coalesce(sum(l.amount_fen), 0) FROM orders o LEFT JOIN order_lines l ON "
    "l.order_id = o.id "
    "WHERE o.show_id = ? GROUP BY o.id, o.amount_fen HAVING coalesce(sum(l.amount_fen), 0) <> o.amount_fen",
    "SELECT 'sales of ' || o.id, CASE WHEN o.state = 2 THEN o.amount_fen ELSE 0 END, coalesce(sum(e.amount_fen), 0) "
    "FROM orders o "
    "LEFT JOIN entries e ON e.order_id = o.id AND e.credit = 'sales' WHERE o.show_id = ? GROUP BY o.id, o.state, "
    "o.amount_fen "
    "HAVING coalesce(sum(e.amount_fen), 0) <> CASE WHEN o.state = 2 THEN o.amount_fen ELSE 0 END",
    "SELECT 'receivable of ' || o.id, CASE WHEN o.state = 1 THEN o.amount_fen ELSE 0 END, coalesce(sum(CASE WHEN "
    "e.debit = 'receivable' "
    "THEN e.amount_fen WHEN e.credit = 'receivable' THEN -e.amount_fen ELSE 0 END), 0) FROM orders o LEFT JOIN entries "
    "e ON e.order_id = o.id "
    "WHERE o.show_id = ? GROUP BY o.id, o.state, o.amount_fen HAVING coalesce(sum(CASE WHEN e.debit = 'receivable' "
    "THEN e.amount_fen "
    "WHEN e.credit = 'receivable' THEN -e.amount_fen ELSE 0 END), 0) <> CASE WHEN o.state = 1 THEN o.amount_fen ELSE 0 "
    "END",
    "SELECT 'refunds of ' || o.id, o.refund_due_fen + o.refunded_fen, coalesce(sum(e.amount_fen), 0) FROM orders o LEFT "
    "JOIN entries e ON e.order_id = o.id "
    "AND e.credit = 'refunds' WHERE o.show_id = ? GROUP BY o.id, o.refund_due_fen, o.refunded_fen HAVING "
    "coalesce(sum(e.amount_fen), 0) <> o.refund_due_fen + o.refunded_fen",
    "SELECT 'refunded by lines of ' || o.id, o.refunded_fen, coalesce(sum(l.refunded_fen), 0) FROM orders o LEFT JOIN "
    "order_lines l ON l.order_id = o.id "
    "WHERE o.show_id = ? GROUP BY o.id, o.refunded_fen HAVING coalesce(sum(l.refunded_fen), 0) <> o.refunded_fen",
    "SELECT 'accepted refunds of ' || o.id, o.refunded_fen, coalesce(sum(f.amount_fen), 0) FROM orders o LEFT JOIN refunds f "
    "ON f.order_id = o.id AND f.state IN (2, 3, 5) "
    "WHERE o.show_id = ? GROUP BY o.id, o.refunded_fen HAVING coalesce(sum(f.amount_fen), 0) <> o.refunded_fen",
    "SELECT 'restocked of ' || o.id, o.restocked_quantity, coalesce(sum(f.quantity), 0) FROM orders o LEFT JOIN refunds f ON "
    "f.order_id = o.id AND f.restock = 2 "
    "WHERE o.show_id = ? GROUP BY o.id, o.restocked_quantity HAVING coalesce(sum(f.quantity), 0) <> o.restocked_quantity",
    "SELECT 'payments of ' || o.id, coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND "
    "e.debit = 'provider'), 0), "
    "coalesce((SELECT sum(p.amount_fen) FROM payments p WHERE p.order_id = o.id AND p.state <> 'created'), 0) FROM "
    "orders o WHERE o.show_id = ? "
    "AND coalesce((SELECT sum(e.amount_fen) FROM entries e WHERE e.order_id = o.id AND e.debit = 'provider'), 0) <> "
    "coalesce((SELECT sum(p.amount_fen) FROM payments p WHERE p.order_id = o.id AND p.state <> 'created'), 0)",
};

constexpr const char* stray_checks[] = {
    "SELECT 'show of order ' || o.id, 1, 0 FROM orders o WHERE NOT EXISTS (SELECT 1 FROM shows s WHERE s.id = o.show_id) LIMIT 100",
    "SELECT 'offer of order ' || o.id, 1, 0 FROM orders o WHERE NOT EXISTS (SELECT 1 FROM offers f WHERE f.id = o.offer_id) LIMIT 100",
    "SELECT 'stock ' || l.stock_id || ' of order ' || l.order_id, 1, 0 FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM stocks s WHERE s.id = l.stock_id) LIMIT 100",
    "SELECT 'lines without order ' || order_id, 0, count(*) FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = l.order_id) GROUP BY order_id LIMIT 100",
    "SELECT 'events without order ' || order_id, 0, count(*) FROM order_events e WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = e.order_id) GROUP BY order_id LIMIT 100",
    "SELECT 'entries without order ' || order_id, 0, count(*) FROM entries e WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = e.order_id) GROUP BY order_id LIMIT 100",
};

struct LedgerSide {
    std::map<std::string, std::string> allocations;  ///< By field of the till.
    std::map<std::string, std::map<std::string, std::string>> limits;  ///< By offer.
};

Result<std::map<std::string, std::string>> to_map(Result<std::vector<std::string>> pairs) {
    if (!pairs) return pairs.error();
    std::map<std::string, std::string> map;
    for (std::size_t i = 0; i + 1 < pairs->size(); i += 2) map[(*pairs)[i]] = (*pairs)[i + 1];
    return map;
}

Result<std::vector<Difference>> run_check(Database& database, const char* check, const std::vector<ledger::Value>& params) {
    const auto rows = database.query(check, params);
    if (!rows) return rows.error();
    std::vector<Difference> differences;
    for (const auto& row : *rows)
        differences.push_back({row.text(0), std::to_string(row.integer(1)), std::to_string(row.integer(2))});
    return differences;
}

Result<std::vector<Difference>> check_sums(Database& database, const ShowId& show) {
    const auto sums = ledger::recount_sums(database, show.str());
    if (!sums) return sums.error();
    std::vector<Difference> differences;
    for (const auto& sum : *sums)
        differences.push_back({sum.what, std::to_string(sum.counted), std::to_string(sum.kept)});
    return differences;
}

/// One read for each check, so that the reads of shows that sell meanwhile come in between.
net::Task<Result<std::vector<Difference>>> run_checks(std::span<const char* const> checks, std::vector<ledger::Value> params, ledger::Ledger& ledger) {
    std::vector<Difference> differences;
    for (const auto* check : checks) {
        auto run = [check, params](Database& database) { return run_check(database, check, params); };
        const auto found = co_await ledger.read(std::move(run));
        if (!found) co_return found.error();
        differences.insert(differences.end(), found->begin(), found->end());
    }
    co_return differences;
}

net::Task<Result<std::vector<Difference>>> check_ledger(ShowId show, ledger::Ledger& ledger) {
    auto sums = [show](Database& database) { return check_sums(database, show); };
    auto differences = co_await ledger.read(std::move(sums));
    if (!differences) co_return differences.error();
    std::vector<ledger::Value> params{show.str()};
    const auto found = co_await run_checks(ledger_checks, std::move(params), ledger);
    if (!found) co_return found.error();
    differences->insert(differences->end(), found->begin(), found->end());
    co_return differences;
}

Result<LedgerSide> read_ledger(Database& database, const ShowId& show) {
    LedgerSide side;
    auto allocations = allocation_fields(database, show);
    if (!allocations) return allocations.error();
    side.allocations = std::move(*allocations);
    const auto offers = database.query("SELECT id FROM offers WHERE show_id = ?", {show.str()});
    if (!offers) return offers.error();
    for (const auto& row : *offers) {
        auto limits = to_map(limit_fields(database, OfferId(row.text(0))));
        if (!limits) return limits.error();
        side.limits[row.text(0)] = std::move(*limits);
    }
    return side;
}

/// Adds what is in one map and not, or not so, in the other.
void compare(const std::string& what, const std::map<std::string, std::string>& expected,
             const std::map<std::string, std::string>& found, std::vector<Difference>& differences) {
    for (const auto& [name, value] : expected) {
        const auto other = found.find(name);
        if (other == found.end())
            differences.push_back({what + name, value, "nothing"});
        else if (other->second != value)
            differences.push_back({what + name, value, other->second});
    }
    for (const auto& [name, value] : found) {
        if (!expected.contains(name)) differences.push_back({what + name, "nothing", value});
    }
}

using Map = std::map<std::string, std::string>;

net::Task<Result<Map>> read_hash(redis::Client& redis, std::string key, std::string prefix) {
    redis::Client::Command command{"HGETALL", std::move(key)};
    const auto reply = co_await redis.command(std::move(command));
    if (!reply) co_return reply.error();
    Map map;
    for (std::size_t i = 0; i + 1 < reply->items.size(); i += 2) {
        const auto& name = reply->items[i].text;
        if (name.starts_with(prefix)) map[name.substr(prefix.size())] = reply->items[i + 1].text;
    }
    co_return map;
}

/// An order may be in the till as an older version of the program wrote it.
bool is_same_order(const std::string& expected, const std::string& found) {
    if (expected == found) return true;
    const auto read = ledger::OrderText::parse(found);
    return read && read->text() == expected;
}

/// Orders and holds, page by page; compares each order's text.
net::Task<Result<std::vector<Difference>>> compare_orders(ShowId show, redis::Client& redis, ledger::Ledger& ledger) {
    std::vector<Difference> differences;
    Map holds;
    OrderId after;
    for (;;) {
        auto read = [show, after](Database& database) {
            return order_keys_after(database, show, after, orders_a_page);
        };
        const auto orders = co_await ledger.read(std::move(read));
        if (!orders) co_return orders.error();
        if (orders->empty()) break;
        redis::Client::Command command{"MGET"};
        for (const auto& order : *orders) command.push_back(till_key(show, "order:" + order.id.str()));
        const auto found = co_await redis.command(std::move(command));
        if (!found) co_return found.error();
        for (std::size_t i = 0; i < orders->size(); ++i) {
            const auto& order = (*orders)[i];
            if (order.is_held) holds[order.id.str()] = std::to_string(order.hold_until_ms);
            if (!is_same_order(order.text, found->items[i].text))
                differences.push_back({"order " + order.id.str(), order.text, found->items[i].text});
        }
        after = orders->back().id;
    }
    redis::Client::Command command{"ZRANGE", till_key(show, "holds"), "0", "-1", "WITHSCORES"};
    const auto found = co_await redis.command(std::move(command));
    if (!found) co_return found.error();
    Map held;
    for (std::size_t i = 0; i + 1 < found->items.size(); i += 2) held[found->items[i].text] = found->items[i + 1].text;
    compare("hold ", holds, held, differences);
    co_return differences;
}

}  // namespace

net::Task<Result<std::vector<Difference>>> reconcile(ShowId show, Till& till, ledger::Ledger& ledger) {
    auto checked = co_await check_ledger(show, ledger);
    if (!checked) co_return checked.error();
    auto differences = std::move(*checked);
    auto find = [show](Database& database) { return ledger::channel_of_show(database, show); };
    const auto channel = co_await ledger.read(std::move(find));
    if (!channel) co_return channel.error();
    if (!ledger::has_till(*channel)) co_return differences;
    auto read = [show](Database& database) { return read_ledger(database, show); };
    const auto side = co_await ledger.read(std::move(read));
    if (!side) co_return side.error();
    for (const std::string kind : {"left:", "pool:"}) {
        const auto found = co_await read_hash(till.redis(), till_key(show, "till"), kind);
        if (!found) co_return found.error();
        Map expected;
        for (const auto& [field, amount] : side->allocations)
            if (field.starts_with(kind)) expected[field.substr(kind.size())] = amount;
        compare(kind, expected, *found, differences);
    }
    for (const auto& [offer, limits] : side->limits) {
        const auto found = co_await read_hash(till.redis(), till_key(show, "limit:" + offer), "");
        if (!found) co_return found.error();
        compare("limit of " + offer + " ", limits, *found, differences);
    }
    const auto orders = co_await compare_orders(show, till.redis(), ledger);
    if (!orders) co_return orders.error();
    differences.insert(differences.end(), orders->begin(), orders->end());
    co_return differences;
}

net::Task<Result<std::vector<Difference>>> find_strays(ledger::Ledger& ledger) {
    return run_checks(stray_checks, {}, ledger);
}

}  // namespace livefair::commerce
