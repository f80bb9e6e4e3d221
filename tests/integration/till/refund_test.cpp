#include <livefair/v1/payment.pb.h>

#include <catch2/catch.hpp>

#include "commerce/refund_desk.hpp"
#include "commerce/sandbox_notify.hpp"
#include "integration/till/shop.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/refund_requests.hpp"
#include "ledger/refunds.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

/// A shop with what gives money and goods back.
struct RefundShop : Shop {
    explicit RefundShop(std::int64_t stock, std::int64_t limit = 5) {
        add_stock("s1", stock);
        add_stock("s2", stock * 2, "610924");
        // 99 yuan for one of s1 and two of s2, 49.50 each.
        add_offer("box", 9900, {{"s1", 1}, {"s2", 2}}, limit);
        for (const auto* buyer : {"b1", "b2"}) add_buyer(buyer);
        start();
        open("box");
    }
    commerce::OrderDesk orders{gateways[0]->client, *ledger};
    commerce::RefundDesk desk{io.get_executor(), gateways[0]->till,      *ledger, orders,
                              system_clock(),    std::chrono::seconds(1)};

    void buy_and_pay(std::int64_t order, const std::string& buyer, std::int64_t quantity) {
        REQUIRE(place(order_id(order), buyer, "box", quantity).outcome() == v1::OUTCOME_ACCEPTED);
        REQUIRE(pay(order_id(order), quantity * 9900, "pay" + std::to_string(order), "event" + std::to_string(order)) ==
                204);
    }
    ledger::RefundAnswer refund(std::int64_t order, const std::string& id, std::int64_t quantity,
                                std::int64_t amount_fen = 0) {
        ledger::RefundWish wish{
            id, show, OrderId(order_id(order)), quantity, amount_fen, "", AccountId("b2"), false, 100'000'000, 1};
        const auto answer = run(orders.wish_refund(std::move(wish)));
        REQUIRE(answer.has_value());
        return *answer;
    }
    std::int64_t round() {
        const auto done = run(desk.run_once());
        REQUIRE(done.has_value());
        settle();
        // As the program does: what a commit says of the shelf ends "sold out".
        for (const auto& commit : side->commits)
            for (const auto& offer : commit.left) sold_out.on_left(offer.offer, offer.left);
        side->commits.clear();
        return *done;
    }
    /// The provider answers all that it is asked.
    void provider_pays() {
        const auto answered = ledger->write_blocking([](ledger::Database& database) -> Result<> {
            for (const auto& request : ledger::due_refunds(database, INT64_MAX, 100).value())
                if (auto noted = ledger::note_refund(database, request, ledger::RefundRequest::State::done, "", 1, 1);
                    !noted)
                    return noted;
            return {};
        });
        REQUIRE(answered.has_value());
    }
    void ship(std::int64_t order) {
        ledger::Step step{show, OrderId(order_id(order)), ledger::Progress::shipped, AccountId("b2"), "", "邮政", "E1234",
                          1};
        const auto shipped = run(orders.step(std::move(step)));
        REQUIRE(shipped.has_value());
        REQUIRE(*shipped == ledger::StepOutcome::taken);
    }
    /// The provider says of a payment of 99 yuan that it is closed: nobody has paid it.
    int tell_closed(std::int64_t order, const std::string& payment, const std::string& event) {
        v1::SandboxEvent notify;
        notify.set_type("payment.closed");
        notify.set_event_id(event);
        notify.set_payment_id(payment);
        notify.set_order_id(order_id(order));
        notify.set_amount_fen(9900);
        notify.set_currency("CNY");
        auto body = commerce::to_body(notify);
        auto headers = commerce::sign_sandbox_notify(webhook_secret, event, system_clock().unix_ms() / 1000, body);
        return run(gateways[0]->payments.notify(std::move(headers), std::move(body))).status;
    }
    /// All that a webhook could move back: "order state, progress, payment's state, left, owed, entries in the books".
    std::string standing(std::int64_t order) {
        const auto of_order = " FROM orders WHERE id = '" + order_id(order) + "'";
        return std::to_string(number("SELECT state" + of_order)) + " " + std::to_string(progress(order)) + " " +
               std::to_string(number("SELECT count(*) FROM payments WHERE state = 'paid'")) + " " + left("s1") + " " +
               std::to_string(number("SELECT refund_due_fen" + of_order)) + " " +
               std::to_string(number("SELECT count(*) FROM entries"));
    }
    std::string left(const std::string& stock) {
        return command({"HGET", commerce::till_key(show, "till"), "left:" + stock}).text;
    }
    std::int64_t progress(std::int64_t order) {
        return number("SELECT progress FROM orders WHERE id = '" + order_id(order) + "'");
    }
};

}  // namespace

TEST_CASE("a refund before shipping puts goods of all components and the buyer's limit back exactly once", "[till]") {
    RefundShop shop(3, 3);
    shop.buy_and_pay(1, "b1", 3);
    CHECK(shop.place(order_id(2), "b2", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    CHECK(shop.refund(1, "r1", 2).state == ledger::RefundState::accepted);
    CHECK(shop.left("s1") == "0");
    CHECK(shop.round() == 1);
    for (int i = 0; i < 3; ++i) CHECK(shop.round() == 0);
    CHECK(shop.left("s1") == "2");
    CHECK(shop.left("s2") == "4");
    CHECK(shop.number("SELECT committed FROM stocks WHERE id = 's2'") == 2);
    CHECK(shop.number("SELECT count(*) FROM order_events WHERE kind = 'refunded'") == 1);
    CHECK(shop.reconcile() == "");

    // Told again with the same id, as after a lost answer.
    for (int i = 0; i < 3; ++i) {
        const auto again = shop.run(shop.gateways[0]->till.restock(shop.show, OrderId(order_id(1)), "r1", 2));
        REQUIRE(again.has_value());
        CHECK(again->repeated);
    }
    shop.settle();
    CHECK(shop.left("s1") == "2");
    // One for another buyer; the first may have one more than the one kept of a limit of three.
    shop.buy_and_pay(3, "b2", 1);
    shop.buy_and_pay(4, "b1", 1);
    CHECK(shop.left("s1") == "0");
    CHECK(shop.reconcile() == "");
}

TEST_CASE("goods of a refund go back once although projector and Redis die at every step", "[till]") {
    RefundShop shop(3);
    shop.buy_and_pay(1, "b1", 3);
    CHECK(shop.refund(1, "r1", 1).state == ledger::RefundState::accepted);
    CHECK(shop.refund(1, "r2", 1).state == ledger::RefundState::accepted);
    // The ledger's side is dead while the till puts the goods back: its word waits in the stream.
    shop.stop_ledger_side();
    REQUIRE(shop.run(shop.desk.run_once()).has_value());
    CHECK(shop.left("s1") == "2");
    CHECK(shop.number("SELECT count(*) FROM refunds WHERE restock = 1") == 2);
    // Asked again before the ledger knows.
    REQUIRE(shop.run(shop.desk.run_once()).has_value());
    CHECK(shop.left("s1") == "2");
    shop.start_ledger_side();
    shop.wait_until_open();
    shop.settle();
    CHECK(shop.number("SELECT count(*) FROM refunds WHERE restock = 2") == 2);
    CHECK(shop.reconcile() == "");

    // Redis loses all: the till is rebuilt with what came back, and knows the refunds.
    shop.command({"FLUSHALL"});
    REQUIRE(test::eventually([&] {
        const auto again = shop.run(shop.gateways[0]->till.restock(shop.show, OrderId(order_id(1)), "r1", 1));
        return again.has_value() && again->kind == commerce::Restocking::Kind::restocked && again->repeated;
    }));
    CHECK(shop.left("s1") == "2");
    CHECK(shop.reconcile() == "");
    // A refund decided while Redis had nothing goes back after the rebuild.
    CHECK(shop.refund(1, "r3", 1).state == ledger::RefundState::accepted);
    CHECK(shop.round() == 1);
    CHECK(shop.left("s1") == "3");
    CHECK(shop.left("s2") == "6");
    CHECK(shop.progress(1) == 4);
    shop.provider_pays();
    CHECK(shop.round() == 3);
    CHECK(shop.progress(1) == 5);
    CHECK(
        shop.number("SELECT sum(CASE WHEN credit = 'refunds' THEN amount_fen ELSE -amount_fen END) FROM entries WHERE "
                    "debit = 'refunds' OR credit = 'refunds'") == 0);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("after shipping a refund moves money alone", "[till]") {
    RefundShop shop(2);
    shop.buy_and_pay(1, "b1", 2);
    shop.ship(1);
    CHECK(shop.refund(1, "r1", 2).state == ledger::RefundState::accepted);
    CHECK(shop.round() == 0);
    CHECK(shop.left("s1") == "0");
    CHECK(shop.place(order_id(2), "b2", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    shop.provider_pays();
    CHECK(shop.round() == 1);
    CHECK(shop.progress(1) == 5);
    CHECK(shop.reconcile() == "");
}

TEST_CASE(
    "webhooks that come again after a refund change nothing, and a second payment of a refunded order is owed back "
    "apart",
    "[till]") {
    RefundShop shop(2);
    shop.buy_and_pay(1, "b1", 1);
    CHECK(shop.refund(1, "r1", 1).state == ledger::RefundState::accepted);
    CHECK(shop.round() == 1);
    shop.provider_pays();
    CHECK(shop.round() == 1);
    for (int i = 0; i < 3; ++i) CHECK(shop.pay(order_id(1), 9900, "pay1", "event-again" + std::to_string(i)) == 204);
    CHECK(shop.number("SELECT refund_due_fen FROM orders") == 0);
    CHECK(shop.progress(1) == 5);
    CHECK(shop.pay(order_id(1), 9900, "pay-tab-2", "event-tab-2") == 204);
    CHECK(shop.number("SELECT refund_due_fen FROM orders") == 9900);
    CHECK(shop.number("SELECT refunded_fen FROM orders") == 9900);
    CHECK(shop.progress(1) == 5);
    CHECK(shop.left("s1") == "2");
    CHECK(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_REJECTED);
    CHECK(shop.left("s1") == "2");
    CHECK(shop.reconcile() == "");
}

TEST_CASE(
    "webhooks a hundred times, out of order and after shipping, and a close notice after the refund, move nothing back",
    "[till]") {
    RefundShop shop(2);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = shop.run(shop.gateways[0]->payments.create(AccountId("b1"), OrderId(order_id(1))));
    REQUIRE(payment.has_value());
    const auto& id = payment->payment_id();
    // A close notice of the older of two payments comes before the money of the newer one.
    CHECK(shop.tell_closed(1, "pay-older", "event-older") == 204);
    REQUIRE(shop.pay(order_id(1), 9900, id, "event1") == 204);
    const auto say_all = [&](const std::string& when) {
        for (int i = 0; i < 50; ++i) {
            CHECK(shop.pay(order_id(1), 9900, id, i % 2 == 0 ? "event1" : when + std::to_string(i)) == 204);
            CHECK(shop.tell_closed(1, id, when + "-closed" + std::to_string(i % 7)) == 204);
        }
        shop.settle();
    };
    const auto paid = shop.standing(1);
    say_all("paid");
    CHECK(shop.standing(1) == paid);

    shop.ship(1);
    const auto shipped = shop.standing(1);
    CHECK(shipped.starts_with("2 2 1 1 0 "));
    say_all("shipped");
    CHECK(shop.standing(1) == shipped);
    CHECK(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_REJECTED);

    CHECK(shop.refund(1, "r1", 1).state == ledger::RefundState::accepted);
    shop.provider_pays();
    CHECK(shop.round() == 1);
    const auto refunded = shop.standing(1);
    CHECK(refunded.starts_with("2 5 1 1 0 "));
    say_all("refunded");
    CHECK(shop.standing(1) == refunded);
    CHECK(shop.number("SELECT count(*) FROM order_events WHERE kind IN ('paid', 'shipped')") == 2);
    CHECK(shop.reconcile() == "");
}

TEST_CASE(
    "cancelling puts the stock back once, and a cancelled order that is paid late is refunded and takes none again",
    "[till]") {
    RefundShop shop(1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    for (int i = 0; i < 2; ++i) CHECK(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.left("s1") == "1");
    CHECK(shop.pay(order_id(1), 9900, "late", "event-late") == 204);
    CHECK(shop.left("s1") == "1");
    CHECK(shop.refund(1, "r1", 1).outcome == ledger::RefundAnswer::Outcome::not_refundable);
    const auto asked =
        shop.ledger->write_blocking([](ledger::Database& database) { return ledger::ask_due_refunds(database, 1); });
    REQUIRE(asked.has_value());
    CHECK(*asked == 1);
    shop.provider_pays();
    CHECK(shop.round() == 0);
    CHECK(shop.number("SELECT state FROM orders") == 4);
    CHECK(
        shop.number("SELECT sum(CASE WHEN credit = 'refunds' THEN amount_fen ELSE -amount_fen END) FROM entries WHERE "
                    "debit = 'refunds' OR credit = 'refunds'") == 0);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("the till takes goods back for paid orders alone and only under its own epoch", "[till]") {
    RefundShop shop(2);
    auto& till = shop.gateways[0]->till;
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.run(till.restock(shop.show, OrderId(order_id(1)), "r1", 1)).error() == Errc::conflict);
    CHECK(shop.run(till.restock(shop.show, OrderId(order_id(9)), "r1", 1)).value().kind ==
          commerce::Restocking::Kind::not_found);
    shop.buy_and_pay(2, "b2", 1);
    for (const std::int64_t quantity : {0, 2, -1})
        CHECK(shop.run(till.restock(shop.show, OrderId(order_id(2)), "r1", quantity)).error() == Errc::conflict);
    const auto fenced =
        shop.command({"FCALL", "till_refund_v1", "6", commerce::till_key(shop.show, "till"),
                      commerce::till_key(shop.show, "offer:box"), commerce::till_key(shop.show, "limit:box"),
                      commerce::till_key(shop.show, "order:" + order_id(2)), commerce::till_key(shop.show, "holds"),
                      commerce::till_key(shop.show, "orders"), "another-run-id", "1", order_id(2), "box", "r1", "1"});
    CHECK(fenced.items.at(0).text == "PAUSED");
    CHECK(shop.left("s1") == "0");
    CHECK(shop.reconcile() == "");
}
