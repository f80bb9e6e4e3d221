// The rest of the crowd: who pays, and the provider with its habits.
#include <google/protobuf/util/json_util.h>
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>
#include <livefair/v1/payment.pb.h>

#include <algorithm>

#include "auth/hmac.hpp"
#include "base/check.hpp"
#include "base/clock.hpp"
#include "ledger/catalog.hpp"
#include "ledger/inventory.hpp"
#include "ledger/offer_terms.hpp"
#include "sim/terms.hpp"
#include "sim/simulation.hpp"

namespace livefair::sim {

namespace {

void write(ledger::Database& database, const char* sql, std::vector<ledger::Value> params) {
    const auto written = database.execute(sql, std::move(params));
    if (!written) std::fprintf(stderr, "%s: %s\n", sql, database.error_text().c_str());
    LF_CHECK(written.has_value());
}

void add_offer(ledger::Database& database, std::int64_t number, std::int64_t price_fen, std::int64_t limit,
               std::int64_t hold_ms, bool is_open) {
    write(database,
          "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
          "limit_per_buyer, hold_ms, open_ms, close_ms, state, created_ms) VALUES (?, 'show1', ?, 'offer', 1, ?, 0, '', ?, ?, "
          "0, 0, ?, 0)",
          {"offer" + std::to_string(number), number, price_fen, limit, hold_ms, std::int64_t{is_open ? 2 : 1}});
}

void add_line(ledger::Database& database, const std::string& offer, std::int64_t position, const std::string& stock,
              std::int64_t units, std::int64_t share_fen, bool is_gift = false) {
    write(database, "INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen, is_gift) VALUES (?, ?, ?, ?, ?, ?)",
          {offer, position, stock, units, share_fen, std::int64_t{is_gift}});
}

/// What was shown from the beginning is kept, as create_offer() does.
void set_terms(ledger::Database& database, const std::string& id, const v1::OfferTerms& terms) {
    v1::Offer offer;
    *offer.mutable_terms() = terms;
    write(database, "UPDATE offers SET terms = ? WHERE id = ?", {ledger::terms_text(offer), id});
    LF_CHECK(ledger::keep_page(database, OfferId(id), {}, 0).has_value());
}

}  // namespace

void Crowd::set_up() {
    auto& random = simulation_.world().random;
    auto& database = simulation_.ledger().database();
    is_late_ = random.one_in(3);
    write(database,
          "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('show1', 'room1', '湘品', "
          "2, 0, 0, 0)",
          {});
    for (std::int64_t i = 1; i <= 3; ++i) {
        const auto stock = "stock" + std::to_string(i);
        write(database,
              "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, "
              "supplier_contact, picture_url, created_ms) VALUES (?, 'product', '盒', 500, '431227', '新晃', '', '', '', 0)",
              {"p-" + stock});
        v1::Stock made;
        made.set_id(stock);
        made.set_show_id(the_show.str());
        made.set_product_id("p-" + stock);
        made.set_total(is_late_ || random.one_in(2) ? random.between(1, 8) : random.between(5, 60));
        LF_CHECK(ledger::create_stock(database, made).has_value());
        // Of some products somebody has said how many there are.
        if (random.one_in(2))
            LF_CHECK(ledger::state_inventory(database, ProductId(made.product_id()), made.total() + random.between(0, 10)).has_value());
        stocks_.push_back(stock);
    }
    // Two single products, and a bundle of both with a third.
    const auto hold_ms = [&] {
        if (!random.one_in(2)) return std::int64_t{600'000};
        return is_late_ ? random.between(20, 150) : random.between(300, 2'000);
    };
    for (std::int64_t i = 1; i <= 3; ++i) {
        add_offer(database, i, 1000 * i + 1, random.between(1, 6), hold_ms(), !random.one_in(6));
        offers_.push_back("offer" + std::to_string(i));
    }
    // A fund pays a part of each of the second, as long as the show's lease of it lasts.
    const auto leased_fen = 100 * (random.one_in(2) ? random.between(1, 8) : random.between(5, 60));
    write(database, "INSERT INTO funds (id, name, total_fen, leased_fen, created_ms) VALUES ('fund1', 'fund', ?, ?, 0)",
          {leased_fen + 100 * random.between(0, 10), leased_fen});
    write(database, "INSERT INTO fund_pools (show_id, fund_id, leased_fen) VALUES ('show1', 'fund1', ?)", {leased_fen});
    add_line(database, "offer1", 1, "stock1", 1, 1001);
    // Another offer's goods are the gift of the first.
    const bool has_gift = random.one_in(2);
    if (has_gift) add_line(database, "offer1", 2, "stock3", 1, 0, true);
    add_line(database, "offer2", 1, "stock2", random.between(1, 2), 2001);
    for (std::int64_t i = 1; i <= 3; ++i) add_line(database, "offer3", i, "stock" + std::to_string(i), i, i == 3 ? 1001 : 1000);
    for (std::int64_t i = 1; i <= 3; ++i) set_terms(database, offers_[static_cast<std::size_t>(i - 1)], terms_of(random, i, i == 1 && has_gift));
    for (std::int64_t i = 1; i <= 6; ++i) {
        const auto buyer = "buyer" + std::to_string(i);
        write(database, "INSERT INTO accounts (id, nickname, phone, created_ms) VALUES (?, ?, ?, 0)", {buyer, buyer, "138" + buyer});
        write(database,
              "INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) VALUES "
              "(?, ?, '向阳', '13800001234', '430100', '长沙', '1 号', 0)",
              {"a-" + buyer, buyer});
        buyers_.push_back(buyer);
    }
    write(database, "INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES ('show1', 0, '', '0-0', 0)", {});
}

/// At once, late or after the hold has ended; twice, or with a wrong amount before the right one.
void Crowd::pay() {
    const auto* purchase = some_purchase(true);
    if (purchase == nullptr) return;
    auto& world = simulation_.world();
    if (auto* parts = gateway(); parts != nullptr && world.random.one_in(2)) {
        net::spawn(parts->process.executor(), create_payment(*parts, purchase->id, purchase->buyer), "create payment");
        return;
    }
    new_payment(*purchase);
    if (is_late_) new_payment(*purchase);
}

/// The provider's own doing, without our page.
void Crowd::new_payment(const Purchase& purchase) {
    Payment payment{"sbx_p" + std::to_string(payments_.size()), purchase.id, {}, purchase.amount_fen, false};
    payment.event = "evt_" + payment.id;
    payments_[payment.id] = payment;
    send_notify(payment);
}

net::Task<> Crowd::create_payment(GatewayParts& parts, std::string order, std::string buyer) {
    const auto made = co_await parts.payments.create(AccountId(buyer), OrderId(order));
    if (!made) co_return;
    if (payments_.contains(made->payment_id())) co_return;
    Payment payment{made->payment_id(), order, "evt_" + made->payment_id(), made->amount_fen(), false};
    payments_[payment.id] = payment;
    send_notify(payment);
}

/// The provider repeats its webhook until it is taken, from now or much later.
void Crowd::send_notify(const Payment& payment) {
    auto& world = simulation_.world();
    auto delay_us = world.random.one_in(4) ? world.random.between(500'000, 4'000'000) : world.random.between(100, 300'000);
    if (is_late_) delay_us = world.random.between(50'000, 800'000);
    world.after_us(delay_us, [this, id = payment.id] {
        auto& known = payments_.at(id);
        if (known.is_taken) return false;
        auto& random = simulation_.world().random;
        auto* parts = gateway();
        if (parts != nullptr) {
            auto sent = known;
            // Another event of the same payment, as some providers send.
            if (random.one_in(6)) sent.event += "_again";
            net::spawn(parts->process.executor(), notify(*parts, sent, sent.amount_fen, false, true), "webhook");
            if (random.one_in(4)) {
                if (auto* second = gateway())
                    net::spawn(second->process.executor(), notify(*second, sent, sent.amount_fen, false, true), "webhook");
            }
        }
        send_notify(known);
        return true;
    });
}

void Crowd::bad_notify() {
    auto* parts = gateway();
    const auto* purchase = some_purchase(true);
    if (parts == nullptr || purchase == nullptr) return;
    auto& random = simulation_.world().random;
    Payment bad{"sbx_bad" + std::to_string(random.below(1000)), purchase->id, "evt_bad" + std::to_string(random.below(1000)), purchase->amount_fen, false};
    const auto kind = random.below(4);
    if (kind == 0) bad.order = "order-of-nobody-1";
    if (kind == 3) {
        // A number that the ledger knows as another order's.
        const auto other = std::find_if(payments_.begin(), payments_.end(), [&](const auto& each) {
            return each.second.is_taken && each.second.order != bad.order;
        });
        if (other == payments_.end()) return;
        bad.id = other->first;
    }
    net::spawn(parts->process.executor(), notify(*parts, bad, bad.amount_fen + (kind == 1 ? 1 : 0), kind == 2, false), "bad webhook");
}

net::Task<> Crowd::notify(GatewayParts& parts, Payment payment, std::int64_t amount_fen, bool is_forged, bool is_real) {
    v1::SandboxEvent body;
    body.set_event_id(payment.event);
    body.set_payment_id(payment.id);
    body.set_order_id(payment.order);
    body.set_amount_fen(amount_fen);
    body.set_currency("CNY");
    std::string json;
    LF_CHECK(google::protobuf::util::MessageToJsonString(body, &json).ok());
    const auto now_s = system_clock().unix_ms() / 1000;
    const auto* secret = is_forged ? "another secret, of 32 characters" : webhook_secret;
    commerce::PayHeaders headers{{"webhook-id", payment.event},
                                        {"webhook-timestamp", std::to_string(now_s)},
                                        {"webhook-signature", auth::sign_webhook(secret, payment.event, now_s, json)}};
    const auto reply = co_await parts.payments.notify(std::move(headers), std::move(json));
    const int status = reply.status;
    auto& world = simulation_.world();
    world.trace("webhook " + payment.event + " of " + payment.order + " is answered: " + std::to_string(status));
    if (!simulation_.coverage().hit("answer to a webhook", std::to_string(status)))
        world.fail("a webhook is answered with " + std::to_string(status));
    if (!is_real) {
        if (status == 204) world.fail("I5: a webhook that is forged or wrong is taken");
        co_return;
    }
    if (status == 400 || status == 401) world.fail("I5: a good webhook is refused with " + std::to_string(status));
    if (status != 204) co_return;
    payments_.at(payment.id).is_taken = true;
    const auto rows = simulation_.ledger().database().query("SELECT 1 FROM payments WHERE id = ? AND state <> 'created'", {payment.id});
    if (!rows || rows->empty()) world.fail("I5: payment " + payment.id + " is taken and not in the ledger");
}

}  // namespace livefair::sim
