#pragma once

#include <livefair/v1/bulk.pb.h>

#include "ledger/direct_orders.hpp"
#include "ledger/quotes.hpp"
#include "ledger/refunds.hpp"
#include "ledger/totals.hpp"
#include "unit/server/ledger/orders_of_a_show.hpp"

namespace livefair::test {

inline const ledger::Actor clerk{AccountId("clerk"), 1000};
inline constexpr std::int64_t may_2020_ms = 1'590'000'000'000;  // 2020-05-21 02:40 in China

/// Show "show1" as a bulk channel or a stall, with a federation that buys and a cooperative that sells.
class Fair : public OrdersOfAShow {
public:
    explicit Fair(std::int64_t channel) {
        write("UPDATE shows SET channel = ?, state = 1", {channel});
        write(
            "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('fed', '株洲市妇联', "
            "'womens_federation', '430200', 0)");
        write(
            "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('coop', '新晃合作社', "
            "'cooperative', '431227', 0)");
        write("INSERT INTO suppliers (organisation_id, state, recommended_by) VALUES ('coop', 2, '')");
        write("UPDATE products SET supplier_id = 'coop'");
        write(
            "INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen) VALUES ('box', 1, 's1', 2, "
            "9900)");
    }
    std::int64_t committed() { return number("SELECT committed FROM stocks WHERE id = 's1'"); }
    v1::ShowTotals totals() { return ledger::totals_of_show(**this, ShowId("show1"), 1).value(); }
};

inline ledger::DirectOrder stall_order(const std::string& id, std::int64_t count) {
    ledger::DirectOrder order;
    order.id = OrderId(id);
    order.show = ShowId("show1");
    order.offer = OfferId("box");
    order.count = count;
    order.tag = "东门 3 号摊";
    order.reference = "现金";
    order.by = AccountId("clerk");
    order.at_ms = 1000;
    return order;
}

inline v1::Quote quote(const std::string& id, v1::OrderKind kind = v1::ORDER_KIND_BULK) {
    v1::Quote made;
    made.set_id(id);
    made.set_show_id("show1");
    made.set_offer_id("box");
    made.set_organisation_id("fed");
    made.set_kind(kind);
    made.set_unit_price_fen(8000);
    made.set_count_min(100);
    made.set_valid_until_ms(2000);
    if (kind == v1::ORDER_KIND_DONATION) made.set_beneficiary("新晃县敬老院");
    return made;
}

inline v1::QuoteOrder order_of(const std::string& id, std::int64_t count) {
    v1::QuoteOrder order;
    order.set_order_id(id);
    order.set_count(count);
    order.set_invoice_title("株洲市妇联");
    for (const std::int64_t part : {count / 2, count - count / 2}) {
        auto& to = *order.add_consignees();
        to.set_unit_name("第" + std::to_string(order.consignees_size()) + "食堂");
        to.set_recipient("李梅");
        to.set_phone("13900005678");
        to.set_region_code("430200");
        to.set_region_name("株洲");
        to.set_detail("天元路2号");
        to.set_count(part);
    }
    return order;
}

inline ledger::DirectStep step(const std::string& order, const std::string& reference = "ICBC-1",
                        std::int64_t at_ms = may_2020_ms) {
    return {ShowId("show1"), OrderId(order), reference, AccountId("clerk"), {}, at_ms};
}

/// `quantity` of an order or, 0, money alone.
inline ledger::RefundWish refund_wish(const std::string& id, const std::string& order, std::int64_t quantity,
                               std::int64_t amount_fen, const std::string& reference) {
    return {id,    ShowId("show1"), OrderId(order), quantity, amount_fen, "退", AccountId("clerk"),
            false, 1'700'000,       may_2020_ms,    reference};
}

inline ledger::QuoteOutcome take(ledger::Database& database, const std::string& quote, const v1::QuoteOrder& order,
                  const ledger::Actor& actor = clerk) {
    return ledger::order_by_quote(database, ShowId("show1"), quote, order, actor).value().outcome;
}

}  // namespace livefair::test
