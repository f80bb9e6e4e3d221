#include "ledger/league.hpp"

#include <livefair/v1/totals.pb.h>

#include "unit/server/ledger/orders_of_a_show.hpp"

using namespace livefair;
using ledger::OrderState;

namespace {

/// E30: the unions of a province bought 70.272 million yuan; one with 0.88 of its 8.5 million members bought 3 million.
struct Province : test::OrdersOfAShow {
    Province() {
        for (const auto* id : {"xianyang", "others", "school"})
            write(
                "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES (?, ?, 'trade_union', "
                "'610400', 0)",
                {id, id});
        v1::OrganisationFacts facts;
        facts.set_members(880'000);
        REQUIRE(ledger::set_organisation_facts(**this, "xianyang", facts).has_value());
        facts.set_members(7'620'000);
        REQUIRE(ledger::set_organisation_facts(**this, "others", facts).has_value());
    }
    void buy(const std::string& id, const std::string& organisation, std::int64_t fen, std::int64_t paid_ms) {
        add_paid(id);
        write(
            "UPDATE orders SET organisation_id = ?, buyer_id = '', unit_price_fen = ?, amount_fen = ?, paid_ms = ? "
            "WHERE id = ?",
            {organisation, fen, fen, paid_ms, id});
    }
    v1::League league(std::int64_t from_ms, std::int64_t as_of_ms, const std::string& show = {}) {
        return ledger::league(**this, {from_ms, as_of_ms, ShowId(show)}).value();
    }
};

}  // namespace

TEST_CASE("the league sets what an organisation bought beside its share of the members", "[totals]") {
    Province province;
    province.buy("o1", "xianyang", 300'000'000, 100);
    province.buy("o2", "others", 6'727'200'000, 200);
    province.buy("o3", "school", 500, 200);
    const auto league = province.league(0, 1000);
    CHECK(league.members() == 8'500'000);
    CHECK(league.net_fen() == 7'027'200'000);
    REQUIRE(league.lines_size() == 3);
    CHECK(league.lines(0).organisation_id() == "others");
    CHECK(league.lines(1).organisation_id() == "xianyang");
    CHECK(league.lines(1).place() == 2);
    CHECK(league.lines(1).expected_fen() == 727'521'882);
    CHECK(league.lines(1).reached_permille() == 412);
    // Nobody has said how many members it has: it is named, and compared with nothing.
    CHECK(league.lines(2).organisation_id() == "school");
    CHECK(league.lines(2).expected_fen() == 0);
}

TEST_CASE("the league counts what was paid between two moments, less what had gone back by then, of one show or all",
          "[totals]") {
    Province province;
    province.buy("o1", "xianyang", 1000, 100);
    province.buy("o2", "xianyang", 500, 200);
    province.write(
        "INSERT INTO refunds (id, order_id, show_id, quantity, asked_quantity, asked_fen, amount_fen, state, why, "
        "asked_by, asked_ms, decided_ms) "
        "VALUES ('r1', 'o1', 'show1', 0, 0, 300, 300, 2, '', 'clerk', 250, 300)");
    province.write("INSERT INTO refund_lines (refund_id, position, amount_fen, units) VALUES ('r1', 1, 300, 0)");
    CHECK(province.league(0, 99).net_fen() == 0);
    CHECK(province.league(0, 100).net_fen() == 1000);
    CHECK(province.league(0, 299).net_fen() == 1500);
    CHECK(province.league(0, 300).net_fen() == 1200);
    CHECK(province.league(100, 300).net_fen() == 500);
    CHECK(province.league(0, 300, "show1").net_fen() == 1200);
    CHECK(province.league(0, 300, "another").net_fen() == 0);
}

TEST_CASE("the largest shares that can be stated do not overflow", "[totals]") {
    Province province;
    v1::OrganisationFacts facts;
    facts.set_members(10'000'000'000);
    REQUIRE(ledger::set_organisation_facts(*province, "xianyang", facts).has_value());
    for (int i = 0; i < 10; ++i) province.buy("o" + std::to_string(i), "xianyang", 10'000'000'000, 100);
    const auto league = province.league(0, 1000);
    CHECK(league.net_fen() == 100'000'000'000);
    CHECK(league.lines(0).expected_fen() == 99'923'858'020);
    CHECK(ledger::set_organisation_facts(*province, "none", facts).error() == Errc::not_found);
    facts.set_members(10'000'000'001);
    CHECK(ledger::set_organisation_facts(*province, "xianyang", facts).error() == Errc::conflict);
}

TEST_CASE("three refunds of one buyer and twenty orders of one payer are flagged, one less is not", "[totals]") {
    test::OrdersOfAShow orders;
    const auto refund = [&](const std::string& id, const std::string& order, std::int64_t at_ms) {
        orders.write(
            "INSERT INTO refunds (id, order_id, show_id, quantity, asked_quantity, asked_fen, amount_fen, state, why, "
            "asked_by, asked_ms, decided_ms) "
            "VALUES (?, ?, 'show1', 0, 0, 5, 5, 3, '', 'clerk', 1, ?)",
            {id, order, at_ms});
    };
    for (int i = 0; i < 19; ++i) orders.add_paid("o" + std::to_string(i));
    refund("r1", "o1", 10);
    refund("r2", "o1", 20);
    const auto flags = [&](std::int64_t as_of_ms) {
        return ledger::sales_flags(*orders, ShowId("show1"), as_of_ms).value();
    };
    CHECK(flags(1000).flags_size() == 0);
    refund("r3", "o2", 30);
    orders.add_paid("o19");
    CHECK(flags(29).flags_size() == 1);
    const auto found = flags(30);
    REQUIRE(found.flags_size() == 2);
    CHECK(found.flags(0).kind() == "repeated_refunds");
    CHECK(found.flags(0).refunds() == 3);
    CHECK(found.flags(0).refunded_fen() == 15);
    CHECK(found.flags(1).kind() == "single_payer_bulk");
    CHECK(found.flags(1).account_id() == "buyer");
    CHECK(found.flags(1).orders_paid() == 20);
}

TEST_CASE("a payer with 10,000 yuan and a twentieth of the show's money is flagged", "[totals]") {
    test::OrdersOfAShow orders;
    orders.add_paid("o1");
    orders.write("UPDATE orders SET unit_price_fen = 999999, amount_fen = 999999");
    CHECK(ledger::sales_flags(*orders, ShowId("show1"), 1000)->flags_size() == 0);
    orders.write("UPDATE orders SET unit_price_fen = 1000000, amount_fen = 1000000");
    CHECK(ledger::sales_flags(*orders, ShowId("show1"), 1000)->flags_size() == 1);
    orders.add_paid("o2");
    orders.write(
        "UPDATE orders SET buyer_id = 'clerk', unit_price_fen = 19000001, amount_fen = 19000001 WHERE id = 'o2'");
    const auto flags = ledger::sales_flags(*orders, ShowId("show1"), 1000).value();
    REQUIRE(flags.flags_size() == 1);
    CHECK(flags.flags(0).account_id() == "clerk");
}
