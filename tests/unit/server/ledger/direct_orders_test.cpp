#include <algorithm>

#include "auth/personal_keys.hpp"
#include "ledger/consignees.hpp"
#include "ledger/personal.hpp"
#include "ledger/sales_sums.hpp"
#include "support/temporary_folder.hpp"
#include "unit/server/ledger/fair.hpp"

using namespace livefair;
using ledger::DirectOutcome;
using ledger::QuoteOutcome;
using namespace livefair::test;

namespace {

const ledger::Step ship{ShowId("show1"), OrderId("o1"), ledger::Progress::shipped, AccountId("clerk"), "", "邮政", "EMS-1", 2000};

v1::GiftOrder gift(const std::string& id, std::int64_t count) {
    v1::GiftOrder given;
    given.set_order_id(id);
    given.set_offer_id("box");
    given.set_count(count);
    given.set_why("抽奖");
    *given.mutable_consignees() = order_of(id, count).consignees();
    return given;
}

DirectOutcome give(ledger::Database& database, const v1::GiftOrder& given) {
    return ledger::place_gift(database, ShowId("show1"), given, AccountId("clerk"), may_2020_ms).value();
}

}  // namespace

TEST_CASE("money of a sale at a stall goes back over the counter, and what was handed over stays sold", "[ledger]") {
    using Outcome = ledger::RefundAnswer::Outcome;
    Fair db(4);
    CHECK(ledger::place_direct(*db, stall_order("o1", 3)).value() == DirectOutcome::taken);
    CHECK(ledger::wish_refund(*db, refund_wish("r1", "o1", 1, 0, "")).value().outcome == Outcome::no_reference);
    for (int i = 0; i < 2; ++i) {
        const auto answer = ledger::wish_refund(*db, refund_wish("r1", "o1", 1, 0, "收据 7")).value();
        CHECK(answer.outcome == Outcome::taken);
        CHECK(answer.state == ledger::RefundState::done);
    }
    CHECK(ledger::wish_refund(*db, refund_wish("r1", "o1", 1, 0, "收据 8")).value().outcome == Outcome::used_id);
    CHECK(ledger::wish_refund(*db, refund_wish("r2", "o1", 0, 19801, "收据 8")).value().outcome == Outcome::too_much);
    const auto refund = ledger::find_refund(*db, "r1").value();
    CHECK(refund.state() == v1::REFUND_STATE_DONE);
    CHECK(refund.amount_fen() == 9900);
    CHECK(refund.reference() == "收据 7");
    CHECK(refund.settled_ms() == may_2020_ms);
    CHECK_FALSE(refund.restocks());
    CHECK(db.committed() == 6);
    CHECK(db.totals().show().refunded_fen() == 9900);
    CHECK(ledger::find_order(*db, OrderId("o1"), AccountId()).value().state() == v1::ORDER_STATE_DONE);
    CHECK(ledger::due_restocks(*db, 10).value().empty());
}

TEST_CASE("a bulk order is refunded past the provider, and what no consignee was sent goes back into the stock once",
          "[ledger]") {
    using Outcome = ledger::RefundAnswer::Outcome;
    Fair db(3);
    REQUIRE(ledger::create_quote(*db, quote("q1"), clerk).has_value());
    CHECK(take(*db, "q1", order_of("o1", 200)) == QuoteOutcome::taken);
    CHECK(ledger::wish_refund(*db, refund_wish("r0", "o1", 1, 0, "ICBC-R")).value().outcome == Outcome::not_refundable);
    CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::taken);
    CHECK(ledger::wish_refund(*db, refund_wish("r1", "o1", 0, 100'000, "ICBC-R1")).value().state == ledger::RefundState::done);
    CHECK(db.committed() == 400);
    CHECK(ledger::take_consignee_step(*db, ship, 1).value() == ledger::StepOutcome::taken);
    for (int i = 0; i < 2; ++i)
        CHECK(ledger::wish_refund(*db, refund_wish("r2", "o1", 1, 0, "ICBC-R2")).value().outcome == Outcome::taken);
    CHECK(ledger::find_refund(*db, "r2").value().amount_fen() == 1'500'000);
    CHECK(ledger::find_refund(*db, "r2").value().restocks());
    CHECK(db.committed() == 200);  // what the first canteen got stays sold
    CHECK(db.number("SELECT restocked_count FROM direct_orders") == 100);
    CHECK(ledger::due_restocks(*db, 10).value().empty());  // there is no till to tell
    CHECK(ledger::find_order(*db, OrderId("o1"), AccountId()).value().state() == v1::ORDER_STATE_REFUNDED);
    CHECK(ledger::take_consignee_step(*db, ship, 2).value() == ledger::StepOutcome::illegal);
    for (const auto* account : {"outside", "refunds", "receivable", "reserved"}) {
        INFO(account);
        CHECK(db.number(std::string("SELECT coalesce(sum(CASE WHEN debit = '") + account + "' THEN amount_fen ELSE 0 END) - sum(CASE WHEN credit = '" +
                        account + "' THEN amount_fen ELSE 0 END), 0) FROM entries") == 0);
    }
}

TEST_CASE("goods that refunds took out of an order are not sent, though some of its money stays", "[ledger]") {
    Fair db(3);
    REQUIRE(ledger::create_quote(*db, quote("q1"), clerk).has_value());
    CHECK(take(*db, "q1", order_of("o1", 200)) == QuoteOutcome::taken);
    CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::taken);
    CHECK(ledger::wish_refund(*db, refund_wish("r1", "o1", 1, 1'000'000, "ICBC-R1")).value().state == ledger::RefundState::done);
    CHECK(db.committed() == 0);
    CHECK(ledger::take_step(*db, ship).value() == ledger::StepOutcome::goods_refunded);
    CHECK(ledger::take_consignee_step(*db, ship, 1).value() == ledger::StepOutcome::goods_refunded);
}

TEST_CASE("a gift takes stock and nobody's money, is in no sum of sales, and is the same gift when it is asked for again",
          "[ledger]") {
    const auto channel = GENERATE(3, 4);
    Fair db(channel);
    db.write("UPDATE offers SET state = 1");  // given away, not on sale
    for (int i = 0; i < 2; ++i) CHECK(give(*db, gift("o1", 200)) == DirectOutcome::taken);
    CHECK(db.committed() == 400);
    const auto order = ledger::find_order(*db, OrderId("o1"), AccountId()).value();
    CHECK(order.state() == v1::ORDER_STATE_PAID);
    CHECK(order.kind() == v1::ORDER_KIND_GIFT);
    CHECK(order.amount_fen() == 0);
    CHECK(order.lines(0).units() == 400);
    CHECK(order.paid_ms() == may_2020_ms);
    CHECK(db.number("SELECT count(*) FROM entries") == 0);
    CHECK(db.number("SELECT count(*) FROM sales_sums") == 0);
    CHECK(ledger::recount_sums(*db, "show1").value().empty());
    CHECK(db.number("SELECT count(*) FROM order_consignees WHERE phone LIKE '%139%' OR detail LIKE '%天元%'") == 0);

    auto other = gift("o1", 200);
    other.set_why("慰问");
    CHECK(give(*db, other) == DirectOutcome::used_id);
    other = gift("o1", 200);
    other.mutable_consignees(1)->set_detail("别处");
    CHECK(give(*db, other) == DirectOutcome::used_id);
    other = gift("o2", 200);
    other.set_count(199);
    CHECK(give(*db, other) == DirectOutcome::bad_consignees);
    CHECK(give(*db, gift("o2", 400)) == DirectOutcome::sold_out);
    CHECK(give(*db, gift("o2", 1'000'000'000)) == DirectOutcome::too_large);
    CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::illegal);
    CHECK(ledger::release_direct(*db, step("o1")).value() == DirectOutcome::illegal);
    CHECK(ledger::wish_refund(*db, refund_wish("r1", "o1", 1, 0, "现金")).value().outcome ==
          ledger::RefundAnswer::Outcome::not_refundable);
    for (const std::int64_t position : {1, 2}) CHECK(ledger::take_consignee_step(*db, ship, position).value() == ledger::StepOutcome::taken);
    CHECK(ledger::find_order(*db, OrderId("o1"), AccountId()).value().state() == v1::ORDER_STATE_SHIPPED);
    db.write("UPDATE shows SET channel = 1");
    CHECK(give(*db, gift("o2", 1)) == DirectOutcome::wrong_channel);
    CHECK(db.committed() == 400);
}

TEST_CASE("goods of a supplier that is not vetted are neither sold in bulk nor given away, and what was sold before stays sold", "[ledger]") {
    Fair db(3);
    for (const auto* id : {"q1", "q2"}) REQUIRE(ledger::create_quote(*db, quote(id), clerk).has_value());
    CHECK(take(*db, "q1", order_of("o1", 100)) == QuoteOutcome::taken);
    db.write("UPDATE suppliers SET state = 3");
    CHECK(take(*db, "q1", order_of("o1", 100)) == QuoteOutcome::taken);
    CHECK(ledger::order_by_quote(*db, ShowId("show1"), "q2", order_of("o2", 100), clerk).value().order == DirectOutcome::unvetted);
    CHECK(give(*db, gift("o3", 1)) == DirectOutcome::unvetted);
    CHECK(db.committed() == 200);
    CHECK(ledger::pay_direct(*db, step("o1")).value() == DirectOutcome::taken);
    db.write("UPDATE suppliers SET state = 2");
    CHECK(take(*db, "q2", order_of("o2", 100)) == QuoteOutcome::taken);
}

TEST_CASE("after a change of keys consignees are sealed anew, and the old key is not needed any more", "[ledger]") {
    Fair db(3);
    test::TemporaryFolder folder;
    const auto path = folder.file("keys");
    (*db).use_personal_keys(auth::PersonalKeys::load(path));
    CHECK(give(*db, gift("o1", 3)) == DirectOutcome::taken);
    const auto old_line = test::read_file(path);
    test::write_file(path, std::string(64, 'a') + "\n" + old_line);
    (*db).use_personal_keys(auth::PersonalKeys::load(path));
    while (ledger::seal_old_rows(*db, 1).value() > 0) continue;
    test::write_file(path, std::string(64, 'a') + "\n");
    (*db).use_personal_keys(auth::PersonalKeys::load(path));
    const auto list = ledger::list_consignees(*db, ShowId("show1"), OrderId("o1")).value();
    REQUIRE(list.consignees_size() == 2);
    for (const auto& to : list.consignees()) CHECK(to.phone() == "139****5678");
}

TEST_CASE("nothing but a gift has a price of 0", "[ledger]") {
    Fair db(3);
    CHECK(give(*db, gift("o1", 2)) == DirectOutcome::taken);
    CHECK((*db).execute("UPDATE orders SET kind = 1 WHERE id = 'o1'").error() == Errc::conflict);
}

TEST_CASE("parts of bulk orders that were shipped as a whole before parts had states are where their order is", "[ledger]") {
    test::TemporaryFolder folder;
    const auto database =
        std::move(*ledger::Database::open(test::ledger_location(folder), ledger::Database::Mode::read_write));
    const auto steps = ledger::known_migrations();
    REQUIRE(ledger::migrate(*database, steps.first(22)).has_value());
    const auto write = [&](const std::string& sql) {
        INFO(sql);
        REQUIRE(database->run_script(sql).has_value());
    };
    write("INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show1', 'room1', 't', 2, 0, 0, 0)");
    write(
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, hold_ms, open_ms, close_ms, state, created_ms) VALUES ('box', 'show1', 1, 't', 1, 100, 0, '', "
        "9, 1, 0, 0, 2, 0)");
    for (const auto* order : {"'waits', 1, ''", "'sent', 2, '邮政'", "'came', 3, '邮政'", "'refunded', 5, '邮政'"})
        write(std::string("INSERT INTO orders (id, progress, carrier, buyer_id, state, show_id, offer_id, title, quantity, "
                          "unit_price_fen, amount_fen, placed_ms, hold_until_ms, left_after, stream_id, address_id, "
                          "recipient, phone, region_code, region_name, detail) VALUES (") +
              order + ", '', 2, 'show1', 'box', 't', 1, 100, 100, 1, 2, 0, '', '', '', '', '', '', '')");
    for (const auto* event : {"'sent', 'shipped', 5", "'came', 'shipped', 6", "'came', 'done', 7", "'refunded', 'shipped', 8"})
        write(std::string("INSERT INTO order_events (order_id, kind, at_ms, show_id, stream_id, place, detail) VALUES (") + event +
              ", 'show1', 'led-" + std::string(event).substr(1, 3) + event[std::string(event).size() - 1] + "', 0, '')");
    write(
        "INSERT INTO order_consignees (order_id, position, unit_name, recipient, phone, region_code, region_name, detail, "
        "count) SELECT id, 1, '', '', '', '', '', '', 1 FROM orders");
    REQUIRE(ledger::migrate(*database, steps).has_value());
    const auto rows = database->query("SELECT order_id, state, carrier, shipped_ms, received_ms FROM order_consignees ORDER BY shipped_ms");
    REQUIRE(rows.has_value());
    std::string found;
    for (const auto& row : *rows)
        found += row.text(0) + " " + std::to_string(row.integer(1)) + row.text(2) + " " + std::to_string(row.integer(3)) + " " +
                 std::to_string(row.integer(4)) + ", ";
    CHECK(found == "waits 1 0 0, sent 2邮政 5 0, came 3邮政 6 7, refunded 2邮政 8 0, ");
}

TEST_CASE("lines, events and entries of orders are the same when they are kept by their order", "[ledger]") {
    test::TemporaryFolder folder;
    const auto database =
        std::move(*ledger::Database::open(test::ledger_location(folder), ledger::Database::Mode::read_write));
    const auto steps = ledger::known_migrations();
    REQUIRE(ledger::migrate(*database, steps.first(23)).has_value());
    REQUIRE(database->run_script(
        "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show1', 'room1', 't', 2, 0, 0, 0); "
        "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, supplier_contact, picture_url, created_ms) VALUES "
        "('p1', 't', '盒', 500, '431227', '新晃', '', '', '', 0); "
        "INSERT INTO stocks (id, show_id, product_id, total) VALUES ('s1', 'show1', 'p1', 9); "
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, limit_per_buyer, hold_ms, open_ms, close_ms, "
        "state, created_ms) VALUES ('box', 'show1', 1, 't', 1, 100, 0, '', 9, 1, 0, 0, 2, 0)").has_value());
    for (const std::string id : {"o1", "o2"}) {
        INFO(id);
        REQUIRE(database->run_script(
            "INSERT INTO orders (id, buyer_id, state, show_id, offer_id, title, quantity, unit_price_fen, amount_fen, placed_ms, hold_until_ms, left_after, "
            "stream_id, address_id, recipient, phone, region_code, region_name, detail) VALUES ('" + id + "', 'b', 2, 'show1', 'box', 't', 1, 100, 100, 1, 2, 0, "
            "'5-0', '', '', '', '', '', ''); "
            "INSERT INTO order_lines VALUES ('" + id + "', 1, 's1', 'p1', '茶', '盒', 2, 60, 500, '431227', '新晃', 'coop', 7, 8, 1), "
            "('" + id + "', 2, 's1', 'p1', '米', '袋', 3, 40, 600, '430000', '湖南', '', 0, 0, 0)").has_value());
    }
    REQUIRE(database->run_script(
        "INSERT INTO order_events (show_id, stream_id, place, order_id, kind, at_ms, detail, by_account, why) VALUES ('show1', '5-0', 0, 'o1', 'placed', 5, '', '', ''), "
        "('show1', '5-0', 1, 'o2', 'placed', 5, '', '', ''), ('show1', 'led-1', 0, 'o1', 'packed', 7, 'd', 'clerk', '早班'); "
        "INSERT INTO entries (show_id, stream_id, position, order_id, debit, credit, amount_fen, at_ms) VALUES "
        "('show1', '5-0', 0, 'o1', 'receivable', 'reserved', 100, 5), ('show1', '5-0', 1, 'o2', 'receivable', 'reserved', 100, 5), "
        "('show1', '6-0', 0, 'o1', 'provider', 'receivable', 100, 6), ('show1', '6-0', 1, 'o1', 'reserved', 'sales', 100, 6)").has_value());
    const auto all = [&] {
        std::string text;
        for (const auto* query :
             {"SELECT order_id || position || stock_id || product_id || title || unit || units || '/' || amount_fen || '/' || weight_g || origin_code || "
              "origin_name || supplier_id || subsidy_fen || '/' || refunded_fen || '/' || refunded_units FROM order_lines ORDER BY order_id, position",
              "SELECT show_id || stream_id || '/' || place || order_id || kind || at_ms || detail || by_account || why FROM order_events ORDER BY stream_id, place",
              "SELECT show_id || stream_id || '/' || position || order_id || debit || credit || amount_fen || '/' || at_ms FROM entries ORDER BY stream_id, position"}) {
            const auto rows = database->query(query);
            REQUIRE(rows.has_value());
            for (const auto& row : *rows) text += row.text(0) + "\n";
        }
        return text;
    };
    const auto before = all();
    REQUIRE(std::count(before.begin(), before.end(), '\n') == 11);
    REQUIRE(ledger::migrate(*database, steps).has_value());
    CHECK(all() == before);
}
