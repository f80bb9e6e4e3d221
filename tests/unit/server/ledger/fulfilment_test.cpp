#include "ledger/fulfilment.hpp"

#include <livefair/v1/order.pb.h>

#include "ledger/refunds.hpp"
#include "unit/server/ledger/orders_of_a_show.hpp"

using namespace livefair;
using ledger::OrderState;
using ledger::Progress;
using ledger::StepOutcome;

namespace {

ledger::Step step(Progress to, std::int64_t at_ms = 5) {
    ledger::Step made{ShowId("show1"), OrderId("o1"), to, AccountId("clerk"), "morning round", {}, {}, at_ms};
    if (to != Progress::shipped) return made;
    made.carrier = "中国邮政";
    made.tracking_number = "EMS1234";
    return made;
}

}  // namespace

TEST_CASE("goods only go forward, money may go back from everywhere, and nothing follows a refund", "[ledger]") {
    using P = Progress;
    // from: none packed shipped done refunding refunded
    constexpr bool lawful[ledger::progress_count][ledger::progress_count] = {
        /* to none      */ {false, false, false, false, false, false},
        /* to packed    */ {true, false, false, false, false, false},
        /* to shipped   */ {true, true, false, false, false, false},
        /* to done      */ {false, false, true, false, false, false},
        /* to refunding */ {true, true, true, true, false, false},
        /* to refunded  */ {false, false, false, false, true, false}};
    for (int to = 0; to < ledger::progress_count; ++to) {
        for (int from = 0; from < ledger::progress_count; ++from) {
            CAPTURE(from, to);
            CHECK(ledger::may_follow(static_cast<P>(from), static_cast<P>(to)) == lawful[to][from]);
            // Forward only.
            if (lawful[to][from]) CHECK(to > from);
        }
    }
}

TEST_CASE("till's state and progress show as one state, and progress counts for paid orders alone", "[ledger]") {
    CHECK(ledger::shown_state(OrderState::reserved, Progress::none) == v1::ORDER_STATE_RESERVED);
    CHECK(ledger::shown_state(OrderState::paid, Progress::none) == v1::ORDER_STATE_PAID);
    CHECK(ledger::shown_state(OrderState::paid, Progress::packed) == v1::ORDER_STATE_PACKED);
    CHECK(ledger::shown_state(OrderState::paid, Progress::shipped) == v1::ORDER_STATE_SHIPPED);
    CHECK(ledger::shown_state(OrderState::paid, Progress::done) == v1::ORDER_STATE_DONE);
    CHECK(ledger::shown_state(OrderState::paid, Progress::refunding) == v1::ORDER_STATE_REFUNDING);
    CHECK(ledger::shown_state(OrderState::paid, Progress::refunded) == v1::ORDER_STATE_REFUNDED);
    CHECK(ledger::shown_state(OrderState::expired, Progress::packed) == v1::ORDER_STATE_EXPIRED);
}

TEST_CASE("each step of an order is taken once and noted with who, when and why", "[ledger]") {
    test::OrdersOfAShow db;
    db.add_paid("o1");
    CHECK(ledger::take_step(*db, step(Progress::done)).value() == StepOutcome::illegal);
    CHECK(ledger::take_step(*db, step(Progress::packed, 5)).value() == StepOutcome::taken);
    CHECK(ledger::take_step(*db, step(Progress::packed, 6)).value() == StepOutcome::repeated);
    CHECK(ledger::take_step(*db, step(Progress::shipped, 7)).value() == StepOutcome::taken);
    CHECK(ledger::take_step(*db, step(Progress::shipped, 8)).value() == StepOutcome::repeated);
    CHECK(ledger::take_step(*db, step(Progress::packed, 8)).value() == StepOutcome::illegal);
    CHECK(ledger::take_step(*db, step(Progress::done, 9)).value() == StepOutcome::taken);
    CHECK(ledger::take_step(*db, step(Progress::done, 10)).value() == StepOutcome::repeated);
    CHECK(ledger::take_step(*db, step(Progress::shipped, 10)).value() == StepOutcome::illegal);

    const auto order = ledger::find_order(*db, OrderId("o1"), AccountId("buyer")).value();
    CHECK(order.state() == v1::ORDER_STATE_DONE);
    CHECK(order.carrier() == "中国邮政");
    CHECK(order.tracking_number() == "EMS1234");
    const auto history = ledger::history_of_order(*db, ShowId("show1"), OrderId("o1")).value();
    REQUIRE(history.events_size() == 3);
    CHECK(history.events(0).kind() == "packed");
    CHECK(history.events(1).kind() == "shipped");
    CHECK(history.events(1).detail() == "中国邮政 EMS1234");
    CHECK(history.events(2).kind() == "done");
    for (const auto& event : history.events()) {
        CHECK(event.by_account() == "clerk");
        CHECK(event.by_name() == "Clerk");
        CHECK(event.why() == "morning round");
    }
    CHECK(history.events(2).at_ms() == 9);
}

TEST_CASE("a mistyped tracking number can be corrected until the goods have come, and both numbers stay in the history",
          "[ledger]") {
    test::OrdersOfAShow db;
    db.add_paid("o1");
    auto shipped = step(Progress::shipped);
    CHECK(ledger::take_step(*db, shipped).value() == StepOutcome::taken);
    shipped.tracking_number = "EMS5678";
    CHECK(ledger::take_step(*db, shipped).value() == StepOutcome::taken);
    CHECK(ledger::take_step(*db, shipped).value() == StepOutcome::repeated);
    CHECK(ledger::find_order(*db, OrderId("o1"), AccountId()).value().tracking_number() == "EMS5678");
    const auto history = ledger::history_of_order(*db, ShowId("show1"), OrderId("o1")).value();
    REQUIRE(history.events_size() == 2);
    CHECK(std::set<std::string>{history.events(0).detail(), history.events(1).detail()} ==
          std::set<std::string>{"中国邮政 EMS1234", "中国邮政 EMS5678"});
}

TEST_CASE("no step is taken of an order that is not paid, or of another show", "[ledger]") {
    test::OrdersOfAShow db;
    for (const auto state : {OrderState::reserved, OrderState::expired, OrderState::cancelled, OrderState::refused}) {
        const auto id = "o-" + std::to_string(static_cast<int>(state));
        db.add(id, state);
        auto pack = step(Progress::packed);
        pack.order = OrderId(id);
        CHECK(ledger::take_step(*db, pack).value() == StepOutcome::illegal);
    }
    db.add_paid("o1");
    auto other = step(Progress::packed);
    other.show = ShowId("show2");
    CHECK(ledger::take_step(*db, other).error() == Errc::not_found);
    CHECK(ledger::history_of_order(*db, ShowId("show2"), OrderId("o1")).error() == Errc::not_found);
    CHECK(db.number("SELECT count(*) FROM order_events") == 0);
}

TEST_CASE("staff's list of a show's orders goes by state and page, with names, phones and addresses masked",
          "[ledger]") {
    test::OrdersOfAShow db;
    for (const auto* id : {"o1", "o2", "o3"}) db.add_paid(id);
    db.add("o4", OrderState::reserved);
    CHECK(ledger::take_step(*db, step(Progress::packed)).value() == StepOutcome::taken);
    const auto list = [&](int state, const std::string& after, std::int64_t count) {
        std::string ids;
        const auto orders = ledger::list_orders_of_show(*db, ShowId("show1"), {state, {}, OrderId(after), count}).value();
        for (const auto& order : orders.orders()) ids += order.id() + " ";
        return ids;
    };
    CHECK(list(0, "", 50) == "o1 o2 o3 o4 ");
    CHECK(list(v1::ORDER_STATE_PAID, "", 50) == "o2 o3 ");
    CHECK(list(v1::ORDER_STATE_PACKED, "", 50) == "o1 ");
    CHECK(list(v1::ORDER_STATE_RESERVED, "", 50) == "o4 ");
    CHECK(list(0, "", 2) == "o1 o2 ");
    CHECK(list(0, "o2", 2) == "o3 o4 ");
    const auto shown = ledger::list_orders_of_show(*db, ShowId("show1"), {0, {}, {}, 1}).value().orders(0).address();
    CHECK(shown.recipient() == "王**");
    CHECK(shown.phone() == "138****1234");
    CHECK(shown.region_name() == "长沙");
    CHECK(shown.detail() == "****");
    // The buyer sees where it goes.
    CHECK(ledger::find_order(*db, OrderId("o1"), AccountId("buyer")).value().address().detail() == "五一大道1号");
}

TEST_CASE("a buyer is told what happened to their order and when, with its parcel, but not who did it, why, or what concerns the ledger alone",
          "[ledger]") {
    test::OrdersOfAShow db;
    db.add_paid("o1");
    const auto note = [&](const std::string& kind, const std::string& detail, std::int64_t at_ms) {
        const ledger::LedgerEvent event{{}, ShowId("show1"), OrderId("o1"), kind, detail, AccountId("clerk"), "secret", at_ms};
        REQUIRE(ledger::note_event(*db, event).has_value());
    };
    note("placed", "s1=2", 1);
    note("taken_again", "s1=2", 2);
    note("paid", "pay-1", 3);
    CHECK(ledger::take_step(*db, step(Progress::packed, 4)).value() == StepOutcome::taken);
    auto shipped = step(Progress::shipped, 5);
    shipped.carrier = "China Post";
    CHECK(ledger::take_step(*db, shipped).value() == StepOutcome::taken);
    shipped.tracking_number = "EMS5678";
    shipped.at_ms = 6;
    CHECK(ledger::take_step(*db, shipped).value() == StepOutcome::taken);
    db.write(
        "INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) VALUES ('sandbox', 'pay-1', 'o1', "
        "9900, 'CNY', 'paid', 1)");
    // Named like the payment on purpose: an amount is that of a refund's events alone.
    const ledger::RefundWish wish{"pay-1", ShowId("show1"), OrderId("o1"), 0, 500, "坏了", AccountId("buyer"), true, 0, 7};
    CHECK(ledger::wish_refund(*db, wish).value().outcome == ledger::RefundAnswer::Outcome::taken);
    CHECK(ledger::decide_refund(*db, {"pay-1", ShowId("show1"), false, AccountId("chief"), "没有照片", 8}).has_value());
    note("refunded", "pay-1", 9);
    note("of_a_newer_version", "x", 9);

    const auto history = ledger::history_of_own_order(*db, OrderId("o1"), AccountId("buyer")).value();
    std::string told;
    for (const auto& event : history.events())
        told += std::to_string(event.at_ms()) + " " + event.kind() + " " + event.carrier() + "/" + event.tracking_number() + " " +
                std::to_string(event.amount_fen()) + "\n";
    CHECK(told ==
          "1 placed / 0\n"
          "3 paid / 0\n"
          "4 packed / 0\n"
          "5 shipped China Post/EMS1234 0\n"
          "6 tracking_corrected China Post/EMS5678 0\n"
          "7 refund_asked / 500\n"
          "8 refund_declined / 500\n");
    for (const auto* secret : {"clerk", "Clerk", "chief", "secret", "morning", "照片", "坏了"})
        CHECK(history.SerializeAsString().find(secret) == std::string::npos);
}

TEST_CASE("an order has no history for anybody but its buyer, and one without a buyer for nobody", "[ledger]") {
    test::OrdersOfAShow db;
    db.add_paid("o1");
    db.add_paid("o2");
    db.write("UPDATE orders SET buyer_id = '' WHERE id = 'o2'");
    CHECK(ledger::history_of_own_order(*db, OrderId("o1"), AccountId("buyer")).value().events_size() == 0);
    for (const auto* other : {"", "clerk", "buyer2", "%", "buyer' OR '1' = '1"}) {
        CAPTURE(other);
        for (const auto* id : {"o1", "o2", "o3"})
            CHECK(ledger::history_of_own_order(*db, OrderId(id), AccountId(other)).error() == Errc::not_found);
    }
    CHECK(ledger::history_of_own_order(*db, OrderId("o2"), AccountId("buyer")).error() == Errc::not_found);
}

TEST_CASE("staff find orders of a show by the beginning of their id, by tracking number and by a part of the buyer's nickname", "[ledger]") {
    test::OrdersOfAShow db;
    const auto buys = [&](const std::string& id, const std::string& buyer) {
        db.add_paid(id);
        db.write("UPDATE orders SET buyer_id = ? WHERE id = ?", {buyer, id});
    };
    const auto is_called = [&](const std::string& account, const std::string& nickname) {
        db.write("INSERT INTO accounts (id, nickname, created_ms) VALUES (?, ?, 0)", {account, nickname});
    };
    is_called("b1", "爱吃橙子的Lin");
    is_called("b2", "50%_off!");
    is_called("b3", "d_e\\'x");
    buys("order-A1", "b1");
    buys("order-a2", "b1");
    buys("order-b1", "b2");
    buys("order_c1", "b3");
    db.add("order-d1", OrderState::reserved);
    db.write("UPDATE orders SET tracking_number = 'SF-1234' WHERE id = 'order-b1'");
    db.write("UPDATE orders SET buyer_id = '', kind = 3, tracking_number = 'SF-12345' WHERE id = 'order_c1'");
    db.write(
        "INSERT INTO order_consignees (order_id, position, unit_name, recipient, phone, region_code, region_name, detail, count, state, "
        "tracking_number) VALUES ('order_c1', 1, '一食堂', '', '', '', '', '', 1, 2, 'YT9'), ('order_c1', 2, '二食堂', '', '', '', '', '', 1, 2, 'YT9')");
    db.write("INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show2', 'room2', 't', 2, 0, 0, 0)");
    buys("order-a3", "b1");
    db.write("UPDATE orders SET show_id = 'show2', tracking_number = 'SF-1234' WHERE id = 'order-a3'");

    const auto found = [&](const std::string& text, int state = 0, const std::string& after = "", std::int64_t count = 50) {
        const auto orders = ledger::list_orders_of_show(*db, ShowId("show1"), {state, text, OrderId(after), count}).value();
        std::string ids;
        for (const auto& order : orders.orders()) ids += order.id() + " ";
        return ids;
    };
    CHECK(found("") == "order-A1 order-a2 order-b1 order-d1 order_c1 ");
    // Ids: the beginning, in either case.
    CHECK(found("order-a") == "order-A1 order-a2 ");
    CHECK(found("ORDER-A2") == "order-a2 ");
    CHECK(found("rder-a").empty());
    CHECK(found("order_") == "order_c1 ");
    // Tracking numbers: whole.
    CHECK(found("SF-1234") == "order-b1 ");
    CHECK(found("sf-12345") == "order_c1 ");
    CHECK(found("SF-123").empty());
    CHECK(found("YT9") == "order_c1 ");
    CHECK(found("T9").empty());
    // Nicknames: a part.
    CHECK(found("橙子") == "order-A1 order-a2 ");
    CHECK(found("lin") == "order-A1 order-a2 ");
    CHECK(found("BUYER") == "order-d1 ");
    CHECK(found("橙Lin").empty());
    // What means something to SQL stands for itself.
    CHECK(found("%") == "order-b1 ");
    CHECK(found("50%_off!") == "order-b1 ");
    CHECK(found("5%f").empty());
    CHECK(found("_o") == "order-b1 ");
    CHECK(found("!") == "order-b1 ");
    CHECK(found("d_e").empty());  // That order has no buyer.
    db.write("UPDATE orders SET buyer_id = 'b3' WHERE id = 'order_c1'");
    CHECK(found("e\\'x") == "order_c1 ");
    CHECK(found("' OR '1' = '1").empty());
    // What is sealed is not found, nor is what is written of it elsewhere.
    for (const auto* sealed : {"王小明", "13800001234", "五一大道", "长沙"}) CHECK(found(sealed).empty());
    // With a state, and page by page.
    CHECK(found("order", v1::ORDER_STATE_RESERVED) == "order-d1 ");
    CHECK(found("order-", 0, "", 2) == "order-A1 order-a2 ");
    CHECK(found("order-", 0, "order-a2", 2) == "order-b1 order-d1 ");
    CHECK(found("order-", 0, "order-d1", 2).empty());
}
