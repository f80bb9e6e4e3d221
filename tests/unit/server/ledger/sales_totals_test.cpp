#include <livefair/v1/totals.pb.h>

#include <algorithm>

#include "unit/server/ledger/sales_fair.hpp"

using namespace livefair;
using ledger::Dimension;
using test::expected;
using test::sales_dimensions;
using test::SalesFair;

namespace {

/// Without the name, which the model does not have.
std::string text_of(v1::SalesFigures figures) {
    figures.clear_name();
    return figures.ShortDebugString();
}

}  // namespace

TEST_CASE("totals by every dimension and as of any moment are those of a plain account, and add up to the show's",
          "[totals]") {
    const auto seed = GENERATE(range(1U, 5U));
    INFO("seed " << seed);
    SalesFair fair(seed);
    fair.happen(120);
    const auto middle_ms = fair.orders[fair.orders.size() / 2].placed_ms;
    for (const auto as_of_ms : {std::int64_t{0}, middle_ms - 1, middle_ms, fair.now_ms}) {
        for (const auto& dimension : sales_dimensions) {
            INFO(dimension << " as of " << as_of_ms);
            const auto totals = fair.totals(dimension, as_of_ms);
            const auto wanted = expected(fair, dimension, as_of_ms);
            if (dimension == "show") {
                if (!wanted.empty()) REQUIRE(text_of(totals.show()) == text_of(wanted.at("show1")));
                CHECK(totals.show().name() == "湘品");
                continue;
            }
            REQUIRE(static_cast<std::size_t>(totals.lines_size()) == wanted.size());
            std::int64_t gross = 0, paid = 0, refunded = 0, units = 0, weight = 0;
            for (const auto& line : totals.lines()) {
                REQUIRE(text_of(line) == text_of(wanted.at(line.key())));
                gross += line.gross_fen();
                paid += line.paid_fen();
                refunded += line.refunded_fen();
                units += line.units_paid();
                weight += line.weight_paid_g();
            }
            CHECK(gross == totals.show().gross_fen());
            CHECK(paid == totals.show().paid_fen());
            CHECK(refunded == totals.show().refunded_fen());
            CHECK(units == totals.show().units_paid());
            CHECK(weight == totals.show().weight_paid_g());
        }
    }
    CHECK(fair.totals("show", fair.now_ms).show().refunded_fen() > 0);
}

TEST_CASE("the orders behind a total add up to it, over all pages, as of the same moment", "[totals]") {
    SalesFair fair(7);
    fair.happen(150);
    const auto as_of_ms = fair.orders[fair.orders.size() * 3 / 4].placed_ms;
    for (const auto& dimension : sales_dimensions) {
        const ledger::SalesQuestion question{fair.show, *ledger::dimension_of(dimension), as_of_ms};
        auto totals = fair.totals(dimension, as_of_ms);
        if (dimension == "show") *totals.add_lines() = totals.show();
        for (const auto& line : totals.lines()) {
            INFO(dimension << " " << line.key());
            v1::SalesFigures sum;
            OrderId after;
            for (bool has_more = true; has_more;) {
                const auto page = ledger::sales_orders(fair.database(), question, {line.key(), after, 7}).value();
                REQUIRE(page.orders_size() > 0);
                REQUIRE(page.orders_size() <= 7);
                for (const auto& order : page.orders()) {
                    REQUIRE(order.order_id() > after.str());
                    after = OrderId(order.order_id());
                    sum.set_orders(sum.orders() + order.figures().orders());
                    sum.set_orders_paid(sum.orders_paid() + order.figures().orders_paid());
                    sum.set_gross_fen(sum.gross_fen() + order.figures().gross_fen());
                    sum.set_net_fen(sum.net_fen() + order.figures().net_fen());
                    sum.set_units_paid(sum.units_paid() + order.figures().units_paid());
                    CHECK((order.paid_ms() > 0) == (order.figures().orders_paid() == 1));
                }
                has_more = page.has_more();
            }
            CHECK(sum.orders() == line.orders());
            CHECK(sum.orders_paid() == line.orders_paid());
            CHECK(sum.gross_fen() == line.gross_fen());
            CHECK(sum.net_fen() == line.net_fen());
            CHECK(sum.units_paid() == line.units_paid());
        }
    }
}

TEST_CASE("totals as of a moment are the same whenever they are asked for, whatever happens after it", "[totals]") {
    SalesFair fair(11);
    fair.happen(80);
    const auto as_of_ms = fair.now_ms;
    std::map<std::string, std::string> before;
    for (const auto& dimension : sales_dimensions)
        before[dimension] = fair.totals(dimension, as_of_ms).SerializeAsString();
    const auto paid_fen = fair.totals("show", as_of_ms).show().paid_fen();
    // Offers go to another segment, products to another supplier: what was ordered stays where it was.
    fair.write("UPDATE offers SET segment_id = 'seg2'");
    fair.write("UPDATE products SET supplier_id = NULL, supplier_name = '别人' WHERE supplier_id IS NOT NULL");
    fair.happen(80);
    for (const auto& dimension : sales_dimensions) {
        INFO(dimension);
        CHECK(fair.totals(dimension, as_of_ms).SerializeAsString() == before[dimension]);
    }
    CHECK(fair.totals("show", fair.now_ms).show().paid_fen() > paid_fen);
}

TEST_CASE("an order that the ledger refused at once is in no total, one that it refused later was accepted",
          "[totals]") {
    test::ProjectedShow show;
    show.add_stock("s1", 1);
    show.add_offer("one", 100, {{"s1", 1}});
    show.add_buyer("b1");
    const auto text = test::facts("b1", "one", 1, 100, "s1:1");
    show.apply({show.entry("2000-0", {"k", "placed", "o", "o1", "b", text})});
    show.apply({show.entry("2001-0", {"k", "placed", "o", "o2", "b", text})});
    show.apply({show.entry("2002-0", {"k", "expired", "o", "o1", "b", ""})});
    show.apply({show.entry("2003-0", {"k", "placed", "o", "o3", "b", text})});
    show.apply({show.entry("2004-0", {"k", "taken_again", "o", "o1", "b", ""})});
    CHECK(show.rows("SELECT id, CAST(state AS TEXT) FROM orders ORDER BY id") == "o1|5\no2|5\no3|1\n");
    const auto totals = ledger::sales_totals(show.database(), {show.show, Dimension::show, 9000}).value();
    CHECK(totals.show().orders() == 2);
    CHECK(totals.show().gross_fen() == 200);
    CHECK(totals.show().paid_fen() == 0);
}

TEST_CASE("the show's totals say who came back, who watched until then and who lives by it", "[totals]") {
    SalesFair fair(3);
    fair.happen(100);
    fair.write(
        "INSERT INTO samples (show_id, at_ms, viewers, chat_lines, views, people) VALUES ('show1', 1000, 1, 1, 50, "
        "20)");
    fair.write(
        "INSERT INTO samples (show_id, at_ms, viewers, chat_lines, views, people) VALUES ('show1', 2000, 1, 1, 90, "
        "30)");
    CHECK(fair.totals("show", 1999).views() == 50);
    CHECK(fair.totals("show", 999).views() == 0);
    const auto totals = fair.totals("show", fair.now_ms);
    CHECK(totals.people() == 30);
    CHECK(totals.suppliers() == 1);
    CHECK(totals.households_benefited() == 12);
    CHECK(totals.people_benefited() == 40);
    CHECK(totals.returning_buyers() == 0);
    // One order of a buyer who has paid for several was in the show before.
    std::map<std::string, std::vector<std::string>> paid;
    for (const auto& order : fair.orders)
        if (order.paid_ms > 0) paid[order.buyer].push_back(order.id);
    const auto again =
        std::find_if(paid.begin(), paid.end(), [](const auto& buyer) { return buyer.second.size() > 1; });
    REQUIRE(again != paid.end());
    fair.write(
        "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('before', 'room0', "
        "'上一场', 3, 0, 0, 0)");
    fair.write("UPDATE orders SET show_id = 'before', paid_ms = 1 WHERE id = ?", {again->second.front()});
    CHECK(fair.totals("show", fair.now_ms).returning_buyers() == 1);
}

TEST_CASE("a supplier whose orders have all gone back has benefited nobody, from the moment of the last refund on", "[totals]") {
    test::ProjectedShow show;
    show.write("INSERT INTO organisations (id, name, kind, region_code, created_ms, households, people) VALUES ('coop', '新晃合作社', "
               "'cooperative', '431227', 0, 12, 40), ('farm', '家庭农场', 'cooperative', '431227', 0, 1, 4)");
    for (const auto* supplier : {"coop", "farm"}) {
        show.add_stock(std::string("s-") + supplier, 9);
        show.write("UPDATE products SET supplier_id = ? WHERE id = ?", {supplier, std::string("p-s-") + supplier});
    }
    show.add_offer("one", 100, {{"s-coop", 1}});
    show.add_offer("two", 100, {{"s-farm", 1}});
    show.add_buyer("b1");
    const auto buy = [&](const std::string& id, const std::string& offer, std::int64_t quantity, const std::string& stock, const std::string& at) {
        show.apply({show.entry(at + "-0", {"k", "placed", "o", id, "b", test::facts("b1", offer, quantity, 100, stock + ":1")})});
        show.apply({show.entry(at + "-1", {"k", "paid", "o", id, "b", "", "v", "sandbox", "p", "p" + id, "e", "e" + id, "m", "1"})});
    };
    buy("o1", "one", 2, "s-coop", "2000");
    buy("o2", "one", 1, "s-coop", "2001");
    buy("o3", "two", 1, "s-farm", "2002");
    const auto refund = [&](const std::string& id, const std::string& order, std::int64_t quantity, std::int64_t at_ms) {
        const auto answer = ledger::wish_refund(show.database(), {id, show.show, OrderId(order), quantity, 0, "", AccountId("clerk"), false, 1'000'000, at_ms});
        REQUIRE(answer.value().state == ledger::RefundState::accepted);
    };
    const auto benefited = [&](std::int64_t as_of_ms) {
        const auto totals = ledger::sales_totals(show.database(), {show.show, Dimension::show, as_of_ms}).value();
        return std::to_string(totals.suppliers()) + " " + std::to_string(totals.households_benefited()) + " " + std::to_string(totals.people_benefited());
    };
    CHECK(benefited(2999) == "2 13 44");
    refund("r1", "o1", 1, 3000);
    refund("r2", "o2", 1, 4000);
    CHECK(benefited(4999) == "2 13 44");
    refund("r3", "o1", 1, 5000);
    CHECK(benefited(5000) == "1 1 4");
    CHECK(benefited(4999) == "2 13 44");
    refund("r4", "o3", 1, 6000);
    CHECK(benefited(6000) == "0 0 0");
}

TEST_CASE("totals of a show that is not there are not found, and unknown dimensions are none", "[totals]") {
    test::ProjectedShow show;
    CHECK(ledger::sales_totals(show.database(), {ShowId("none"), Dimension::show, 1}).error() == Errc::not_found);
    CHECK(ledger::sales_orders(show.database(), {ShowId("none"), Dimension::show, 1}, {"k", OrderId(), 1}).error() ==
          Errc::not_found);
    CHECK(!ledger::dimension_of("person"));
    CHECK(!ledger::dimension_of(""));
    CHECK(ledger::sales_totals(show.database(), {show.show, Dimension::product, 1})->lines_size() == 0);
}
