#include "ledger/fulfilment.hpp"
#include "ledger/ship_out.hpp"
#include "unit/server/ledger/fair.hpp"

using namespace livefair;
using ledger::DirectOutcome;
using ledger::QuoteOutcome;
using namespace livefair::test;

TEST_CASE(
    "a sale at a stall draws on the stall's own stock, is paid at once, and counts once however often it is entered",
    "[ledger]") {
    Fair db(4);
    for (int i = 0; i < 2; ++i) CHECK(ledger::place_direct(*db, stall_order("o1", 3)).value() == DirectOutcome::taken);
    CHECK(db.committed() == 6);
    const auto order = ledger::find_order(*db, OrderId("o1"), AccountId()).value();
    CHECK(order.state() == v1::ORDER_STATE_DONE);  // paid, and handed over the counter
    CHECK(order.amount_fen() == 29700);
    CHECK(order.kind() == v1::ORDER_KIND_SALE);
    CHECK(db.number("SELECT count(*) FROM entries WHERE credit = 'sales' AND amount_fen = 29700") == 1);
    CHECK(db.number("SELECT count(*) FROM order_lines WHERE supplier_id = 'coop' AND weight_g = 3000") == 1);
    CHECK(ledger::place_direct(*db, stall_order("o1", 2)).value() == DirectOutcome::used_id);
    auto other_stall = stall_order("o1", 3);
    other_stall.tag = "西门";
    CHECK(ledger::place_direct(*db, other_stall).value() == DirectOutcome::used_id);
    CHECK(ledger::place_direct(*db, stall_order("o2", 100)).value() == DirectOutcome::too_large);
    db.write("UPDATE stocks SET total = 10");
    CHECK(ledger::place_direct(*db, stall_order("o2", 3)).value() == DirectOutcome::sold_out);
    CHECK(ledger::place_direct(*db, stall_order("o3", 2)).value() == DirectOutcome::taken);
    CHECK(db.committed() == 10);
    CHECK(db.totals().show().paid_fen() == 49500);
    CHECK(ledger::ship_out_page(*db, "", {ShowId("show1"), {}, AccountId("clerk"), "ship_out", "x", 1}, OrderId(), 10)
              .value()
              .rows.empty());
}

TEST_CASE("what a till sells, another channel's show, one that has ended and a closed offer take no order of the ledger's own",
          "[ledger]") {
    Fair db(1);
    CHECK(ledger::place_direct(*db, stall_order("o1", 1)).value() == DirectOutcome::wrong_channel);
    db.write("UPDATE shows SET channel = 4");
    db.write("INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES ('show1', 1, '', '0-0', 0)");
    CHECK(ledger::place_direct(*db, stall_order("o1", 1)).value() == DirectOutcome::wrong_channel);
    db.write("DELETE FROM tills");
    db.write("UPDATE offers SET state = 3");
    CHECK(ledger::place_direct(*db, stall_order("o1", 1)).value() == DirectOutcome::no_offer);
    db.write("UPDATE offers SET state = 2, close_ms = 1000");  // its window has ended this very moment
    CHECK(ledger::place_direct(*db, stall_order("o1", 1)).value() == DirectOutcome::no_offer);
    db.write("UPDATE offers SET close_ms = 0");
    db.write("UPDATE shows SET state = 3");
    CHECK(ledger::place_direct(*db, stall_order("o1", 1)).value() == DirectOutcome::ended);
    CHECK(db.committed() == 0);
    CHECK(db.number("SELECT count(*) FROM orders") == 0);
}

TEST_CASE("an organisation takes a quote: its order holds stock until it is paid, goes to many units, and is one lot",
          "[ledger]") {
    Fair db(3);
    REQUIRE(ledger::create_quote(*db, quote("q1"), clerk).has_value());
    CHECK(ledger::create_quote(*db, quote("q1"), clerk).error() == Errc::conflict);
    CHECK(take(*db, "q1", order_of("o1", 99)) == QuoteOutcome::below_minimum);
    auto wrong_sum = order_of("o1", 200);
    wrong_sum.mutable_consignees(0)->set_count(99);
    CHECK(ledger::order_by_quote(*db, ShowId("show1"), "q1", wrong_sum, clerk).value().order == DirectOutcome::bad_consignees);
    CHECK(take(*db, "q1", order_of("o1", 200), {AccountId("clerk"), 2000}) == QuoteOutcome::expired);
    for (int i = 0; i < 2; ++i) CHECK(take(*db, "q1", order_of("o1", 200)) == QuoteOutcome::taken);
    auto elsewhere = order_of("o1", 200);
    elsewhere.mutable_consignees(1)->set_detail("别处");
    CHECK(take(*db, "q1", elsewhere) == QuoteOutcome::refused);
    CHECK(take(*db, "q1", order_of("o2", 200)) == QuoteOutcome::not_open);
    CHECK(db.committed() == 400);
    auto order = ledger::find_order(*db, OrderId("o1"), AccountId()).value();
    CHECK(order.state() == v1::ORDER_STATE_RESERVED);
    CHECK(order.kind() == v1::ORDER_KIND_BULK);
    CHECK(order.organisation_id() == "fed");
    CHECK(order.quantity() == 1);
    CHECK(order.amount_fen() == 1'600'000);
    CHECK(order.lines(0).units() == 400);
    CHECK(db.number("SELECT count(*) FROM order_consignees WHERE phone LIKE '%139%' OR detail LIKE '%天元%'") == 0);

    for (int i = 0; i < 2; ++i) CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::taken);
    CHECK(ledger::pay_direct(*db, step("o1", "ICBC-2")).value() == DirectOutcome::illegal);
    CHECK(ledger::release_direct(*db, step("o1")).value() == DirectOutcome::illegal);
    CHECK(db.number("SELECT sum(amount_fen) FROM entries WHERE credit = 'sales'") == 1'600'000);
    const auto page =
        ledger::ship_out_page(*db, "coop", {ShowId("show1"), {}, AccountId("clerk"), "ship_out", "x", 1}, OrderId(), 10)
            .value();
    CHECK(page.rows ==
          "o1,李梅,13900005678,株洲,天元路2号（第1食堂）,冰糖橙,200,盒,100000,,\r\n"
          "o1,李梅,13900005678,株洲,天元路2号（第2食堂）,冰糖橙,200,盒,100000,,\r\n");
    CHECK(page.orders == 1);
    // The same transfer pays no second order.
    REQUIRE(ledger::create_quote(*db, quote("q2"), clerk).has_value());
    CHECK(take(*db, "q2", order_of("o2", 100)) == QuoteOutcome::taken);
    CHECK(ledger::pay_direct(*db, step("o2")).value() == DirectOutcome::used_reference);
    for (int i = 0; i < 2; ++i) CHECK(ledger::release_direct(*db, step("o2")).value() == DirectOutcome::taken);
    CHECK(db.committed() == 400);
    CHECK(ledger::pay_direct(*db, step("o2", "ICBC-3")).value() == DirectOutcome::illegal);
    CHECK(db.number("SELECT coalesce(sum(CASE WHEN debit = 'receivable' THEN amount_fen ELSE -amount_fen END), 0) FROM "
                    "entries WHERE debit = "
                    "'receivable' OR credit = 'receivable'") == 0);
}

TEST_CASE("bulk orders never take more than the channel has, nor more money than a number holds", "[ledger]") {
    Fair db(3);
    REQUIRE(ledger::create_quote(*db, quote("q1"), clerk).has_value());
    const auto refused = [&](const v1::QuoteOrder& order) {
        const auto answer = ledger::order_by_quote(*db, ShowId("show1"), "q1", order, clerk).value();
        CHECK(answer.outcome == QuoteOutcome::refused);
        return answer.order;
    };
    CHECK(refused(order_of("o1", 501)) == DirectOutcome::sold_out);
    CHECK(refused(order_of("o1", 1'000'000'000)) == DirectOutcome::too_large);
    CHECK(db.committed() == 0);
    CHECK(take(*db, "q1", order_of("o1", 500)) == QuoteOutcome::taken);
    CHECK(db.committed() == 1000);
}

TEST_CASE("a paid 以购代捐 order has a certificate with the goods, the giver and whom they are for", "[ledger]") {
    Fair db(3);
    REQUIRE(ledger::create_quote(*db, quote("q1", v1::ORDER_KIND_DONATION), clerk).has_value());
    CHECK(take(*db, "q1", order_of("o1", 101)) == QuoteOutcome::taken);
    CHECK(ledger::certificate_of(*db, ShowId("show1"), OrderId("o1")).error() == Errc::conflict);
    CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::taken);
    const auto text = ledger::certificate_of(*db, ShowId("show1"), OrderId("o1")).value();
    for (const auto* part : {"证书编号：YGDJ-o1", "株洲市妇联", "新晃县敬老院", "2020年5月21日",
                             "冰糖橙（新晃） 202盒，净重 101 公斤", "¥8080.00"}) {
        INFO(part);
        CHECK(text.find(part) != std::string::npos);
    }
    CHECK(ledger::certificate_of(*db, ShowId("show2"), OrderId("o1")).error() == Errc::not_found);
    REQUIRE(ledger::create_quote(*db, quote("q2"), clerk).has_value());
    CHECK(take(*db, "q2", order_of("o2", 100)) == QuoteOutcome::taken);
    CHECK(ledger::certificate_of(*db, ShowId("show1"), OrderId("o2")).error() == Errc::conflict);
}

TEST_CASE("purchase intents and supply agreements are in no total and become an order once", "[ledger]") {
    Fair db(3);
    const auto before = db.totals().SerializeAsString();
    v1::PurchaseIntent intent;
    intent.set_id("i1");
    intent.set_show_id("show1");
    intent.set_organisation_id("fed");
    intent.set_product_id("p1");
    intent.set_count(1'000'000);
    intent.set_hoped_price_fen(7000);
    REQUIRE(ledger::create_intent(*db, intent, clerk).has_value());
    CHECK(ledger::create_intent(*db, intent, clerk).error() == Errc::conflict);
    v1::SupplyAgreement agreement;
    agreement.set_id("a1");
    agreement.set_supplier_id("coop");
    agreement.set_buyer_id("fed");
    agreement.set_product_id("p1");
    agreement.set_count(5000);
    agreement.set_unit_price_fen(7000);
    agreement.set_until_ms(1);
    REQUIRE(ledger::create_agreement(*db, agreement, clerk).has_value());
    CHECK(db.totals().SerializeAsString() == before);
    CHECK(db.committed() == 0);
    CHECK(db.number("SELECT count(*) FROM entries") == 0);

    auto of_both = quote("q1");
    of_both.set_intent_id("i1");
    of_both.set_agreement_id("a1");
    REQUIRE(ledger::create_quote(*db, of_both, clerk).has_value());
    CHECK(take(*db, "q1", order_of("o1", 100)) == QuoteOutcome::used_intent);  // the agreement is not signed
    REQUIRE(ledger::sign_agreement(*db, "a1").has_value());
    CHECK(take(*db, "q1", order_of("o1", 100)) == QuoteOutcome::taken);
    CHECK(ledger::list_intents(*db, ShowId("show1")).value().intents(0).state() == v1::INTENT_STATE_CONVERTED);
    CHECK(ledger::list_intents(*db, ShowId("show1")).value().intents(0).order_id() == "o1");
    CHECK(ledger::list_agreements(*db).value().agreements(0).state() == v1::AGREEMENT_STATE_CONVERTED);
    // Only the order counts.
    CHECK(db.totals().show().reserved_fen() == 800'000);

    auto again = quote("q2");
    again.set_intent_id("i1");
    REQUIRE(ledger::create_quote(*db, again, clerk).has_value());
    CHECK(take(*db, "q2", order_of("o2", 100)) == QuoteOutcome::used_intent);
    CHECK(db.number("SELECT count(*) FROM orders") == 1);
    CHECK(ledger::withdraw_intent(*db, ShowId("show1"), "i1").error() == Errc::conflict);
    CHECK(ledger::end_agreement(*db, "a1").error() == Errc::conflict);
    CHECK(ledger::withdraw_quote(*db, ShowId("show1"), "q1").error() == Errc::conflict);
    for (int i = 0; i < 2; ++i) CHECK(ledger::withdraw_quote(*db, ShowId("show1"), "q2").has_value());
    CHECK(take(*db, "q2", order_of("o2", 100)) == QuoteOutcome::not_open);
    CHECK(ledger::withdraw_quote(*db, ShowId("show1"), "q9").error() == Errc::not_found);
}

TEST_CASE("a quote names only what is there and belongs to its organisation", "[ledger]") {
    Fair db(3);
    const auto refused = [&](auto change) {
        auto made = quote("q1");
        change(made);
        return ledger::create_quote(*db, made, clerk).error();
    };
    CHECK(refused([](v1::Quote& made) { made.set_offer_id("none"); }) == Errc::not_found);
    CHECK(refused([](v1::Quote& made) { made.set_organisation_id("none"); }) == Errc::not_found);
    CHECK(refused([](v1::Quote& made) { made.set_intent_id("none"); }) == Errc::invalid_input);
    CHECK(refused([](v1::Quote& made) { made.set_agreement_id("none"); }) == Errc::invalid_input);
    db.write("UPDATE shows SET channel = 1");
    CHECK(refused([](v1::Quote&) {}) == Errc::not_found);
}
