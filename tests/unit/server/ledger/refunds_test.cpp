#include "ledger/refunds.hpp"

#include <livefair/v1/order.pb.h>

#include <numeric>
#include <random>

#include "ledger/fulfilment.hpp"
#include "ledger/refund_requests.hpp"
#include "unit/server/ledger/orders_of_a_show.hpp"

using namespace livefair;
using ledger::RefundState;
using Outcome = ledger::RefundAnswer::Outcome;

namespace {

constexpr std::int64_t four_eyes_fen = 50'000;

ledger::RefundWish wish(const std::string& id, std::int64_t quantity, std::int64_t amount_fen,
                        const std::string& by = "clerk") {
    return {id, ShowId("show1"), OrderId("o1"), quantity, amount_fen, "坏了", AccountId(by), false, four_eyes_fen, 7};
}

ledger::RefundDecision decision(const std::string& id, bool is_yes, const std::string& by) {
    return {id, ShowId("show1"), is_yes, AccountId(by), "看过照片", 8};
}

/// A paid order of `quantity` boxes with the payment "pay1".
class PaidOrder : public test::OrdersOfAShow {
public:
    explicit PaidOrder(std::int64_t quantity = 1) {
        add_paid("o1", quantity);
        write(
            "INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) VALUES ('sandbox', "
            "'pay1', 'o1', ?, 'CNY', "
            "'paid', 1)",
            {quantity * 9900});
    }
    void ship() {
        const ledger::Step step{
            ShowId("show1"), OrderId("o1"), ledger::Progress::shipped, AccountId("clerk"), {}, "邮政", "E1234", 5};
        REQUIRE(ledger::take_step(**this, step).value() == ledger::StepOutcome::taken);
    }
    v1::OrderState state() { return ledger::find_order(**this, OrderId("o1"), AccountId()).value().state(); }
    std::int64_t of_order(const std::string& column) {
        return number("SELECT " + column + " FROM orders WHERE id = 'o1'");
    }
    /// As the provider's worker does.
    void provider_says(ledger::RefundRequest::State state) {
        for (const auto& request : ledger::due_refunds(**this, 1'000'000, 100).value())
            REQUIRE(ledger::note_refund(**this, request, state, "", 9, 10).has_value());
    }
    /// debits less credits of an account.
    std::int64_t balance(const std::string& account) {
        return number("SELECT coalesce(sum(CASE WHEN debit = '" + account +
                      "' THEN amount_fen ELSE -amount_fen END), 0) FROM entries WHERE debit = '" + account +
                      "' OR credit = '" + account + "'");
    }
};

/// What staff does about a refund that failed; without a reference the provider is asked again.
ledger::FailedRefund failed(const std::string& id, const std::string& reference = {}, const std::string& by = "chief") {
    return {id, ShowId("show1"), AccountId(by), "银行退票", 20, reference, four_eyes_fen};
}

/// The order's books and sums, counted again.
void check_books(PaidOrder& db, std::int64_t refunded_fen, std::int64_t owed_fen) {
    CHECK(db.of_order("refunded_fen") == refunded_fen);
    CHECK(db.number("SELECT sum(refunded_fen) FROM order_lines") == refunded_fen);
    CHECK(db.number("SELECT coalesce(sum(amount_fen), 0) FROM refunds WHERE state IN (2, 3, 5)") == refunded_fen);
    CHECK(db.balance("sales") == refunded_fen);
    CHECK(db.balance("refunds") == -owed_fen);
    CHECK(db.number("SELECT refund_asked_fen FROM payments") ==
          db.number("SELECT coalesce(sum(amount_fen), 0) FROM refund_requests WHERE state <> 'failed'"));
}

}  // namespace

TEST_CASE("a refund's split over lines adds up, and no line gives back more than it has", "[ledger]") {
    CHECK(ledger::split_refund(2, {1, 1, 1}) == std::vector<std::int64_t>{0, 1, 1});
    CHECK(ledger::split_refund(100, {100}) == std::vector<std::int64_t>{100});
    CHECK(ledger::split_refund(10, {0, 30, 0, 70}) == std::vector<std::int64_t>{0, 3, 0, 7});
    std::mt19937_64 random(5);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::int64_t> left(1 + random() % 20);
        const std::int64_t most = random() % 4 == 0 ? 990'000'000'000 : 1 + static_cast<std::int64_t>(random() % 50);
        for (auto& each : left) each = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
        const auto sum = std::accumulate(left.begin(), left.end(), std::int64_t{0});
        if (sum == 0) continue;
        const auto amount = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(sum));
        const auto parts = ledger::split_refund(amount, left);
        REQUIRE(parts.size() == left.size());
        REQUIRE(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == amount);
        for (std::size_t i = 0; i < parts.size(); ++i) REQUIRE((parts[i] >= 0 && parts[i] <= left[i]));
    }
}

TEST_CASE(
    "a refund of the whole order before shipping owes the money, takes the goods back and ends the order when the "
    "provider has paid",
    "[ledger]") {
    PaidOrder db(3);
    const auto answer = ledger::wish_refund(*db, wish("r1", 3, 0)).value();
    CHECK(answer.outcome == Outcome::taken);
    CHECK(answer.state == RefundState::accepted);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
    CHECK(db.of_order("refunded_fen") == 29700);
    CHECK(db.number("SELECT refunded_fen FROM order_lines") == 29700);
    CHECK(db.number("SELECT refunded_units FROM order_lines") == 6);
    CHECK(db.balance("sales") == 29700);
    CHECK(db.balance("refunds") == -29700);

    const auto due = ledger::due_restocks(*db, 10).value();
    REQUIRE(due.size() == 1);
    CHECK(due[0].quantity == 3);
    CHECK(db.number("SELECT committed FROM stocks") == 6);  // until the till has them
    CHECK(ledger::note_restocked(*db, "r1", OrderId("o1")).value() == 1);
    CHECK(ledger::note_restocked(*db, "r1", OrderId("o1")).value() == 0);
    CHECK(ledger::note_restocked(*db, "r-unknown", OrderId("o1")).value() == 0);
    CHECK(db.number("SELECT committed FROM stocks") == 0);
    CHECK(ledger::due_restocks(*db, 10).value().empty());

    CHECK(ledger::count_answered_refunds(*db).value() == 0);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().empty());
    db.provider_says(ledger::RefundRequest::State::done);
    CHECK(ledger::count_answered_refunds(*db).value() == 1);
    CHECK(ledger::follow_refunds(*db, 9, 10).value() == std::vector<OrderId>{OrderId("o1")});
    CHECK(ledger::follow_refunds(*db, 9, 10).value().empty());
    CHECK(db.state() == v1::ORDER_STATE_REFUNDED);
    CHECK(db.balance("refunds") == 0);
    const auto history = ledger::history_of_order(*db, ShowId("show1"), OrderId("o1")).value();
    std::set<std::string> kinds;
    for (const auto& event : history.events()) kinds.insert(event.kind());
    CHECK(kinds == std::set<std::string>{"refund_asked", "refund_accepted", "refund_paid"});
}

TEST_CASE("the same refund id with the same content is one refund, with another content a conflict", "[ledger]") {
    PaidOrder db(3);
    for (int i = 0; i < 3; ++i)
        CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    CHECK(db.of_order("refunded_fen") == 9900);
    CHECK(db.number("SELECT count(*) FROM refund_requests") == 1);
    CHECK(ledger::wish_refund(*db, wish("r1", 2, 0)).value().outcome == Outcome::used_id);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 5)).value().outcome == Outcome::used_id);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0, "chief")).value().outcome == Outcome::used_id);
    db.add_paid("o2");
    auto other = wish("r1", 1, 0);
    other.order = OrderId("o2");
    CHECK(ledger::wish_refund(*db, other).value().outcome == Outcome::used_id);
    CHECK(db.of_order("refunded_fen") == 9900);
}

TEST_CASE("partial refunds never come to more than was paid, in money or in goods", "[ledger]") {
    PaidOrder db(3);
    CHECK(ledger::wish_refund(*db, wish("r1", 0, 29701)).value().outcome == Outcome::too_much);
    CHECK(ledger::wish_refund(*db, wish("r2", 4, 0)).value().outcome == Outcome::too_much);
    CHECK(ledger::wish_refund(*db, wish("r3", 0, 100)).value().outcome == Outcome::taken);
    CHECK(ledger::due_restocks(*db, 10).value().empty());  // money alone
    CHECK(ledger::wish_refund(*db, wish("r4", 1, 0)).value().outcome == Outcome::taken);
    CHECK(db.of_order("refunded_fen") == 10'000);
    CHECK(db.state() == v1::ORDER_STATE_PAID);
    CHECK(ledger::wish_refund(*db, wish("r5", 3, 0)).value().outcome == Outcome::too_much);
    CHECK(ledger::wish_refund(*db, wish("r6", 0, 19'701)).value().outcome == Outcome::too_much);
    // All that is left, by money: the goods that are left go with it.
    CHECK(ledger::wish_refund(*db, wish("r7", 0, 19'700)).value().outcome == Outcome::taken);
    CHECK(db.of_order("refunded_quantity") == 3);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
    CHECK(ledger::wish_refund(*db, wish("r8", 0, 1)).value().outcome == Outcome::not_refundable);
    std::int64_t restocks = 0;
    for (const auto& goods : ledger::due_restocks(*db, 10).value()) restocks += goods.quantity;
    CHECK(restocks == 3);
    // Ended only when the last one is paid.
    db.provider_says(ledger::RefundRequest::State::done);
    CHECK(ledger::follow_refunds(*db, 9, 2).value().size() == 2);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
    CHECK(ledger::follow_refunds(*db, 9, 2).value().size() == 1);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDED);
}

TEST_CASE("after shipping only money moves", "[ledger]") {
    PaidOrder db(2);
    db.ship();
    CHECK(ledger::wish_refund(*db, wish("r1", 2, 0)).value().state == RefundState::accepted);
    CHECK(ledger::due_restocks(*db, 10).value().empty());
    CHECK(db.number("SELECT committed FROM stocks") == 4);
    CHECK(db.of_order("refunded_quantity") == 2);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
}

TEST_CASE("above the limit somebody else has to agree, and small refunds of one order are added up", "[ledger]") {
    PaidOrder db(9);
    CHECK(ledger::wish_refund(*db, wish("r1", 6, 0)).value().state == RefundState::asked);
    CHECK(db.of_order("refunded_fen") == 0);
    CHECK(ledger::wish_refund(*db, wish("r2", 1, 0)).value().outcome == Outcome::waits);
    CHECK(ledger::decide_refund(*db, decision("r1", true, "clerk")).value().outcome == Outcome::own);
    auto elsewhere = decision("r1", true, "chief");
    elsewhere.show = ShowId("show2");
    CHECK(ledger::decide_refund(*db, elsewhere).error() == Errc::not_found);
    CHECK(ledger::decide_refund(*db, decision("r-unknown", true, "chief")).error() == Errc::not_found);
    // Nothing is sent while a refund waits.
    const ledger::Step pack{
        ShowId("show1"), OrderId("o1"), ledger::Progress::packed, AccountId("clerk"), {}, {}, {}, 5};
    CHECK(ledger::take_step(*db, pack).value() == ledger::StepOutcome::refund_waits);

    CHECK(ledger::decide_refund(*db, decision("r1", false, "chief")).value().state == RefundState::declined);
    CHECK(ledger::decide_refund(*db, decision("r1", false, "chief")).value().outcome == Outcome::taken);
    CHECK(ledger::decide_refund(*db, decision("r1", true, "chief")).value().outcome == Outcome::decided);
    CHECK(ledger::take_step(*db, pack).value() == ledger::StepOutcome::taken);

    CHECK(ledger::wish_refund(*db, wish("r3", 5, 0)).value().state == RefundState::accepted);  // 495 yuan
    CHECK(ledger::wish_refund(*db, wish("r4", 1, 0)).value().state == RefundState::asked);
    for (int i = 0; i < 2; ++i)
        CHECK(ledger::decide_refund(*db, decision("r4", true, "chief")).value().state == RefundState::accepted);
    CHECK(ledger::decide_refund(*db, decision("r4", false, "chief")).value().outcome == Outcome::decided);
    CHECK(db.of_order("refunded_fen") == 6 * 9900);
    CHECK(ledger::find_refund(*db, "r4").value().decided_by() == "chief");
    CHECK(ledger::list_refunds(*db, ShowId("show1"), OrderId(), 0).value().refunds_size() == 3);
    CHECK(ledger::list_refunds(*db, ShowId("show1"), OrderId("o1"), 4).value().refunds_size() == 1);
}

TEST_CASE("a buyer's refund always waits for staff, and only the buyer's own order can be asked for", "[ledger]") {
    PaidOrder db;
    auto own = wish("r1", 1, 0, "buyer");
    own.is_buyers = true;
    auto others = own;
    others.by = AccountId("clerk");
    CHECK(ledger::wish_refund(*db, others).error() == Errc::not_found);
    CHECK(ledger::wish_refund(*db, own).value().state == RefundState::asked);
    CHECK(ledger::decide_refund(*db, decision("r1", true, "clerk")).value().state == RefundState::accepted);
}

TEST_CASE("staff who bought something themselves can't decide alone on their own refund, nor agree to it", "[ledger]") {
    PaidOrder db;
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0, "buyer")).value().state == RefundState::asked);
    CHECK(ledger::decide_refund(*db, decision("r1", true, "buyer")).value().outcome == Outcome::own);
    CHECK(ledger::decide_refund(*db, decision("r1", false, "chief")).value().state == RefundState::declined);
    CHECK(ledger::wish_refund(*db, wish("r2", 0, 100, "clerk")).value().state == RefundState::accepted);
    CHECK(ledger::wish_refund(*db, wish("r3", 0, 100, "buyer")).value().state == RefundState::asked);
    CHECK(ledger::decide_refund(*db, decision("r3", true, "buyer")).value().outcome == Outcome::own);
    CHECK(ledger::decide_refund(*db, decision("r3", true, "clerk")).value().state == RefundState::accepted);
}

TEST_CASE("an order that is not paid, or was paid past the provider, has nothing to refund", "[ledger]") {
    test::OrdersOfAShow db;
    db.add("o1", ledger::OrderState::reserved);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().outcome == Outcome::not_refundable);
    db.write("UPDATE orders SET state = 2");
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().outcome == Outcome::no_payment);
    CHECK(db.number("SELECT count(*) FROM refunds") == 0);
    auto elsewhere = wish("r1", 1, 0);
    elsewhere.show = ShowId("show2");
    CHECK(ledger::wish_refund(*db, elsewhere).error() == Errc::not_found);
}

TEST_CASE("a refund that the provider refuses for good is shown as failed and keeps the order open", "[ledger]") {
    PaidOrder db;
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    db.provider_says(ledger::RefundRequest::State::failed);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    CHECK(ledger::find_refund(*db, "r1").value().state() == v1::REFUND_STATE_FAILED);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
    CHECK(db.balance("refunds") == -9900);  // still owed
}

TEST_CASE("a failed refund is asked for again under a new number, once for two clicks, until the provider pays", "[ledger]") {
    PaidOrder db;
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    CHECK(ledger::ask_again(*db, failed("r1")).value().outcome == Outcome::not_failed);
    const auto fail = [&] {
        db.provider_says(ledger::RefundRequest::State::failed);
        CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
        check_books(db, 9900, 9900);
    };
    fail();
    for (int attempt = 1; attempt <= 2; ++attempt) {
        for (int click = 0; click < 2; ++click) {
            const auto answer = ledger::ask_again(*db, failed("r1")).value();
            CHECK(answer.outcome == Outcome::taken);
            CHECK(answer.state == RefundState::accepted);
        }
        CHECK(db.number("SELECT count(*) FROM refund_requests WHERE state = 'asked'") == 1);
        CHECK(db.number("SELECT count(*) FROM refund_requests") == 1 + attempt);
        CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1")).value().outcome == Outcome::not_failed);
        CHECK(db.state() == v1::ORDER_STATE_REFUNDING);
        check_books(db, 9900, 9900);
        if (attempt == 1) fail();
    }
    db.provider_says(ledger::RefundRequest::State::done);
    CHECK(ledger::count_answered_refunds(*db).value() == 1);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    CHECK(ledger::count_answered_refunds(*db).value() == 0);
    CHECK(ledger::find_refund(*db, "r1").value().state() == v1::REFUND_STATE_DONE);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDED);
    check_books(db, 9900, 0);
    CHECK(db.balance("provider") == -9900);
    // A late click, and the wish itself told again.
    CHECK(ledger::ask_again(*db, failed("r1")).value().state == RefundState::done);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::done);
    CHECK(db.number("SELECT count(*) FROM refund_requests") == 3);
    CHECK(db.number("SELECT count(*) FROM order_events WHERE kind = 'refund_failed'") == 2);
    CHECK(db.number("SELECT count(*) FROM order_events WHERE kind = 'refund_asked_again' AND by_account = 'chief' AND why = '银行退票'") == 2);
    CHECK(ledger::ask_again(*db, failed("r-unknown")).error() == Errc::not_found);
    auto elsewhere = failed("r1");
    elsewhere.show = ShowId("show2");
    CHECK(ledger::ask_again(*db, elsewhere).error() == Errc::not_found);
    CHECK(ledger::settle_outside(*db, elsewhere).error() == Errc::not_found);
}

TEST_CASE("a failed refund is not asked for again when its payment has no such money left", "[ledger]") {
    PaidOrder db;
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    db.provider_says(ledger::RefundRequest::State::failed);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    REQUIRE(ledger::ask_refund(*db, {"by-hand", "sandbox", PaymentId("pay1"), OrderId("o1"), 1, "手工"}, 10).value());
    db.write("BEGIN");
    CHECK(ledger::ask_again(*db, failed("r1")).error() == Errc::conflict);
    db.write("ROLLBACK");
    CHECK(ledger::find_refund(*db, "r1").value().state() == v1::REFUND_STATE_FAILED);
}

TEST_CASE("a failed refund that staff gave back outside is done with its reference, and never asked for again", "[ledger]") {
    PaidOrder db(3);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1")).value().outcome == Outcome::not_failed);
    db.provider_says(ledger::RefundRequest::State::failed);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    check_books(db, 9900, 9900);
    // Who gets the money does not say that it has come.
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1", "buyer")).value().outcome == Outcome::own);
    for (int click = 0; click < 2; ++click) {
        const auto answer = ledger::settle_outside(*db, failed("r1", "ICBC-1", "clerk")).value();
        CHECK(answer.outcome == Outcome::taken);
        CHECK(answer.state == RefundState::done);
    }
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-2")).value().outcome == Outcome::not_failed);
    CHECK(ledger::ask_again(*db, failed("r1")).value().outcome == Outcome::not_failed);
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::done);
    check_books(db, 9900, 0);
    CHECK(db.balance("outside") == -9900);
    CHECK(db.balance("provider") == 0);
    CHECK(ledger::find_refund(*db, "r1").value().reference() == "ICBC-1");
    CHECK(db.number("SELECT count(*) FROM order_events WHERE kind = 'refund_paid' AND detail = 'r1 ICBC-1' AND by_account = 'clerk' AND why = '银行退票'") == 1);
    CHECK(db.state() == v1::ORDER_STATE_PAID);
    // The rest goes its own way, and the order is refunded when all has gone back.
    CHECK(ledger::wish_refund(*db, wish("r2", 2, 0)).value().state == RefundState::accepted);
    db.provider_says(ledger::RefundRequest::State::done);
    CHECK(ledger::follow_refunds(*db, 30, 10).value().size() == 1);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDED);
    check_books(db, 29700, 0);
}

TEST_CASE("above the limit somebody else than who agreed says that a failed refund was given back outside", "[ledger]") {
    PaidOrder db(9);
    CHECK(ledger::wish_refund(*db, wish("r1", 9, 0)).value().state == RefundState::asked);
    CHECK(ledger::decide_refund(*db, decision("r1", true, "chief")).value().state == RefundState::accepted);
    db.provider_says(ledger::RefundRequest::State::failed);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1", "chief")).value().outcome == Outcome::own);
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1", "clerk")).value().state == RefundState::done);
    CHECK(db.state() == v1::ORDER_STATE_REFUNDED);
    check_books(db, 9 * 9900, 0);
}

TEST_CASE("the buyer's history has the money of each step of a refund that failed and was given back outside", "[ledger]") {
    PaidOrder db;
    CHECK(ledger::wish_refund(*db, wish("r1", 1, 0)).value().state == RefundState::accepted);
    db.provider_says(ledger::RefundRequest::State::failed);
    CHECK(ledger::follow_refunds(*db, 9, 10).value().size() == 1);
    CHECK(ledger::settle_outside(*db, failed("r1", "ICBC-1")).value().state == RefundState::done);
    const auto history = ledger::history_of_own_order(*db, OrderId("o1"), AccountId("buyer")).value();
    std::string told;
    for (const auto& event : history.events())
        told += event.kind() + " " + std::to_string(event.amount_fen()) + ";";
    CHECK(told == "refund_asked 9900;refund_accepted 9900;refund_failed 9900;refund_paid 9900;");
}
