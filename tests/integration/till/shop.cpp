#include "integration/till/shop.hpp"

#include <livefair/v1/payment.pb.h>

#include <catch2/catch.hpp>

#include "commerce/sandbox_notify.hpp"
#include "ledger/catalog.hpp"
#include "ledger/order_text.hpp"
#include "support/ledger_location.hpp"

namespace livefair::test {

namespace {

redis::Options with_till(const RedisServer& server) {
    auto options = server.options();
    options.libraries = {commerce::till_library()};
    return options;
}

}  // namespace

std::string order_id(std::int64_t number) {
    const auto digits = std::to_string(number);
    return "order-" + std::string(16 - digits.size(), '0') + digits;
}

commerce::SandboxProvider::Options Shop::sandbox_options(const std::string& notify_url) {
    commerce::SandboxProvider::Options options;
    options.site_url = "http://127.0.0.1";
    options.notify_url = notify_url;
    options.secrets = {webhook_secret};
    options.retry_pause = std::chrono::milliseconds(10);
    options.delay = std::chrono::milliseconds(300);
    return options;
}

Gateway::Gateway(net::asio::io_context& io, const redis::Options& options, ledger::Ledger& ledger,
                 commerce::SoldOutBook& sold_out, const ShowId& show)
    : client(io.get_executor(), options),
      checkout(till, watch, ledger, sold_out, {}),
      sandbox(io.get_executor(), ledger, system_clock(), Shop::sandbox_options("")),
      payments(till, watch, ledger, system_clock(), sandbox, {}),
      sales(till, ledger),
      subscriber(
          io.get_executor(), options,
          [this, show](const std::string&, const std::string& payload) { watch.on_committed(show, payload); },
          [](const std::string&) {}) {
    client.start();
    subscriber.start();
    subscriber.subscribe(commerce::CommitWatch::channel(show));
}

void Gateway::stop() {
    subscriber.stop();
    client.stop();
}

LedgerSide::LedgerSide(net::asio::io_context& io, const redis::Options& options, ledger::Ledger& ledger,
                       ledger::Projector::Options projecting)
    : client(io.get_executor(), options),
      projector(io.get_executor(), options, ledger, projecting),
      keeper(io.get_executor(), till, ledger, projector),
      sweeper(io.get_executor(), till, ledger, std::chrono::milliseconds(50)) {
    client.start();
    projector.on_commit([this](const ledger::CommitSummary& summary) { commits.push_back(summary); });
    projector.start();
    keeper.start();
}

void LedgerSide::stop() {
    sweeper.stop();
    keeper.stop();
    projector.stop();
    client.stop();
}

Shop::Shop(std::size_t gateway_count, std::optional<ledger::Ledger::Options> where)
    : where_(where ? std::move(*where) : ledger::Ledger::Options{ledger_location(folder), {}, {}}) {
    ledger = std::make_unique<ledger::Ledger>(where_);
    write(
        "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES (?, 'room1', '湘品', 2, "
        "0, 0, 0) ON CONFLICT DO NOTHING",
        {show.str()});
    start_gateways(gateway_count);
}

Shop::~Shop() {
    end_programs();
}

void Shop::start_gateways(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        gateways.push_back(std::make_unique<Gateway>(io, with_till(redis), *ledger, sold_out, show));
}

void Shop::end_programs() {
    for (const auto& gateway : gateways) gateway->stop();
    if (side) side->stop();
    // Tasks that still wait see that their part has stopped and end; only then their parts go.
    io.restart();
    io.run_for(std::chrono::milliseconds(400));
    stopped_.clear();
    side.reset();
    gateways.clear();
    ledger.reset();
}

void Shop::restart() {
    const auto count = gateways.size();
    end_programs();
    ledger = std::make_unique<ledger::Ledger>(where_);
    start_gateways(count);
    start_ledger_side();
}

void Shop::write(const std::string& sql, std::vector<ledger::Value> params) {
    const auto written =
        ledger->write_blocking([&](ledger::Database& database) { return database.execute(sql, params); });
    INFO(sql);
    REQUIRE(written.has_value());
}

void Shop::add_stock(const std::string& id, std::int64_t total, const std::string& origin, std::int64_t weight_g) {
    write(
        "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, "
        "supplier_contact, picture_url, created_ms) "
        "VALUES (?, ?, '盒', ?, ?, ?, '', '', '', 0)",
        {"p-" + id, "product " + id, weight_g, origin, "origin " + origin});
    add_stock_of(show.str(), id, "p-" + id, total);
}

void Shop::add_stock_of(const std::string& show_id, const std::string& id, const std::string& product, std::int64_t total) {
    v1::Stock stock;
    stock.set_id(id);
    stock.set_show_id(show_id);
    stock.set_product_id(product);
    stock.set_total(total);
    REQUIRE(ledger->write_blocking([&](ledger::Database& database) { return ledger::create_stock(database, stock); }).has_value());
}

void Shop::add_show(const std::string& id, std::int64_t channel) {
    write(
        "INSERT INTO shows (id, room_id, title, state, starts_ms, practice, channel, created_ms) VALUES (?, ?, '湘品', 2, 0, 0, ?, 0)",
        {id, "room-" + id, channel});
}

void Shop::start_sale(const std::string& show_id) {
    const auto started = run(gateways[0]->sales.start_show(ShowId(show_id)));
    REQUIRE(started.has_value());
}

void Shop::add_offer(const std::string& id, std::int64_t price_fen,
                     const std::vector<std::pair<std::string, std::int64_t>>& lines, std::int64_t limit,
                     std::int64_t hold_ms, const std::string& show_id) {
    const auto next_number = number("SELECT count(*) + 1 FROM offers");
    write(
        "INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, hold_ms, open_ms, "
        "close_ms, state, created_ms) VALUES (?, ?, ?, ?, 1, ?, 0, '', ?, ?, 0, 0, 1, 0)",
        {id, show_id, next_number, "offer " + id, price_fen, limit, hold_ms});
    const auto count = static_cast<std::int64_t>(lines.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const auto share = i + 1 < count ? price_fen / count : price_fen - price_fen / count * (count - 1);
        const auto& [stock, units] = lines[static_cast<std::size_t>(i)];
        write("INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen) VALUES (?, ?, ?, ?, ?)",
              {id, i + 1, stock, units, share});
    }
}

void Shop::add_buyer(const std::string& id) {
    write("INSERT INTO accounts (id, nickname, phone, created_ms) VALUES (?, ?, ?, 0)", {id, id, "138" + id});
    write(
        "INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) "
        "VALUES (?, ?, '向阳', '13800001234', '430100', '长沙', '1 号', 0)",
        {"a-" + id, id});
}

void Shop::start() {
    start_ledger_side();
    const auto started = run(gateways[0]->sales.start_show(show));
    REQUIRE(started.has_value());
}

void Shop::start_ledger_side() {
    side = std::make_unique<LedgerSide>(io, with_till(redis), *ledger);
}

std::unique_ptr<LedgerSide> Shop::another_ledger_side(ledger::Ledger& of, ledger::Projector::Options projecting) {
    return std::make_unique<LedgerSide>(io, with_till(redis), of, projecting);
}

void Shop::stop_ledger_side() {
    side->stop();
    stopped_.push_back(std::move(side));
}

void Shop::open(const std::string& offer, std::int64_t duration_ms) {
    const auto opened = run(gateways[0]->sales.open_offer(show, OfferId(offer), duration_ms, 0));
    REQUIRE(opened.has_value());
}

void Shop::open_in(const std::string& show_id, const std::string& offer) {
    const auto opened = run(gateways[0]->sales.open_offer(ShowId(show_id), OfferId(offer), 0, 0));
    REQUIRE(opened.has_value());
}

void Shop::wait_until_open() {
    const auto key = commerce::till_key(show, "till");
    auto& client = gateways[0]->client;
    const auto is_open = [&] {
        const auto till = run(client.command({"HMGET", key, "state", "epoch", "run_id"}));
        if (!till || till->items[0].text != "open" || till->items[2].text != client.run_id(key)) return false;
        return number("SELECT count(*) FROM tills WHERE show_id = '" + show.str() + "' AND epoch = " + till->items[1].text + " AND run_id = '" + till->items[2].text + "'") == 1;
    };
    REQUIRE(run_until(io, is_open, std::chrono::seconds(20)));
}

void Shop::stop_keeper() {
    side->keeper.stop();
    wait_until_open();
}

v1::PlaceOrder Shop::request(const std::string& order, const std::string& buyer, const std::string& offer,
                             std::int64_t quantity) const {
    v1::PlaceOrder wanted;
    wanted.set_order_id(order);
    wanted.set_show_id(show.str());
    wanted.set_offer_id(offer);
    wanted.set_quantity(quantity);
    wanted.set_address_id("a-" + buyer);
    return wanted;
}

v1::OrderAnswer Shop::place(const std::string& order, const std::string& buyer, const std::string& offer,
                            std::int64_t quantity, std::size_t gateway) {
    return run(gateways[gateway]->checkout.place(AccountId(buyer), request(order, buyer, offer, quantity)));
}

commerce::Purchase Shop::purchase(const std::string& order, const std::string& buyer, const std::string& offer,
                                  std::int64_t quantity) const {
    return {show, OfferId(offer), OrderId(order), AccountId(buyer), AddressId("a-" + buyer), quantity};
}

Result<commerce::Decision> Shop::decide(const std::string& order, const std::string& buyer, const std::string& offer,
                                        std::int64_t quantity) {
    auto decisions = run(gateways[0]->till.place({purchase(order, buyer, offer, quantity)}));
    if (!decisions) return decisions.error();
    return decisions->front();
}

v1::OrderAnswer Shop::place_finally(const std::string& order, const std::string& buyer, const std::string& offer,
                                    std::int64_t quantity) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
        auto answer = place(order, buyer, offer, quantity);
        if (answer.outcome() != v1::OUTCOME_UNKNOWN) return answer;
        REQUIRE(std::chrono::steady_clock::now() < end);
        run_task(io, net::sleep_for(std::chrono::milliseconds(20)));
    }
}

v1::CancelOrderResponse Shop::cancel(const std::string& order, const std::string& buyer) {
    return run(gateways[0]->checkout.cancel(AccountId(buyer), show, OrderId(order)));
}

int Shop::pay(const std::string& order, std::int64_t amount_fen, const std::string& payment, const std::string& event) {
    v1::SandboxEvent notify;
    notify.set_event_id(event);
    notify.set_payment_id(payment);
    notify.set_order_id(order);
    notify.set_amount_fen(amount_fen);
    notify.set_currency("CNY");
    auto body = commerce::to_body(notify);
    const auto now_s = system_clock().unix_ms() / 1000;
    auto headers = commerce::sign_sandbox_notify(webhook_secret, event, now_s, body);
    return run(gateways[0]->payments.notify(std::move(headers), std::move(body))).status;
}

void Shop::settle_show(const ShowId& which) {
    // A projector that has just been started may not be connected yet.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
        const auto caught_up = run(side->projector.catch_up(which, std::chrono::seconds(10)));
        if (caught_up) return;
        REQUIRE(caught_up.error() == Errc::redis_unavailable);
        REQUIRE(std::chrono::steady_clock::now() < end);
        run_task(io, net::sleep_for(std::chrono::milliseconds(10)));
    }
}

std::string Shop::reconcile_show(const ShowId& which) {
    settle_show(which);
    const auto differences = run(commerce::reconcile(which, gateways[0]->till, *ledger));
    REQUIRE(differences.has_value());
    std::string text;
    for (const auto& difference : *differences)
        text += difference.what + ": expected " + difference.expected + ", found " + difference.found + "\n";
    return text;
}

std::int64_t Shop::number(const std::string& sql) {
    const auto rows = ledger->write_blocking([&](ledger::Database& database) { return database.query(sql); });
    INFO(sql);
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 1);
    return rows->front().integer(0);
}

redis::Reply Shop::command(redis::Client::Command words) {
    auto reply = run(gateways[0]->client.command(std::move(words)));
    REQUIRE(reply.has_value());
    return std::move(*reply);
}

net::Task<> insist(Shop& shop, std::size_t gateway, std::string buyer, v1::PlaceOrder request, v1::OrderAnswer& answer, std::size_t& done) {
    for (;;) {
        answer = co_await shop.gateways[gateway]->checkout.place(AccountId(buyer), request);
        if (answer.outcome() != v1::OUTCOME_UNKNOWN) break;
        co_await net::sleep_for(std::chrono::milliseconds(20));
    }
    ++done;
}

}  // namespace livefair::test
