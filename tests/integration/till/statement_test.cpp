#include <catch2/catch.hpp>

#include "commerce/statement_check.hpp"
#include "integration/till/paying.hpp"

using namespace livefair;
using commerce::SandboxMode;
using test::begin_payment;
using test::open_box;
using test::order_id;
using test::refunds_of;
using test::Shop;
using test::state_of;

namespace {

commerce::StatementCheck statement_of(Shop& shop, bool settles = true) {
    commerce::StatementCheck::Settle settle;
    if (settles)
        settle = [&payments = shop.gateways[0]->payments](commerce::Verified verified) {
            return payments.settle(std::move(verified));
        };
    return {shop.io.get_executor(), *shop.ledger, system_clock(), shop.gateways[0]->sandbox, std::move(settle)};
}

std::int64_t today() {
    return commerce::day_of(system_clock().unix_ms());
}

}  // namespace

TEST_CASE("money without an order is found in the provider's statement and goes back", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    auto& sandbox = shop.gateways[0]->sandbox;
    const commerce::PaymentAsk nobodys{PaymentId("pay_lost"), OrderId("order-of-nobody-0001"), 700, "lost",
                                       system_clock().unix_ms() + 60'000};
    REQUIRE(shop.run(sandbox.create(nobodys)).has_value());
    REQUIRE(shop.run(sandbox.confirm(nobodys.payment, SandboxMode::never)).value() == 0);

    auto only_looking = statement_of(shop, false);
    const auto seen = shop.run(only_looking.compare(today()));
    REQUIRE(seen->differences.size() == 1);
    REQUIRE(seen->differences[0].found == "700");

    auto statement = statement_of(shop);
    const auto report = shop.run(statement.compare(today()));
    REQUIRE(report.has_value());
    REQUIRE(report->strays == 1);
    REQUIRE(report->differences.empty());
    auto refunds = refunds_of(shop);
    REQUIRE(shop.run(refunds.run_once()).value() == 1);
    REQUIRE(shop.number("SELECT CAST(sum(amount_fen) AS BIGINT) FROM sandbox_refunds") == 700);
    const auto again = shop.run(statement.compare(today()));
    REQUIRE(again->strays == 0);
    REQUIRE(again->lines == 1);
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
}

TEST_CASE("money of another amount than was agreed on is found in the statement and goes back as it came, once", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    shop.write("UPDATE sandbox_payments SET amount_fen = 9901", {});
    REQUIRE(shop.run(shop.gateways[0]->sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    REQUIRE(shop.run(shop.gateways[0]->payments.check(AccountId("b1"), OrderId(order_id(1)))).has_value());
    REQUIRE(state_of(shop, 1) == 1);

    auto only_looking = statement_of(shop, false), statement = statement_of(shop);
    REQUIRE(shop.run(only_looking.compare(today()))->differences.size() == 1);
    const auto report = shop.run(statement.compare(today()));
    REQUIRE(report->strays == 1);
    REQUIRE(report->differences.empty());
    auto refunds = refunds_of(shop);
    REQUIRE(shop.run(refunds.run_once()).value() == 1);
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    REQUIRE(shop.number("SELECT CAST(sum(amount_fen) AS BIGINT) FROM sandbox_refunds") == 9901);
    REQUIRE(shop.run(statement.compare(today()))->strays == 0);
    REQUIRE(shop.run(only_looking.compare(today()))->differences.empty());
    // It never was in the books, and the order may still be paid, by another payment.
    REQUIRE(shop.number("SELECT count(*) FROM entries WHERE debit = 'provider' OR credit = 'provider'") == 0);
    REQUIRE(shop.number("SELECT count(*) FROM payments WHERE state <> 'created' OR refund_asked_fen > 0") == 0);
    const auto other = begin_payment(shop, 1, "b1");
    REQUIRE(other != payment);
    REQUIRE(shop.run(shop.gateways[0]->sandbox.confirm(other, SandboxMode::never)).value() == 0);
    REQUIRE(shop.run(statement.compare(today()))->settled == 1);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("after an outage all days since the last comparison are looked at, five weeks at most", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    FakeClock clock(system_clock().unix_ms());
    bool may_settle = true;
    auto settle = [&](commerce::Verified verified) -> net::Task<int> {
        if (!may_settle) co_return 503;
        auto settling = shop.gateways[0]->payments.settle(std::move(verified));
        co_return co_await std::move(settling);
    };
    commerce::StatementCheck statement(shop.io.get_executor(), *shop.ledger, clock, shop.gateways[0]->sandbox, settle);
    const auto days_later = [&](int days) {
        clock.advance(std::chrono::hours(24 * days));
        return shop.run(statement.run_once()).value();
    };
    REQUIRE(days_later(0) == 2);
    REQUIRE(days_later(0) == 2);
    // Paid on the day of that comparison, after it; then nobody compares for five days.
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    REQUIRE(shop.run(shop.gateways[0]->sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    may_settle = false;
    REQUIRE(days_later(5) == 6);
    REQUIRE(state_of(shop, 1) == 1);
    may_settle = true;
    REQUIRE(days_later(0) == 6);  // not through yet
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(days_later(1) == 2);
    REQUIRE(days_later(300) == 36);
    REQUIRE(days_later(0) == 2);
}

TEST_CASE(
    "a payment of a known order that only the statement tells of is settled, and one that only the ledger has is named",
    "[pay]") {
    Shop shop;
    open_box(shop, 2);
    for (int i = 1; i <= 2; ++i) REQUIRE(shop.place(order_id(i), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    REQUIRE(shop.run(shop.gateways[0]->sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    REQUIRE(shop.pay(order_id(2), 9900, "unheard-of", "event2") == 204);  // signed, but in no statement
    auto statement = statement_of(shop);
    const auto report = shop.run(statement.compare(today()));
    REQUIRE(report.has_value());
    REQUIRE(report->settled == 1);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(report->differences.size() == 1);
    REQUIRE(report->differences[0].what == "payment unheard-of");
    REQUIRE(report->differences[0].found == "nothing");
    REQUIRE(shop.reconcile() == "");
}
