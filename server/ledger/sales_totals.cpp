#include "ledger/sales_totals.hpp"

#include <livefair/v1/totals.pb.h>

#include <algorithm>
#include <array>

namespace livefair::ledger {

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

constexpr std::int64_t lines_max = 5000, page_max = 200;

/// Where a dimension's key and its name come from: orders o, order_lines l, shows h, and what `join` adds.
struct Source {
    Dimension dimension;
    std::string_view name;
    const char* key;
    const char* label;
    const char* join;
};
constexpr std::array<Source, 13> sources = {{
    {Dimension::show, "show", "o.show_id", "h.title", ""},
    {Dimension::segment, "segment", "o.segment_id", "coalesce(g.region_name, '')",
     "LEFT JOIN segments g ON g.id = o.segment_id "},
    {Dimension::host, "host", "coalesce(g.host_id, '')", "coalesce(m.name, '')",
     "LEFT JOIN segments g ON g.id = o.segment_id LEFT JOIN hosts m ON m.id = g.host_id "},
    {Dimension::origin_city, "origin_city",
     "CASE WHEN l.origin_code = '' THEN '' ELSE substr(l.origin_code, 1, 4) || '00' END",
     "CASE WHEN substr(l.origin_code, 5, 2) = '00' THEN l.origin_name ELSE '' END", ""},
    {Dimension::origin_county, "origin_county", "l.origin_code", "l.origin_name", ""},
    {Dimension::buyer_city, "buyer_city",
     "CASE WHEN o.region_code = '' THEN '' ELSE substr(o.region_code, 1, 4) || '00' END",
     // An address's words may say more than its code.
     "''", ""},
    {Dimension::buyer_county, "buyer_county", "o.region_code",
     "CASE WHEN substr(o.region_code, 5, 2) <> '00' THEN o.region_name ELSE '' END", ""},
    {Dimension::product, "product", "l.product_id", "l.title", ""},
    // A supplier without an organisation is told by the name on its products.
    {Dimension::supplier, "supplier",
     "CASE WHEN l.supplier_id <> '' THEN l.supplier_id WHEN coalesce(p.supplier_name, '') <> '' THEN '~' || "
     "p.supplier_name ELSE '' END",
     "coalesce(s.name, p.supplier_name, '')",
     "LEFT JOIN products p ON p.id = l.product_id LEFT JOIN organisations s ON s.id = l.supplier_id "},
    {Dimension::organisation, "organisation", "o.organisation_id", "coalesce(s.name, '')",
     "LEFT JOIN organisations s ON s.id = o.organisation_id "},
    {Dimension::channel, "channel", "CAST(h.channel AS TEXT)", "''", ""},
    {Dimension::kind, "kind", "CAST(o.kind AS TEXT)", "''", ""},
    {Dimension::ten_minutes, "ten_minutes", "CAST(o.placed_ms / 600000 * 600000 AS TEXT)", "''", ""},
}};

const Source& source_of(Dimension dimension) {
    return sources[static_cast<std::size_t>(dimension)];
}

/// The show's order lines as of a moment, a row each: its key, what was sold, whether it was paid, and what of it had
/// gone back. An order counts from its placing on, unless the ledger never took it. 2 and 5 are PAID and REFUSED, kind 4
/// are gifts, which count under their kind alone.
std::string lines_by(Dimension dimension) {
    const auto& source = source_of(dimension);
    return std::string("(SELECT ") + source.key + " AS key, " + source.label +
           " AS name, o.id AS order_id, o.buyer_id AS buyer, o.placed_ms AS placed_ms, o.title AS title, o.kind AS "
           "kind, "
           "o.region_name AS region_name, o.organisation_id AS organisation_id, CASE WHEN o.state = 2 AND o.paid_ms <= "
           "? "
           "THEN 1 ELSE 0 END AS is_paid, o.paid_ms AS paid_ms, l.unit AS unit, l.units AS units, l.amount_fen AS fen, "
           "l.weight_g AS weight_g, coalesce(r.fen, 0) AS back_fen, coalesce(r.units, 0) AS back_units, "
           "l.weight_g / l.units * coalesce(r.units, 0) AS back_g "
           "FROM orders o JOIN shows h ON h.id = o.show_id JOIN order_lines l ON l.order_id = o.id " +
           source.join +
           "LEFT JOIN (SELECT f.order_id AS order_id, b.position AS position, sum(b.amount_fen) AS fen, sum(b.units) "
           "AS "
           "units FROM refunds f JOIN refund_lines b ON b.refund_id = f.id WHERE f.show_id = ? AND f.decided_ms <= ? "
           "GROUP BY f.order_id, b.position) r ON r.order_id = o.id AND r.position = l.position " +
           (dimension == Dimension::kind ? "WHERE " : "WHERE o.kind <> 4 AND ") +
           "o.show_id = ? AND o.placed_ms <= ? AND (o.state <> 5 OR EXISTS (SELECT 1 FROM order_events e WHERE "
           "e.order_id = o.id AND e.kind = 'placed' AND e.detail = ''))) x ";
}

std::vector<Value> params_of(const SalesQuestion& question) {
    return {question.as_of_ms, question.show.str(), question.as_of_ms, question.show.str(), question.as_of_ms};
}

/// What the queries below select of the rows of lines_by(), read back by read_sums().
constexpr const char* sums =
    "min(unit) AS low, max(unit) AS high, count(DISTINCT order_id) AS orders, count(DISTINCT CASE WHEN is_paid = 1 "
    "THEN "
    "order_id END) AS orders_paid, sum(units) AS units, sum(is_paid * units) AS units_paid, sum(back_units) AS "
    "back_units, "
    "sum(is_paid * weight_g) AS paid_g, sum(back_g) AS back_g, sum(fen) AS gross_fen, sum(is_paid * fen) AS paid_fen, "
    "sum(back_fen) AS back_fen ";
constexpr std::size_t sums_count = 12;

void read_sums(const Row& row, std::size_t first, v1::SalesFigures& figures) {
    if (row.text(first) == row.text(first + 1)) figures.set_unit(row.text(first));
    figures.set_orders(row.integer(first + 2));
    figures.set_orders_paid(row.integer(first + 3));
    figures.set_units(row.integer(first + 4));
    figures.set_units_paid(row.integer(first + 5));
    figures.set_units_refunded(row.integer(first + 6));
    figures.set_weight_paid_g(row.integer(first + 7));
    figures.set_weight_refunded_g(row.integer(first + 8));
    figures.set_gross_fen(row.integer(first + 9));
    figures.set_paid_fen(row.integer(first + 10));
    figures.set_refunded_fen(row.integer(first + 11));
    figures.set_net_fen(figures.paid_fen() - figures.refunded_fen());
}

/// First by key and buyer, then by key: an order has one buyer, so orders add up, and buyers can be counted.
Result<std::vector<v1::SalesFigures>> figures_by(Database& database, Dimension dimension,
                                                 const SalesQuestion& question) {
    const auto rows = database.query(
        "SELECT key, max(name), min(low), max(high), sum(orders), sum(orders_paid), sum(units), sum(units_paid), "
        "sum(back_units), sum(paid_g), sum(back_g), sum(gross_fen), sum(paid_fen), sum(back_fen), "
        "sum(CASE WHEN buyer <> '' AND orders_paid > 0 THEN 1 ELSE 0 END), "
        "sum(CASE WHEN buyer <> '' AND orders_paid > 1 THEN 1 ELSE 0 END) FROM (SELECT key, buyer, max(name) AS "
        "name, " +
            std::string(sums) + "FROM " + lines_by(dimension) +
            "GROUP BY key, buyer) y GROUP BY key ORDER BY key LIMIT " + std::to_string(lines_max + 1),
        params_of(question));
    if (!rows) return rows.error();
    if (rows->size() > lines_max) return make_error_code(Errc::too_large);
    std::vector<v1::SalesFigures> lines;
    for (const auto& row : *rows) {
        auto& line = lines.emplace_back();
        line.set_key(row.text(0));
        line.set_name(row.text(1));
        read_sums(row, 2, line);
        line.set_buyers(row.integer(2 + sums_count));
        line.set_repeat_buyers(row.integer(3 + sums_count));
    }
    return lines;
}

Result<std::string> title_of(Database& database, const ShowId& show) {
    const auto rows = database.query("SELECT title FROM shows WHERE id = ?", {show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    return rows->front().text(0);
}

/// Who came back, who watched, and who lives by what was sold.
Result<> add_people(Database& database, const SalesQuestion& question, v1::SalesTotals& totals) {
    const auto& show = question.show.str();
    const auto returned = database.query(
        "SELECT count(DISTINCT o.buyer_id) FROM orders o WHERE o.show_id = ? AND o.state = 2 AND o.paid_ms <= ? AND "
        "o.buyer_id <> '' AND EXISTS (SELECT 1 FROM orders p WHERE p.buyer_id = o.buyer_id AND p.show_id <> o.show_id "
        "AND "
        "p.state = 2 AND p.paid_ms < o.placed_ms)",
        {show, question.as_of_ms});
    if (!returned) return returned.error();
    totals.set_returning_buyers(returned->front().integer(0));
    const auto watched =
        database.query("SELECT views, people FROM samples WHERE show_id = ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1",
                       {show, question.as_of_ms});
    if (!watched) return watched.error();
    if (!watched->empty()) {
        totals.set_views(watched->front().integer(0));
        totals.set_people(watched->front().integer(1));
    }
    const auto benefited = database.query(
        "SELECT count(*), sum(households), sum(people) FROM organisations WHERE id IN (SELECT key FROM " +
            lines_by(Dimension::supplier) + "WHERE is_paid = 1 AND units > back_units)",
        params_of(question));
    if (!benefited) return benefited.error();
    totals.set_suppliers(benefited->front().integer(0));
    totals.set_households_benefited(benefited->front().integer(1));
    totals.set_people_benefited(benefited->front().integer(2));
    return {};
}

}  // namespace

std::optional<Dimension> dimension_of(std::string_view name) {
    const auto found =
        std::find_if(sources.begin(), sources.end(), [&](const auto& source) { return source.name == name; });
    if (found == sources.end()) return std::nullopt;
    return found->dimension;
}

Result<v1::SalesTotals> sales_totals(Database& database, const SalesQuestion& question) {
    const auto title = title_of(database, question.show);
    if (!title) return title.error();
    const auto show = figures_by(database, Dimension::show, question);
    if (!show) return show.error();
    v1::SalesTotals totals;
    totals.set_show_id(question.show.str());
    totals.set_dimension(std::string(source_of(question.dimension).name));
    totals.set_as_of_ms(question.as_of_ms);
    if (!show->empty()) *totals.mutable_show() = show->front();
    totals.mutable_show()->set_key(question.show.str());
    totals.mutable_show()->set_name(*title);
    if (question.dimension == Dimension::show) {
        TRY(add_people(database, question, totals));
        return totals;
    }
    auto lines = figures_by(database, question.dimension, question);
    if (!lines) return lines.error();
    for (auto& line : *lines) *totals.add_lines() = std::move(line);
    return totals;
}

Result<v1::ListSalesOrdersResponse> sales_orders(Database& database, const SalesQuestion& question,
                                                 const SalesPage& page) {
    TRY(title_of(database, question.show));
    const auto count = std::clamp<std::int64_t>(page.count, 1, page_max);
    auto params = params_of(question);
    params.insert(params.end(), {page.key, page.after.str(), count + 1});
    const auto rows = database.query(
        "SELECT order_id, max(placed_ms), max(is_paid * paid_ms), max(title), max(kind), max(region_name), "
        "max(organisation_id), " +
            std::string(sums) + "FROM " + lines_by(question.dimension) +
            "WHERE key = ? AND order_id > ? GROUP BY order_id ORDER BY order_id LIMIT ?",
        std::move(params));
    if (!rows) return rows.error();
    v1::ListSalesOrdersResponse response;
    response.set_show_id(question.show.str());
    response.set_dimension(std::string(source_of(question.dimension).name));
    response.set_key(page.key);
    response.set_as_of_ms(question.as_of_ms);
    for (const auto& row : *rows) {
        if (response.orders_size() == count) {
            response.set_has_more(true);
            break;
        }
        auto& order = *response.add_orders();
        order.set_order_id(row.text(0));
        order.set_placed_ms(row.integer(1));
        order.set_paid_ms(row.integer(2));
        order.set_title(row.text(3));
        order.set_kind(static_cast<std::int32_t>(row.integer(4)));
        order.set_region_name(row.text(5));
        order.set_organisation_id(row.text(6));
        read_sums(row, 7, *order.mutable_figures());
    }
    return response;
}

Result<std::string> cursor_of_show(Database& database, const ShowId& show) {
    const auto rows = database.query("SELECT stream_id FROM tills WHERE show_id = ?", {show.str()});
    if (!rows) return rows.error();
    return rows->empty() ? std::string() : rows->front().text(0);
}

#undef TRY

}  // namespace livefair::ledger
