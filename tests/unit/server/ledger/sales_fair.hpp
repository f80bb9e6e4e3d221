#pragma once

#include <livefair/v1/totals.pb.h>

#include <map>
#include <random>
#include <set>

#include "ledger/placed_orders.hpp"
#include "ledger/refunds.hpp"
#include "ledger/sales_totals.hpp"
#include "unit/server/ledger/projected_show.hpp"

/// A show with random sales, and a plain account of them beside the ledger.
namespace livefair::test {

inline const std::vector<std::string> sales_dimensions = {
    "show",    "segment",  "host",         "origin_city", "origin_county", "buyer_city", "buyer_county",
    "product", "supplier", "organisation", "channel",     "kind",          "ten_minutes"};

struct Good {
    std::string product, supplier, county;
    std::int64_t weight_g;
};
inline const std::vector<Good> goods = {
    {"p-s1", "coop", "431227", 500}, {"p-s2", "", "431202", 1500}, {"p-s3", "coop", "610924", 3}};
struct Box {
    std::string id, segment, host;
    std::int64_t price_fen;
    std::vector<std::pair<std::size_t, std::int64_t>> parts;  ///< Of `goods`, and units.
};
inline const std::vector<Box> boxes = {{"one", "seg1", "host1", 100, {{0, 1}}},
                                       {"two", "seg2", "host1", 251, {{1, 2}}},
                                       {"all", "", "", 301, {{0, 1}, {1, 1}, {2, 3}}}};

/// A plain account of what happened, kept beside the ledger.
struct Part {
    std::size_t good;
    std::int64_t units, fen;
};
struct Back {
    std::int64_t at_ms;
    std::vector<std::int64_t> fen, units;  ///< By part.
};
struct SoldOrder {
    std::string id, buyer;
    const Box* box;
    std::int64_t quantity, placed_ms;
    std::vector<Part> parts;
    std::int64_t paid_ms = 0;
    bool is_held = true;
    std::vector<Back> backs{};
};

class SalesFair : public ProjectedShow {
public:
    explicit SalesFair(unsigned seed) : random_(seed) {
        write("BEGIN");
        write(
            "INSERT INTO organisations (id, name, kind, region_code, created_ms, households, people) VALUES ('coop', "
            "'新晃合作社', 'cooperative', '431227', 0, 12, 40)");
        write(
            "INSERT INTO hosts (id, name, title, region_code, region_name, created_ms) VALUES ('host1', '姜欣', "
            "'主席', '430000', '湖南', 0)");
        for (const auto* segment : {"seg1", "seg2"})
            write(
                "INSERT INTO segments (id, show_id, position, host_id, region_code, region_name) VALUES (?, 'show1', "
                "?, 'host1', '431200', '怀化')",
                {segment, std::int64_t{segment[3] - '0'}});
        for (std::size_t i = 0; i < goods.size(); ++i) {
            const auto stock = "s" + std::to_string(i + 1);
            add_stock(stock, 100'000, goods[i].weight_g);
            write("UPDATE products SET origin_code = ?, supplier_id = ?, supplier_name = '散户' WHERE id = ?",
                  {goods[i].county, goods[i].supplier.empty() ? ledger::Value() : ledger::Value(goods[i].supplier),
                   goods[i].product});
        }
        for (const auto& box : boxes) {
            std::vector<std::pair<std::string, std::int64_t>> lines;
            for (const auto& [good, units] : box.parts) lines.emplace_back("s" + std::to_string(good + 1), units);
            add_offer(box.id, box.price_fen, lines);
            if (!box.segment.empty()) write("UPDATE offers SET segment_id = ? WHERE id = ?", {box.segment, box.id});
        }
        for (int i = 0; i < buyers; ++i) add_buyer("b" + std::to_string(i));
        write("COMMIT");
    }

    std::vector<SoldOrder> orders;
    std::int64_t now_ms = 1'000'000;

    void happen(int steps) {
        for (int i = 0; i < steps; ++i) {
            now_ms += 1 + static_cast<std::int64_t>(below(60'000));
            const auto dice = below(10);
            if (dice < 5 || orders.empty())
                place();
            else if (auto& order = orders[below(orders.size())]; order.is_held)
                dice < 9 ? pay(order) : release(order);
            else if (order.paid_ms > 0)
                refund(order);
        }
    }
    v1::SalesTotals totals(const std::string& dimension, std::int64_t as_of_ms) {
        return ledger::sales_totals(database(), {show, *ledger::dimension_of(dimension), as_of_ms}).value();
    }

private:
    static constexpr int buyers = 9;

    std::size_t below(std::size_t end) { return random_() % end; }
    std::string next_id() { return std::to_string(now_ms) + "-0"; }

    void place() {
        const auto& box = boxes[below(boxes.size())];
        SoldOrder order{"o" + std::to_string(random_() % 900 + 100) + std::to_string(orders.size()),
                        "b" + std::to_string(below(buyers)),
                        &box,
                        static_cast<std::int64_t>(1 + below(4)),
                        now_ms,
                        {}};
        std::string lines;
        std::vector<std::int64_t> shares(box.parts.size(), box.price_fen / static_cast<std::int64_t>(box.parts.size()));
        const auto amounts = ledger::split_amount(box.price_fen * order.quantity, shares);
        for (std::size_t i = 0; i < box.parts.size(); ++i) {
            const auto& [good, units] = box.parts[i];
            lines += (i == 0 ? "s" : ",s") + std::to_string(good + 1) + ":" + std::to_string(units);
            order.parts.push_back({good, units * order.quantity, amounts[i]});
        }
        const auto text = "reserved|" + order.buyer + "|" + box.id + "|" + std::to_string(order.quantity) + "|a-" +
                          order.buyer + "|" + std::to_string(box.price_fen) + "|" +
                          std::to_string(box.price_fen * order.quantity) + "|" + std::to_string(now_ms) + "|" +
                          std::to_string(now_ms + 600'000) + "|7|" + lines + "|||";
        apply({entry(next_id(), {"k", "placed", "o", order.id, "b", text})});
        orders.push_back(std::move(order));
    }
    void pay(SoldOrder& order) {
        apply({entry(next_id(), {"k", "paid", "o", order.id, "b", "", "v", "sandbox", "p", "p" + order.id, "e",
                                 "e" + order.id, "m", "1"})});
        order.paid_ms = now_ms;
        order.is_held = false;
    }
    void release(SoldOrder& order) {
        apply({entry(next_id(), {"k", below(2) == 0 ? "expired" : "cancelled", "o", order.id, "b", ""})});
        order.is_held = false;
    }
    void refund(SoldOrder& order) {
        const auto id = "r" + std::to_string(now_ms);
        std::vector<std::int64_t> left;
        for (std::size_t i = 0; i < order.parts.size(); ++i) {
            left.push_back(order.parts[i].fen);
            for (const auto& back : order.backs) left.back() -= back.fen[i];
        }
        const bool is_money_alone = below(2) == 0;
        const auto answer =
            ledger::wish_refund(database(), {id, show, OrderId(order.id), is_money_alone ? 0 : 1,
                                             is_money_alone ? 7 : 0, "", AccountId("clerk"), false, 1'000'000, now_ms})
                .value();
        if (answer.outcome != ledger::RefundAnswer::Outcome::taken) return;
        const auto quantity = number("SELECT quantity FROM refunds WHERE id = '" + id + "'");
        Back back{
            now_ms, ledger::split_refund(number("SELECT amount_fen FROM refunds WHERE id = '" + id + "'"), left), {}};
        for (const auto& part : order.parts) back.units.push_back(part.units / order.quantity * quantity);
        order.backs.push_back(std::move(back));
    }

    std::mt19937 random_;
};

inline std::string city(const std::string& code) {
    return code.substr(0, 4) + "00";
}

inline std::string key_of(const std::string& dimension, const SoldOrder& order, const Good& good) {
    if (dimension == "show") return "show1";
    if (dimension == "segment") return order.box->segment;
    if (dimension == "host") return order.box->host;
    if (dimension == "origin_city") return city(good.county);
    if (dimension == "origin_county") return good.county;
    if (dimension == "buyer_city" || dimension == "buyer_county") return "430100";
    if (dimension == "product") return good.product;
    if (dimension == "supplier") return good.supplier.empty() ? "~散户" : good.supplier;
    if (dimension == "organisation") return "";
    if (dimension == "ten_minutes") return std::to_string(order.placed_ms / 600'000 * 600'000);
    return "1";  // the channel and the kind of all of them
}

inline std::map<std::string, v1::SalesFigures> expected(const SalesFair& fair, const std::string& dimension,
                                                        std::int64_t as_of_ms) {
    std::map<std::string, v1::SalesFigures> lines;
    std::map<std::string, std::map<std::string, std::set<std::string>>> paid_orders;  // by key and buyer
    for (const auto& order : fair.orders) {
        if (order.placed_ms > as_of_ms) continue;
        const bool is_paid = order.paid_ms > 0 && order.paid_ms <= as_of_ms;
        std::set<std::string> keys;
        for (std::size_t i = 0; i < order.parts.size(); ++i) {
            const auto& part = order.parts[i];
            const auto key = key_of(dimension, order, goods[part.good]);
            auto& line = lines[key];
            const bool is_first = keys.insert(key).second;
            line.set_orders(line.orders() + (is_first ? 1 : 0));
            line.set_units(line.units() + part.units);
            line.set_gross_fen(line.gross_fen() + part.fen);
            if (!is_paid) continue;
            line.set_orders_paid(line.orders_paid() + (is_first ? 1 : 0));
            line.set_units_paid(line.units_paid() + part.units);
            line.set_paid_fen(line.paid_fen() + part.fen);
            line.set_weight_paid_g(line.weight_paid_g() + part.units * goods[part.good].weight_g);
            paid_orders[key][order.buyer].insert(order.id);
            for (const auto& back : order.backs) {
                if (back.at_ms > as_of_ms) continue;
                line.set_units_refunded(line.units_refunded() + back.units[i]);
                line.set_refunded_fen(line.refunded_fen() + back.fen[i]);
                line.set_weight_refunded_g(line.weight_refunded_g() + back.units[i] * goods[part.good].weight_g);
            }
        }
    }
    for (auto& [key, line] : lines) {
        line.set_key(key);
        line.set_unit("盒");
        line.set_net_fen(line.paid_fen() - line.refunded_fen());
        for (const auto& [buyer, ids] : paid_orders[key]) {
            line.set_buyers(line.buyers() + 1);
            line.set_repeat_buyers(line.repeat_buyers() + (ids.size() > 1 ? 1 : 0));
        }
    }
    return lines;
}

}  // namespace livefair::test
