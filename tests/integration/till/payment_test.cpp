#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "commerce/sandbox_notify.hpp"
#include "commerce/sandbox_provider.hpp"
#include "commerce/webhook_secrets.hpp"
#include "integration/till/paying.hpp"
#include "ledger/totals.hpp"
#include "net/http.hpp"

using namespace livefair;
using test::open_box;
using test::order_id;
using test::Shop;
using test::state_of;

namespace {

void expire(Shop& shop, std::int64_t order) {
    const auto expired = [&] {
        const auto release = shop.run(shop.side->till.expire(shop.show, OrderId(order_id(order))));
        return release.has_value() && release->kind == commerce::Release::Kind::released;
    };
    REQUIRE(test::eventually(expired));
    shop.settle();
}

/// The API's part of a webhook: hands it to the gateway's shard, here the test's own thread.
struct Receiver {
    Shop& shop;
    commerce::Payments& payments;
    net::Task<net::HttpResponse> answer(net::HttpRequest request) const {
        auto notify = payments.notify(std::move(request.headers), std::move(request.body));
        const auto said =
            co_await net::asio::co_spawn(shop.io.get_executor(), std::move(notify), net::asio::use_awaitable);
        co_return net::HttpResponse::text(said.status, said.body);
    }
};

}  // namespace

TEST_CASE("the same webhook a hundred times is one payment", "[till]") {
    Shop shop;
    open_box(shop, 2);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    for (int i = 0; i < 100; ++i)
        REQUIRE(shop.pay(order_id(1), 9900, "pay1", i % 2 == 0 ? "event1" : "event" + std::to_string(i)) == 204);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.number("SELECT count(*) FROM payments") == 1);
    REQUIRE(shop.number("SELECT sum(amount_fen) FROM entries WHERE credit = 'sales'") == 9900);
    REQUIRE(shop.cancel(order_id(1), "b1").outcome() == v1::OUTCOME_REJECTED);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a second payment of a paid order is owed back, not dropped", "[till]") {
    Shop shop;
    open_box(shop, 2);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(1), 9900, "tab1", "event1") == 204);
    REQUIRE(shop.pay(order_id(1), 9900, "tab2", "event2") == 204);
    REQUIRE(shop.pay(order_id(1), 9900, "tab2", "event2") == 204);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.number("SELECT refund_due_fen FROM orders") == 9900);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a payment after the hold ended takes the stock again when there is some, else it is owed back", "[till]") {
    Shop shop;
    open_box(shop, 1, 150);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    expire(shop, 1);
    REQUIRE(state_of(shop, 1) == 3);
    REQUIRE(shop.pay(order_id(1), 9900, "late1", "event1") == 204);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 1);
    REQUIRE(shop.number("SELECT count(*) FROM order_events WHERE kind = 'taken_again'") == 1);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a late payment never takes stock that another buyer has, nor for an order its buyer cancelled", "[till]") {
    Shop shop;
    open_box(shop, 1, 150);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    expire(shop, 1);
    REQUIRE(shop.place(order_id(2), "b2", "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(1), 9900, "late1", "event1") == 204);
    REQUIRE(state_of(shop, 1) == 3);
    REQUIRE(shop.cancel(order_id(2), "b2").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.pay(order_id(2), 9900, "late2", "event2") == 204);
    REQUIRE(state_of(shop, 2) == 4);
    REQUIRE(shop.number("SELECT sum(refund_due_fen) FROM orders") == 19800);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 0);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a webhook that is forged, stale, malformed or not what was agreed has no effect", "[till]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    const std::string body =
        R"({"eventId":"e1","paymentId":"p1","orderId":")" + order_id(1) + R"(","amountFen":"9900","currency":"CNY"})";
    const auto now_s = system_clock().unix_ms() / 1000;
    const auto notify = [&](std::int64_t at_s, const std::string& secret, const std::string& signed_body,
                            const std::string& sent_body) {
        const auto headers = commerce::sign_sandbox_notify(secret, "e1", at_s, signed_body);
        return shop.run(shop.gateways[0]->payments.notify(headers, sent_body)).status;
    };
    REQUIRE(notify(now_s, "another secret of thirty-two char", body, body) == 401);
    REQUIRE(notify(now_s, Shop::webhook_secret, body, body + " ") == 401);
    REQUIRE(notify(now_s - 301, Shop::webhook_secret, body, body) == 400);
    REQUIRE(notify(now_s - 86'400, Shop::webhook_secret, body, body) == 400);
    REQUIRE(notify(now_s + 302, Shop::webhook_secret, body, body) == 400);
    REQUIRE(notify(now_s, Shop::webhook_secret, "{", "{") == 400);
    REQUIRE(notify(now_s, Shop::webhook_secret, body, std::string(65'537, 'x')) == 413);
    REQUIRE(shop.run(shop.gateways[0]->payments.notify({}, body)).status == 400);
    REQUIRE(shop.pay(order_id(1), 9901, "p1", "e2") == 400);
    REQUIRE(shop.pay(order_id(9), 9900, "p1", "e3") == 404);
    REQUIRE(state_of(shop, 1) == 1);
    REQUIRE(shop.number("SELECT count(*) FROM payments") == 0);
    REQUIRE(shop.reconcile() == "");
    REQUIRE(notify(now_s, Shop::webhook_secret, body, body) == 204);
    REQUIRE(state_of(shop, 1) == 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("two clicks on pay are one payment, and only the buyer may pay", "[till]") {
    Shop shop;
    open_box(shop, 1);
    REQUIRE(shop.place(order_id(1), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
    auto& payments = shop.gateways[0]->payments;
    const auto first = shop.run(payments.create(AccountId("b1"), OrderId(order_id(1))));
    const auto second = shop.run(payments.create(AccountId("b1"), OrderId(order_id(1))));
    REQUIRE(first.has_value());
    REQUIRE(first->amount_fen() == 9900);
    REQUIRE(first->pay_url() == "http://127.0.0.1/pay/sandbox/" + first->payment_id());
    REQUIRE(second->payment_id() == first->payment_id());
    REQUIRE(shop.run(payments.create(AccountId("b2"), OrderId(order_id(1)))).error() == Errc::not_found);
    REQUIRE(shop.pay(order_id(1), 9900, first->payment_id(), "event1") == 204);
    REQUIRE(shop.run(payments.create(AccountId("b1"), OrderId(order_id(1)))).error() == Errc::conflict);
}

TEST_CASE("the sandbox sends a signed webhook over HTTP and the totals count the money once, by county", "[till]") {
    Shop shop;
    shop.add_stock("tea", 5, "431227", 500);
    shop.add_stock("rice", 5, "610924", 2500);
    shop.add_offer("gift", 10001, {{"tea", 1}, {"rice", 1}});
    shop.add_buyer("b1");
    shop.add_buyer("b2");
    shop.start();
    shop.open("gift");
    REQUIRE(shop.place(order_id(1), "b1", "gift", 2).outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.place(order_id(2), "b2", "gift").outcome() == v1::OUTCOME_ACCEPTED);
    auto& payments = shop.gateways[0]->payments;
    const auto payment = shop.run(payments.create(AccountId("b1"), OrderId(order_id(1))));
    REQUIRE(payment.has_value());

    net::Shards shards(1);
    shards.start();
    const Receiver receiver{shop, payments};
    const net::HttpHandler handler = [&](net::Shard&, net::HttpRequest request) {
        return receiver.answer(std::move(request));
    };
    net::HttpServer server(shards, {}, handler);
    server.start();
    const auto url = "http://127.0.0.1:" + std::to_string(server.port()) + "/api/v1/payments/sandbox/notify";
    commerce::SandboxProvider sandbox(shop.io.get_executor(), *shop.ledger, system_clock(), Shop::sandbox_options(url));
    REQUIRE(shop.run(sandbox.page(PaymentId(payment->payment_id())))->amount_fen == 20002);
    REQUIRE(shop.run(sandbox.confirm(PaymentId(payment->payment_id()))).value() == 204);
    REQUIRE(shop.run(sandbox.confirm(PaymentId(payment->payment_id()))).value() == 204);
    REQUIRE(shop.run(sandbox.page(PaymentId(payment->payment_id())))->state == "paid");
    REQUIRE(shop.run(sandbox.page(PaymentId("none"))).error() == Errc::not_found);
    server.stop_accepting();
    shards.stop();

    const auto totals = shop.ledger->write_blocking(
        [&](ledger::Database& database) { return ledger::totals_of_show(database, shop.show, 7); });
    REQUIRE(totals.has_value());
    REQUIRE(totals->show().paid_fen() == 20002);
    REQUIRE(totals->show().reserved_fen() == 10001);
    REQUIRE(totals->show().orders_paid() == 1);
    REQUIRE(totals->show().units_paid() == 4);
    REQUIRE(totals->show().weight_paid_g() == 6000);
    REQUIRE(totals->buyers_paid() == 1);
    REQUIRE(totals->cities_size() == 2);
    REQUIRE(totals->cities(0).paid_fen() + totals->cities(1).paid_fen() == 20002);
    REQUIRE(totals->cities(0).paid_fen() == 10000);
    REQUIRE(totals->products_size() == 2);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("the webhook key is made once, for its owner alone, and a key that others may read is refused", "[till]") {
    test::TemporaryFolder folder;
    const auto path = folder.file("var/webhook.secret");
    const auto secrets = commerce::load_webhook_secrets(path);
    REQUIRE(secrets.size() == 1);
    REQUIRE(secrets[0].size() == 64);
    REQUIRE(commerce::load_webhook_secrets(path) == secrets);
    std::ofstream(path, std::ios::app) << std::string(40, 'o') << "\n";
    REQUIRE(commerce::load_webhook_secrets(path) == std::vector<std::string>{secrets[0], std::string(40, 'o')});
    std::ofstream(path, std::ios::app) << std::string(40, 'p') << "\n";
    REQUIRE_THROWS_WITH(commerce::load_webhook_secrets(path), Catch::Contains("one key, or two"));
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    REQUIRE((status.st_mode & 0777) == 0600);
    REQUIRE(::chmod(path.c_str(), 0644) == 0);
    REQUIRE_THROWS_WITH(commerce::load_webhook_secrets(path), Catch::Contains("chmod 600"));
}
