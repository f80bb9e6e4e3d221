#include "ledger/placed_orders.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "ledger/order_terms.hpp"

namespace livefair::ledger {

namespace {

/// Ends the enclosing function with the error of a Result.
#define TRY(expression) \
    if (const auto try_result = (expression); try_result.has_error()) return try_result.error()

/// More units of one stock than this no show has (the schema's bound of stocks.total).
constexpr std::int64_t units_max = 1'000'000'000;

constexpr const char* insert_orders =
    "INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, "
    "placed_ms, hold_until_ms, left_after, stream_id, address_id, recipient, phone, region_code, region_name, detail, "
    "subsidy_fen, fund_id, offer_version, deliver_from_ms, deliver_until_ms, ship_by_ms, without_gift, segment_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* insert_lines =
    "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, units, amount_fen, weight_g, "
    "origin_code, origin_name, subsidy_fen, supplier_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* insert_events =
    "INSERT INTO order_events (show_id, stream_id, place, order_id, kind, at_ms, detail) "
    "VALUES (?, ?, ?, ?, 'placed', ?, ?)";
constexpr const char* insert_entries =
    "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
    "VALUES (?, ?, ?, ?, 'receivable', 'reserved', ?, ?)";
constexpr const char* insert_fund_entries =
    "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) "
    "VALUES (?, ?, ?, ?, 'fund_receivable', 'fund_reserved', ?, ?)";
/// Above the orders of one entry.
constexpr std::int64_t fund_position = 1000;
/// More of a fund than one offer may cost it.
constexpr std::int64_t subsidy_max = 10'000'000'000;

std::string lines_key(const std::vector<StockUnits>& lines) {
    std::string key;
    for (const auto& line : lines) key += line.stock + ":" + std::to_string(line.units) + ",";
    return key;
}

std::vector<std::int64_t> shares_of(const OfferFacts& offer) {
    std::vector<std::int64_t> shares;
    for (const auto& part : offer.parts) shares.push_back(part.share_fen);
    return shares;
}

/// Orders of as much of the same offer for as much: they have the same lines.
struct Group {
    std::vector<CountedLine> lines;
    std::vector<std::int64_t> subsidies;  ///< Of the lines.
    std::int64_t held = 0;                ///< Orders.
};

/// What the rows of one order are written from.
struct OrderRow {
    const Placement* placement;
    const Group* group;
    const Row* address;
    FrozenTerms frozen;
    std::int64_t at_ms;
    std::int64_t subsidy_fen;
};

struct LineRow {
    const OrderRow* order;
    std::size_t place;
};

void fill_order(const OrderRow& order, const std::string& show, std::vector<ValueView>& row) {
    const auto& placement = *order.placement;
    const auto& [facts, offer, to, frozen] = std::tie(placement.facts, *placement.offer, *order.address, order.frozen);
    row.assign({placement.id(), show, facts.offer, facts.buyer, offer.title, facts.quantity, facts.unit_price_fen, facts.amount_fen,
                static_cast<std::int64_t>(placement.state), facts.placed_ms, facts.hold_until_ms, facts.left_after, placement.entry->id,
                facts.address, to.text(1), to.text(2), to.text(3), to.text(4), to.text(5), order.subsidy_fen, offer.fund_id, facts.version,
                frozen.deliver_from_ms, frozen.deliver_until_ms, frozen.ship_by_ms, std::int64_t{frozen.without_gift}, offer.segment});
}

void fill_line(const LineRow& of, std::vector<ValueView>& row) {
    const auto& [order, place] = of;
    const auto& line = order->group->lines[place];
    const auto& part = order->placement->offer->parts[place];
    row.assign({order->placement->id(), static_cast<std::int64_t>(place + 1), part.line.stock, line.product, line.title, line.unit, line.units,
                line.amount_fen, line.weight_g, line.origin_code, line.origin_name, order->group->subsidies[place], part.supplier});
}

}  // namespace

std::vector<std::int64_t> split_amount(std::int64_t amount, const std::vector<std::int64_t>& shares) {
    __extension__ using Wide = __int128;
    Wide sum = 0;
    for (const auto share : shares) sum += share;
    std::size_t last = shares.size() - 1;
    while (last > 0 && sum > 0 && shares[last] == 0) --last;
    std::vector<std::int64_t> parts(shares.size(), 0);
    std::int64_t rest = amount;
    for (std::size_t i = 0; i < last && sum > 0; ++i) {
        parts[i] = static_cast<std::int64_t>(static_cast<Wide>(amount) * shares[i] / sum);
        rest -= parts[i];
    }
    parts[last] = rest;
    return parts;
}

std::vector<StockUnits> Placement::demand() const {
    std::vector<StockUnits> demand;
    for (const auto& part : offer->parts) demand.push_back({part.line.stock, part.line.units * facts.quantity});
    if (offer->subsidy_fen > 0) demand.push_back({"$" + offer->fund_id, offer->subsidy_fen * facts.quantity});
    return demand;
}

std::vector<CountedLine> Placement::lines() const {
    const auto amounts = split_amount(facts.amount_fen, shares_of(*offer));
    std::vector<CountedLine> lines;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        const auto& part = offer->parts[i];
        const auto units = part.line.units * facts.quantity;
        lines.push_back({part.product, part.title, part.origin_code, part.origin_name, part.unit, units, amounts[i],
                         part.weight_g * units});
    }
    return lines;
}

Result<Placement> PlacedOrders::read(const StreamEntry& entry, std::size_t place) {
    Placement placement{&entry, place};
    auto facts = OrderText::parse(entry.orders[place].facts);
    if (!facts) return placement;
    placement.facts = std::move(*facts);
    std::int64_t amount = 0;
    const bool overflows = __builtin_mul_overflow(placement.facts.unit_price_fen, placement.facts.quantity, &amount);
    if (overflows || amount != placement.facts.amount_fen) return placement;
    const auto offer = find_offer(placement.facts);
    if (!offer) return offer.error();
    const auto is_possible = [&](const OfferPart& part) {
        std::int64_t units = 0;
        return !__builtin_mul_overflow(part.line.units, placement.facts.quantity, &units) && units <= units_max;
    };
    if (*offer != nullptr && std::all_of((*offer)->parts.begin(), (*offer)->parts.end(), is_possible))
        placement.offer = *offer;
    return placement;
}

Result<const OfferFacts*> PlacedOrders::find_offer(const OrderText& facts) {
    std::pair key(facts.offer, lines_key(facts.lines));
    auto known = offers_.find(key);
    if (known == offers_.end()) {
        auto offer = read_offer(facts);
        if (!offer) return offer.error();
        known = offers_.emplace(std::move(key), std::move(*offer)).first;
    }
    return known->second.parts.empty() ? nullptr : &known->second;
}

Result<OfferFacts> PlacedOrders::read_offer(const OrderText& facts) {
    const auto titles = database_.query("SELECT title, version, terms, coalesce(segment_id, '') FROM offers WHERE id = ? AND show_id = ?", {facts.offer, show_});
    if (!titles) return titles.error();
    if (titles->empty()) return OfferFacts();
    const auto& title = titles->front();
    OfferFacts offer{title.text(0), {}, title.text(3), {}, 0, title.integer(1), title.text(2)};
    for (const auto& line : facts.lines) {
        // Then their sum can't overflow either.
        if (line.units > (line.stock.starts_with('$') ? subsidy_max : units_max)) return OfferFacts();
    }
    const auto all = OrderParts::of(facts.lines, 1);
    offer.fund_id = all.fund_id;
    offer.subsidy_fen = all.subsidy_fen;
    for (const auto& line : all.goods) {
        const auto rows = database_.query(
            "SELECT p.id, p.title, p.unit, p.net_weight_g, p.origin_code, p.origin_name, coalesce(l.share_fen, 0), "
            "coalesce(p.supplier_id, '') "
            "FROM stocks s JOIN products p ON p.id = s.product_id LEFT JOIN offer_lines l ON l.stock_id = s.id AND "
            "l.offer_id = ? WHERE s.id = ? AND s.show_id = ?",
            {facts.offer, line.stock, show_});
        if (!rows) return rows.error();
        if (rows->empty()) return OfferFacts();
        const auto& row = rows->front();
        offer.parts.push_back(
            {line, row.integer(6), row.text(0), row.text(1), row.text(2), row.text(4), row.text(5), row.text(7), row.integer(3)});
    }
    return offer;
}

Result<bool> PlacedOrders::is_any_known(const std::vector<std::string>& ids) {
    const auto rows = database_.query_each("SELECT id FROM orders WHERE id = ?", ids);
    if (!rows) return Result<bool>(boost::system::in_place_error, rows.error());
    return !rows->empty();
}

Result<> PlacedOrders::insert(const std::vector<Placement>& placements, SalesSums& sums) {
    std::vector<std::string> address_ids;
    for (const auto& placement : placements) address_ids.push_back(placement.facts.address);
    const auto found =
        database_.query_each("SELECT id, recipient, phone, region_code, region_name, detail FROM addresses WHERE id = ?",
                             address_ids);
    if (!found) return found.error();
    std::unordered_map<std::string_view, const Row*> addresses;
    for (const auto& row : *found) addresses.emplace(row.text(0), &row);
    static const Row no_address(std::vector<Value>(6, std::string()));

    std::map<std::tuple<const OfferFacts*, std::int64_t, std::int64_t>, Group> groups;
    std::vector<OrderRow> orders;
    orders.reserve(placements.size());
    std::vector<LineRow> lines;
    std::vector<const OrderRow*> held, subsidised;
    for (const auto& placement : placements) {
        const auto& facts = placement.facts;
        const auto& offer = *placement.offer;
        auto frozen = frozen_terms(database_, facts, offer.version, offer.terms);
        if (!frozen) return frozen.error();
        auto& group = groups[{&offer, facts.quantity, facts.amount_fen}];
        if (group.lines.empty()) group = {placement.lines(), split_amount(offer.subsidy_fen * facts.quantity, shares_of(offer))};
        const auto address = addresses.find(facts.address);
        const auto& order = orders.emplace_back(OrderRow{&placement, &group, address == addresses.end() ? &no_address : address->second, *frozen,
                                                         static_cast<std::int64_t>(StreamId::parse(placement.entry->id).ms),
                                                         offer.subsidy_fen * facts.quantity});
        for (std::size_t i = 0; i < group.lines.size(); ++i) lines.push_back({&order, i});
        if (placement.state != OrderState::reserved) continue;
        ++group.held;
        held.push_back(&order);
        if (order.subsidy_fen > 0) subsidised.push_back(&order);
    }
    for (const auto& [like, group] : groups) sums.hold(group.lines, group.held);

    using Views = std::vector<ValueView>;
    const auto write = [&](const char* sql, std::size_t count, const FillRow& fill) -> Result<> {
        if (const auto written = database_.execute_rows(sql, count, fill); !written) return written.error();
        return {};
    };
    TRY(write(insert_orders, orders.size(), [&](std::size_t i, Views& row) { fill_order(orders[i], show_, row); }));
    TRY(write(insert_lines, lines.size(), [&](std::size_t i, Views& row) { fill_line(lines[i], row); }));
    TRY(write(insert_events, orders.size(), [&](std::size_t i, Views& row) {
        const auto& placement = *orders[i].placement;
        row.assign({show_, placement.entry->id, static_cast<std::int64_t>(placement.place), placement.id(), orders[i].at_ms, placement.short_stocks});
    }));
    TRY(write(insert_entries, held.size(), [&](std::size_t i, Views& row) {
        const auto& placement = *held[i]->placement;
        row.assign({show_, placement.entry->id, placement.position, placement.id(), placement.facts.amount_fen, held[i]->at_ms});
    }));
    return write(insert_fund_entries, subsidised.size(), [&](std::size_t i, Views& row) {
        const auto& placement = *subsidised[i]->placement;
        row.assign({show_, placement.entry->id, placement.position + fund_position, placement.id(), subsidised[i]->subsidy_fen, subsidised[i]->at_ms});
    });
}

#undef TRY

}  // namespace livefair::ledger
