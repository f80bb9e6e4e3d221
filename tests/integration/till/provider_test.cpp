#include <livefair/v1/payment.pb.h>

#include <catch2/catch.hpp>
#include <mutex>

#include "commerce/sandbox_notify.hpp"
#include "integration/till/paying.hpp"
#include "net/http.hpp"

using namespace livefair;
using commerce::SandboxMode;
using test::begin_payment;
using test::open_box;
using test::order_id;
using test::refunds_of;
using test::Shop;
using test::state_of;

namespace {

/// The sandbox with a webhook that really comes in over HTTP. The counts are of answers by status.
class Webhooks {
public:
    explicit Webhooks(Shop& shop)
        : shop_(shop),
          server_(shards_, {}, [this](net::Shard&, net::HttpRequest request) { return answer(std::move(request)); }) {
        shards_.start();
        server_.start();
        const auto url = "http://127.0.0.1:" + std::to_string(server_.port()) + "/notify";
        sandbox = std::make_unique<commerce::SandboxProvider>(shop.io.get_executor(), *shop.ledger, system_clock(),
                                                              Shop::sandbox_options(url));
    }
    ~Webhooks() {
        server_.stop_accepting();
        shards_.stop();
    }
    int count(int status) {
        const std::lock_guard lock(mutex_);
        return counts_[status];
    }
    /// Waits, while the shop goes on, until so many webhooks were answered so.
    bool wait_for(int status, int least) {
        return test::run_until(shop_.io, [&] { return count(status) >= least; });
    }
    std::unique_ptr<commerce::SandboxProvider> sandbox;

private:
    net::Task<net::HttpResponse> answer(net::HttpRequest request) {
        auto notify = shop_.gateways[0]->payments.notify(std::move(request.headers), std::move(request.body));
        const auto said =
            co_await net::asio::co_spawn(shop_.io.get_executor(), std::move(notify), net::asio::use_awaitable);
        const std::lock_guard lock(mutex_);
        ++counts_[said.status];
        co_return net::HttpResponse::text(said.status, said.body);
    }

    Shop& shop_;
    std::mutex mutex_;
    std::map<int, int> counts_;
    net::Shards shards_{1};
    net::HttpServer server_;
};

void ask_before_expiry(Shop& shop) {
    shop.side->sweeper.before_expiry([&payments = shop.gateways[0]->payments](std::vector<OrderId> orders) {
        return payments.close_unpaid(std::move(orders));
    });
}

/// Sweeps until the order is in this state.
bool sweep_until(Shop& shop, std::int64_t order, std::int64_t state) {
    return test::eventually([&] {
        const auto swept = shop.run(shop.side->sweeper.sweep(shop.show));
        REQUIRE(swept.has_value());
        shop.settle();
        return state_of(shop, order) == state;
    });
}

}  // namespace

TEST_CASE("webhooks that come twice, late or out of order are one payment, and a close after it changes nothing",
          "[pay]") {
    const auto mode = GENERATE(SandboxMode::normal, SandboxMode::dup, SandboxMode::reorder, SandboxMode::delay);
    Shop shop;
    open_box(shop, 2);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    Webhooks webhooks(shop);
    const auto answered = shop.run(webhooks.sandbox->confirm(payment, mode));
    REQUIRE(answered.value() == (mode == SandboxMode::delay ? 0 : 204));
    const std::map<SandboxMode, int> expected{{SandboxMode::dup, 4}, {SandboxMode::reorder, 2}};
    REQUIRE(webhooks.wait_for(204, expected.contains(mode) ? expected.at(mode) : 1));
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.number("SELECT count(*) FROM payments WHERE state = 'paid' AND closed_ms = 0") == 1);
    REQUIRE(shop.number("SELECT CAST(sum(amount_fen) AS BIGINT) FROM entries WHERE debit = 'provider'") == 9900);
    REQUIRE(webhooks.count(204) == (expected.contains(mode) ? expected.at(mode) : 1));
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a forged webhook is refused, and the payment may still be made", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    Webhooks webhooks(shop);
    REQUIRE(shop.run(webhooks.sandbox->confirm(payment, SandboxMode::forge)).value() == 401);
    REQUIRE(state_of(shop, 1) == 1);
    REQUIRE(shop.run(webhooks.sandbox->query(payment))->state == commerce::PaymentFact::State::open);
    REQUIRE(shop.run(webhooks.sandbox->confirm(payment)).value() == 204);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a webhook of another amount is refused with an alarm, and the true amount counts when the provider is asked",
          "[pay]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    Webhooks webhooks(shop);
    REQUIRE(shop.run(webhooks.sandbox->confirm(payment, SandboxMode::amount_plus_1)).value() == 400);
    REQUIRE(state_of(shop, 1) == 1);
    REQUIRE(shop.number("SELECT count(*) FROM anomalies WHERE kind = 'payment_contradicts'") == 1);
    REQUIRE(shop.run(shop.gateways[0]->payments.check(AccountId("b2"), OrderId(order_id(1)))).error() ==
            Errc::not_found);
    REQUIRE(shop.run(shop.gateways[0]->payments.check(AccountId("b1"), OrderId(order_id(1)))).has_value());
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(webhooks.wait_for(400, 8));  // eight tries, then the sandbox gives up
    REQUIRE(shop.number("SELECT CAST(sum(amount_fen) AS BIGINT) FROM entries WHERE credit = 'sales'") == 9900);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("the webhook and the buyer's return race in both orders to one payment", "[pay]") {
    const bool webhook_first = GENERATE(true, false);
    Shop shop(2);
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    REQUIRE(shop.run(shop.gateways[0]->sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    const auto come_back = [&] {
        REQUIRE(shop.run(shop.gateways[1]->payments.check(AccountId("b1"), OrderId(order_id(1)))).has_value());
    };
    if (!webhook_first) come_back();
    REQUIRE(shop.pay(order_id(1), 9900, payment.str(), "event1") == 204);
    if (webhook_first) come_back();
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.number("SELECT count(*) FROM payments") == 1);
    REQUIRE(shop.number("SELECT refund_due_fen FROM orders") == 0);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("at the deadline a payment that no webhook told of is found, one that was not made is closed at the provider",
          "[pay]") {
    Shop shop;
    open_box(shop, 3, 400);
    ask_before_expiry(shop);
    for (int i = 1; i <= 3; ++i) REQUIRE(shop.place(order_id(i), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto paid = begin_payment(shop, 1, "b1"), unpaid = begin_payment(shop, 2, "b1");
    auto& sandbox = shop.gateways[0]->sandbox;
    REQUIRE(shop.run(sandbox.confirm(paid, SandboxMode::never)).value() == 0);
    REQUIRE(sweep_until(shop, 2, 3));
    REQUIRE(sweep_until(shop, 3, 3));  // its buyer never asked to pay
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.run(sandbox.query(unpaid))->state == commerce::PaymentFact::State::closed);
    REQUIRE(shop.run(sandbox.confirm(unpaid)).error() == Errc::conflict);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 1);
    REQUIRE(shop.reconcile() == "");
}

namespace {

/// A sandbox that does not answer.
class SilentProvider final : public commerce::PaymentProvider {
public:
    explicit SilentProvider(commerce::SandboxProvider& sandbox) : sandbox_(sandbox) {}
    bool is_silent = true;
    std::string_view name() const override { return "sandbox"; }
    net::Task<Result<std::string>> create(commerce::PaymentAsk ask) override { return sandbox_.create(std::move(ask)); }
    net::Task<Result<commerce::PaymentFact>> query(PaymentId payment) override {
        if (is_silent) co_return make_error_code(Errc::timed_out);
        auto asking = sandbox_.query(std::move(payment));
        co_return co_await std::move(asking);
    }
    net::Task<Result<>> close(PaymentId payment) override { return sandbox_.close(std::move(payment)); }
    net::Task<Result<commerce::RefundFact>> refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                                   std::int64_t total_fen, std::string reason) override {
        ++refunds_asked;
        auto asking = sandbox_.refund(std::move(id), std::move(payment), amount_fen, total_fen, std::move(reason));
        const auto said = co_await std::move(asking);
        if (is_silent) co_return make_error_code(Errc::timed_out);  // done, but the answer is lost
        co_return said;
    }
    net::Task<Result<commerce::RefundFact>> query_refund(std::string id, PaymentId payment) override {
        return sandbox_.query_refund(std::move(id), std::move(payment));
    }
    commerce::NotifyVerdict parse_notify(const commerce::PayHeaders& headers, const std::string& body,
                                         std::int64_t now_s) const override {
        return sandbox_.parse_notify(headers, body, now_s);
    }
    commerce::ProviderAnswer ack(int status) const override { return sandbox_.ack(status); }
    net::Task<Result<std::vector<commerce::PaymentFact>>> statement(std::int64_t day, PaymentId after) override {
        return sandbox_.statement(day, std::move(after));
    }
    int refunds_asked = 0;

private:
    commerce::SandboxProvider& sandbox_;
};

}  // namespace

TEST_CASE("while the provider does not say whether an order is paid it stays held, but not for ever", "[pay]") {
    Shop shop;
    open_box(shop, 1, 300);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    (void)begin_payment(shop, 1, "b1");
    SilentProvider silent(shop.gateways[0]->sandbox);
    auto& gateway = *shop.gateways[0];
    const auto payments_with = [&](std::int64_t grace_ms) {
        commerce::Payments::Options options;
        options.query_grace_ms = grace_ms;
        return std::make_unique<commerce::Payments>(gateway.till, gateway.watch, *shop.ledger, system_clock(), silent,
                                                    options);
    };
    const auto patient = payments_with(60'000), hasty = payments_with(0);
    shop.run([]() -> net::Task<> { co_await net::sleep_for(std::chrono::milliseconds(400)); }());
    REQUIRE(shop.run(patient->close_unpaid({OrderId(order_id(1))})).empty());
    REQUIRE(shop.run(hasty->close_unpaid({OrderId(order_id(1))})).size() == 1);
    silent.is_silent = false;
    REQUIRE(shop.run(patient->close_unpaid({OrderId(order_id(1))})).size() == 1);
    REQUIRE(shop.number("SELECT count(*) FROM payments WHERE closed_ms > 0") == 1);
}

TEST_CASE("a payment that the provider never says a word about ends with its order's grace, and the stock comes back once", "[pay][F43]") {
    Shop shop;
    open_box(shop, 1, 200);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    (void)begin_payment(shop, 1, "b1");
    auto& gateway = *shop.gateways[0];
    SilentProvider silent(gateway.sandbox);
    FakeClock clock(system_clock().unix_ms());
    commerce::Payments::Options options;
    options.query_grace_ms = 60'000;
    commerce::Payments payments(gateway.till, gateway.watch, *shop.ledger, clock, silent, options);
    shop.side->sweeper.before_expiry([&payments](std::vector<OrderId> orders) { return payments.close_unpaid(std::move(orders)); });
    const auto is_due = [&] {
        const auto due = shop.run(shop.side->till.due(shop.show, 10, 0));
        return due.has_value() && due->size() == 1;
    };
    REQUIRE(test::eventually(is_due));
    REQUIRE(shop.run(shop.side->sweeper.sweep(shop.show)).value() == 0);
    CHECK(state_of(shop, 1) == 1);
    CHECK(shop.place(order_id(2), "b2", "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    CHECK(shop.reconcile() == "");

    clock.advance(std::chrono::milliseconds(options.query_grace_ms + 1000));
    REQUIRE(shop.run(shop.side->sweeper.sweep(shop.show)).value() == 1);
    REQUIRE(shop.run(shop.side->sweeper.sweep(shop.show)).value() == 0);
    shop.settle();
    CHECK(state_of(shop, 1) == 3);
    CHECK(shop.number("SELECT committed FROM stocks") == 0);
    CHECK(shop.command({"HGET", "{sshow1}:till", "left:s1"}).text == "1");
    CHECK(shop.number("SELECT count(*) FROM order_events WHERE kind = 'expired'") == 1);
    CHECK(shop.reconcile() == "");
    shop.sold_out.on_left(OfferId("box"), 1);
    CHECK(shop.place(order_id(3), "b2", "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.reconcile() == "");
}

TEST_CASE("money that came too late goes back through the provider, once", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    auto& sandbox = shop.gateways[0]->sandbox;
    REQUIRE(shop.run(sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(1), 9900, payment.str(), "event1") == 204);
    REQUIRE(state_of(shop, 1) == 4);
    REQUIRE(shop.number("SELECT refund_due_fen FROM orders") == 9900);

    auto refunds = refunds_of(shop);
    REQUIRE(shop.run(refunds.run_once()).value() == 1);
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    REQUIRE(shop.number("SELECT count(*) FROM refund_requests WHERE state = 'done'") == 1);
    REQUIRE(shop.number("SELECT CAST(sum(amount_fen) AS BIGINT) FROM sandbox_refunds") == 9900);
    REQUIRE(
        shop.number("SELECT CAST(sum(CASE WHEN debit = 'provider' THEN amount_fen ELSE 0 END) - sum(CASE WHEN credit = "
                    "'provider' THEN amount_fen ELSE 0 END) AS BIGINT) FROM entries") == 0);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a refund whose answer is lost is asked again under the same number and given once", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto payment = begin_payment(shop, 1, "b1");
    auto& sandbox = shop.gateways[0]->sandbox;
    REQUIRE(shop.run(sandbox.confirm(payment, SandboxMode::never)).value() == 0);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(1), 9900, payment.str(), "event1") == 204);

    FakeClock clock(system_clock().unix_ms());
    SilentProvider silent(sandbox);
    commerce::Refunds refunds(shop.io.get_executor(), *shop.ledger, clock, silent, {});
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    REQUIRE(silent.refunds_asked == 1);  // the second try has to wait
    clock.advance(std::chrono::milliseconds(1000));
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    clock.advance(std::chrono::milliseconds(1999));
    REQUIRE(shop.run(refunds.run_once()).value() == 0);
    REQUIRE(silent.refunds_asked == 2);
    silent.is_silent = false;
    clock.advance(std::chrono::milliseconds(1));
    REQUIRE(shop.run(refunds.run_once()).value() == 1);
    REQUIRE(shop.number("SELECT count(*) FROM sandbox_refunds") == 1);
    REQUIRE(shop.number("SELECT tries FROM refund_requests WHERE state = 'done'") == 3);
}

TEST_CASE("either of two keys signs while the key is changed, and no third", "[pay]") {
    Shop shop;
    open_box(shop, 1);
    auto options = Shop::sandbox_options("");
    const std::string older(40, 'o');
    options.secrets = {Shop::webhook_secret, older};
    const commerce::SandboxProvider sandbox(shop.io.get_executor(), *shop.ledger, system_clock(), options);
    v1::SandboxEvent notify;
    notify.set_event_id("e1");
    notify.set_payment_id("p1");
    notify.set_order_id(order_id(1));
    const auto body = commerce::to_body(notify);
    const auto is_believed = [&](const std::string& secret) {
        const auto verdict = sandbox.parse_notify(commerce::sign_sandbox_notify(secret, "e1", 1000, body), body, 1000);
        return std::holds_alternative<commerce::Verified>(verdict);
    };
    CHECK(is_believed(Shop::webhook_secret));
    CHECK(is_believed(older));
    CHECK_FALSE(is_believed(std::string(40, 'p')));
}
