#include "ledger/allocations.hpp"

#include <charconv>

#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::string_view stock_prefix = "left:", fund_prefix = "pool:";

bool is_stock(const Allocation& where) {
    return where.field.starts_with(stock_prefix);
}
/// The id of the stock or fund.
std::string id_of(const Allocation& where) {
    return where.field.substr(stock_prefix.size());
}

constexpr std::string_view change_columns =
    "SELECT show_id, field, number, id, wanted, amount, state, by_account, why, at_ms FROM allocation_changes ";

Change read_change(const Row& row) {
    return {{ShowId(row.text(0)), row.text(1)},
            row.integer(2),
            row.text(3),
            row.integer(4),
            row.integer(5),
            static_cast<ChangeState>(row.integer(6)),
            row.text(7),
            row.text(8),
            row.integer(9)};
}

Result<std::vector<Change>> query_changes(Database& db, std::string_view where, std::vector<Value> params) {
    const auto rows = db.query(std::string(change_columns) + std::string(where), std::move(params));
    if (!rows) return rows.error();
    std::vector<Change> changes;
    for (const Row& row : *rows) changes.push_back(read_change(row));
    return changes;
}

Result<std::vector<Allocation>> read_allocations(const Result<std::vector<Row>>& rows) {
    if (!rows) return rows.error();
    std::vector<Allocation> found;
    for (const Row& row : *rows) found.push_back({ShowId(row.text(0)), row.text(1)});
    return found;
}

Result<> done(const Result<std::int64_t>& executed) {
    if (!executed) return executed.error();
    return {};
}

/// What an allocation has, and what its source could still give.
struct Figures {
    std::int64_t total = 0, committed = 0, free = 0;
    std::string product;  ///< Of a stock.
};

Result<Figures> stock_figures(Database& db, const Allocation& where) {
    const auto product = db.query("SELECT product_id FROM stocks WHERE id = ? AND show_id = ?", {id_of(where), where.show.str()});
    if (!product) return product.error();
    if (product->empty()) return Errc::not_found;
    if (const auto made = ensure_inventory(db, product->front().text(0)); !made) return made.error();
    const auto rows = db.query(
        "SELECT s.total, s.committed, CASE WHEN i.stated = 1 AND i.total - i.allocated < 1000000000 - s.total THEN i.total - i.allocated ELSE "
        "1000000000 - s.total END, s.product_id FROM stocks s JOIN inventories i ON i.product_id = s.product_id WHERE s.id = ?",
        {id_of(where)});
    if (!rows) return rows.error();
    const auto& row = rows->front();
    return Figures{row.integer(0), row.integer(1), row.integer(2), row.text(3)};
}

Result<Figures> fund_figures(Database& db, const Allocation& where) {
    const auto known = db.query("SELECT (SELECT count(*) FROM shows WHERE id = ?), (SELECT count(*) FROM funds WHERE id = ?)",
                                {where.show.str(), id_of(where)});
    if (!known) return known.error();
    if (known->front().integer(0) == 0 || known->front().integer(1) == 0) return Errc::not_found;
    const auto made = db.execute("INSERT INTO fund_pools (show_id, fund_id) VALUES (?, ?) ON CONFLICT (show_id, fund_id) DO NOTHING",
                                 {where.show.str(), id_of(where)});
    if (!made) return made.error();
    const auto rows = db.query(
        "SELECT p.leased_fen, p.spent_fen, f.total_fen - f.leased_fen FROM fund_pools p JOIN funds f ON f.id = p.fund_id WHERE p.show_id = ? "
        "AND p.fund_id = ?",
        {where.show.str(), id_of(where)});
    if (!rows) return rows.error();
    const auto& row = rows->front();
    return Figures{row.integer(0), row.integer(1), row.integer(2), {}};
}

Result<Figures> figures_of(Database& db, const Allocation& where) {
    if (is_stock(where)) return stock_figures(db, where);
    if (where.field.starts_with(fund_prefix)) return fund_figures(db, where);
    return Errc::not_found;
}

/// Moves `amount` from the source to the allocation. The figures have said that it can be done, and the rules in the tables say it again.
Result<> move(Database& db, const Allocation& where, const Figures& figures, std::int64_t amount) {
    if (is_stock(where)) {
        const auto stock = db.execute("UPDATE stocks SET total = total + ? WHERE id = ?", {amount, id_of(where)});
        if (!stock) return stock.error();
        return done(
            db.execute("UPDATE inventories SET allocated = allocated + ?, total = CASE WHEN stated = 0 THEN total + ? ELSE total END WHERE "
                       "product_id = ?",
                       {amount, amount, figures.product}));
    }
    const auto pool = db.execute("UPDATE fund_pools SET leased_fen = leased_fen + ? WHERE show_id = ? AND fund_id = ?",
                                 {amount, where.show.str(), id_of(where)});
    if (!pool) return pool.error();
    return done(db.execute("UPDATE funds SET leased_fen = leased_fen + ? WHERE id = ?", {amount, id_of(where)}));
}

Result<> set_state(Database& db, const Change& change, ChangeState from, ChangeState to, std::int64_t amount) {
    return done(
        db.execute("UPDATE allocation_changes SET state = ?, amount = ? WHERE show_id = ? AND field = ? AND number = ? AND state = ?",
                   {static_cast<std::int64_t>(to), amount, change.where.show.str(), change.where.field, change.number,
                    static_cast<std::int64_t>(from)}));
}

/// What may be changed by, and by how much it will be; or why not.
ChangeAnswer judge(const Figures& figures, const ChangeRequest& request) {
    ChangeAnswer answer;
    const auto unsold = figures.total - figures.committed;
    answer.change.amount = request.wanted != 0 ? request.wanted : -unsold;
    if (request.wanted > figures.free) answer = {ChangeAnswer::Refusal::not_enough_free, figures.free, {}};
    if (request.wanted < -unsold) answer = {ChangeAnswer::Refusal::below_sold, unsold, {}};
    return answer;
}

Result<std::int64_t> count(Database& db, std::string_view sql, std::vector<Value> params) {
    const auto rows = db.query(sql, std::move(params));
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

Result<> record(Database& db, const Change& change) {
    return done(db.execute(
        "INSERT INTO allocation_changes (show_id, field, number, id, wanted, amount, state, by_account, why, at_ms) VALUES (?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?)",
        {change.where.show.str(), change.where.field, change.number, change.id, change.wanted, change.amount,
         static_cast<std::int64_t>(change.state), change.by_account, change.why, change.at_ms}));
}

}  // namespace

Result<> ensure_inventory(Database& db, const std::string& product) {
    return done(db.execute(
        "INSERT INTO inventories (product_id, total, allocated, stated) SELECT p.id, (SELECT CAST(coalesce(sum(s.total), 0) AS BIGINT) FROM "
        "stocks s WHERE s.product_id = p.id), (SELECT CAST(coalesce(sum(s.total), 0) AS BIGINT) FROM stocks s WHERE s.product_id = p.id), 0 "
        "FROM products p WHERE p.id = ? ON CONFLICT (product_id) DO NOTHING",
        {product}));
}

Result<ChangeAnswer> ask_change(Database& db, const ChangeRequest& request, std::int64_t now_ms) {
    const auto& where = request.where;
    const auto known = query_changes(db, "WHERE id = ?", {request.id});
    if (!known) return known.error();
    if (!known->empty()) {
        const auto& change = known->front();
        const bool same = change.where.show == where.show && change.where.field == where.field && change.wanted == request.wanted;
        return ChangeAnswer{same ? ChangeAnswer::Refusal::none : ChangeAnswer::Refusal::other_change, 0, change};
    }
    const auto figures = figures_of(db, where);
    if (!figures) return figures.error();
    const auto asked = count(db, "SELECT count(*) FROM allocation_changes WHERE show_id = ? AND field = ? AND state = 1",
                             {where.show.str(), where.field});
    if (!asked) return asked.error();
    if (*asked > 0) return ChangeAnswer{ChangeAnswer::Refusal::under_way, 0, {}};
    auto answer = judge(*figures, request);
    if (answer.refusal != ChangeAnswer::Refusal::none) return answer;

    const auto newest = count(db, "SELECT coalesce(max(number), 0) FROM allocation_changes WHERE show_id = ? AND field = ?",
                              {where.show.str(), where.field});
    if (!newest) return newest.error();
    const auto tills = count(db, "SELECT count(*) FROM tills WHERE show_id = ?", {where.show.str()});
    if (!tills) return tills.error();
    const bool adds = request.wanted > 0;
    const auto state = *tills == 0 ? ChangeState::told : adds ? ChangeState::done : ChangeState::asked;
    answer.change = {where,   *newest + 1,        request.id,  request.wanted, state == ChangeState::asked ? 0 : answer.change.amount, state,
                     request.by_account, request.why, now_ms};
    if (state != ChangeState::asked)
        if (const auto moved = move(db, where, *figures, answer.change.amount); !moved) return moved.error();
    if (const auto recorded = record(db, answer.change); !recorded) return recorded.error();
    return answer;
}

Result<> allocate_new(Database& db, const StockId& stock, std::int64_t units) {
    const auto show = db.query("SELECT show_id FROM stocks WHERE id = ?", {stock.str()});
    if (!show) return show.error();
    if (show->empty()) return Errc::not_found;
    const auto where = Allocation::of_stock(ShowId(show->front().text(0)), stock);
    const auto figures = figures_of(db, where);
    if (!figures) return figures.error();
    if (units > figures->free) return Errc::conflict;
    return move(db, where, *figures, units);
}

Result<Change> find_change(Database& db, const std::string& id) {
    auto changes = query_changes(db, "WHERE id = ?", {id});
    if (!changes) return changes.error();
    if (changes->empty()) return Errc::not_found;
    return std::move(changes->front());
}

Result<std::vector<Change>> open_changes(Database& db, const Allocation& where) {
    return query_changes(db, "WHERE show_id = ? AND field = ? AND state < 3 ORDER BY number", {where.show.str(), where.field});
}

Result<std::vector<Change>> list_changes(Database& db, const Allocation& where) {
    return query_changes(db, "WHERE show_id = ? AND field = ? ORDER BY number DESC LIMIT 200", {where.show.str(), where.field});
}

Result<std::vector<Allocation>> open_allocations(Database& db, std::int64_t before_ms) {
    const auto rows = db.query(
        "SELECT show_id, field FROM allocation_changes WHERE state < 3 AND at_ms < ? GROUP BY show_id, field ORDER BY min(at_ms) LIMIT 100",
        {before_ms});
    return read_allocations(rows);
}

Result<std::vector<Allocation>> unreturned(Database& db, const ShowId& show) {
    const auto rows = db.query(
        "SELECT h.id, 'left:' || s.id FROM shows h JOIN stocks s ON s.show_id = h.id WHERE h.state = 3 AND s.total > s.committed AND (? = '' "
        "OR h.id = ?) UNION ALL SELECT h.id, 'pool:' || p.fund_id FROM shows h JOIN fund_pools p ON p.show_id = h.id WHERE h.state = 3 AND "
        "p.leased_fen > p.spent_fen AND (? = '' OR h.id = ?) LIMIT 100",
        {show.str(), show.str(), show.str(), show.str()});
    return read_allocations(rows);
}

Result<std::map<std::string, std::int64_t>> newest_settled(Database& db, const ShowId& show) {
    const auto rows =
        db.query("SELECT field, max(number) FROM allocation_changes WHERE show_id = ? AND state <> 1 GROUP BY field", {show.str()});
    if (!rows) return rows.error();
    std::map<std::string, std::int64_t> numbers;
    for (const Row& row : *rows) numbers[row.text(0)] = row.integer(1);
    return numbers;
}

Result<> note_told(Database& db, const Change& change) {
    return set_state(db, change, ChangeState::done, ChangeState::told, change.amount);
}

Result<> note_refused(Database& db, const Change& change) {
    return set_state(db, change, ChangeState::asked, ChangeState::refused, 0);
}

Result<bool> settle_adjustment(Database& db, const Allocation& where, const std::string& what) {
    std::int64_t number = 0, amount = 0;
    const char* const end = what.data() + what.size();
    const auto [bar, bad_number] = std::from_chars(what.data(), end, number);
    if (bad_number != std::errc() || bar == end || *bar != '|') return false;
    const auto [last, bad_amount] = std::from_chars(bar + 1, end, amount);
    if (bad_amount != std::errc() || last != end) return false;
    const auto changes = query_changes(db, "WHERE show_id = ? AND field = ? AND number = ?", {where.show.str(), where.field, number});
    if (!changes) return Result<bool>(boost::system::in_place_error, changes.error());
    if (changes->empty()) return false;
    const auto& change = changes->front();
    const auto failed = [](const boost::system::error_code& error) { return Result<bool>(boost::system::in_place_error, error); };
    if (change.state == ChangeState::done) {
        if (const auto told = note_told(db, change); !told) return failed(told.error());
        return true;
    }
    if (change.state == ChangeState::told) return true;  // it was taken before a rebuild, and is in the ledger
    // Also one that the till refused before a rebuild: what it has given now is gone from it.
    const auto figures = figures_of(db, where);
    if (!figures) return failed(figures.error());
    if (amount > 0 || figures->total + amount < figures->committed) {
        if (const auto refused = note_refused(db, change); !refused) return failed(refused.error());
        return false;
    }
    if (const auto moved = move(db, where, *figures, amount); !moved) return failed(moved.error());
    if (const auto settled = set_state(db, change, change.state, ChangeState::told, amount); !settled) return failed(settled.error());
    return true;
}

}  // namespace livefair::ledger
