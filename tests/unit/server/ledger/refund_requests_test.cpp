#include "ledger/refund_requests.hpp"

#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using namespace livefair::ledger;
using test::FreshDatabase;

namespace {

/// One order of 9900 fen, paid by "p1"; "p2" came too late for it.
void add_paid_order(Database& database) {
    const auto run = [&](const char* sql) { REQUIRE(database.run_script(sql).has_value()); };
    run("INSERT INTO shows (id, room_id, title, state, starts_ms, created_ms) VALUES ('s', 'r', 't', 2, 0, 0)");
    run("INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, "
        "limit_per_buyer, hold_ms, open_ms, close_ms, state, created_ms) VALUES ('f', 's', 1, 't', 1, 9900, 0, '', 9, "
        "1000, 0, 0, 2, 0)");
    run("INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, "
        "placed_ms, hold_until_ms, left_after, stream_id, address_id, recipient, phone, region_code, region_name, "
        "detail, refund_due_fen) VALUES ('o', 's', 'f', 'b', 't', 1, 9900, 9900, 2, 0, 0, 0, '1-0', 'a', '', '', '', "
        "'', '', 9900)");
    run("INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) VALUES ('sandbox', "
        "'p1', 'o', 9900, 'CNY', 'paid', 0), ('sandbox', 'p2', 'o', 9900, 'CNY', 'refund_due', 0), ('sandbox', 'p3', "
        "'o', 9900, 'CNY', 'created', 0)");
}

RefundAsk ask_of(const std::string& id, std::int64_t amount_fen, const std::string& payment = "p1") {
    return {id, "sandbox", PaymentId(payment), OrderId("o"), amount_fen, "buyer's wish"};
}

std::int64_t number(Database& database, const std::string& sql) {
    const auto rows = database.query(sql);
    REQUIRE(rows.has_value());
    return rows->at(0).integer(0);
}

RefundRequest only_due(Database& database, std::int64_t now_ms) {
    const auto due = due_refunds(database, now_ms, 10);
    REQUIRE(due.has_value());
    REQUIRE(due->size() == 1);
    return due->front();
}

}  // namespace

TEST_CASE("the same refund asked twice is one, and the same id for another refund is refused", "[refund]") {
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE(ask_refund(*database, ask_of("r1", 900), 5).value());
    REQUIRE_FALSE(ask_refund(*database, ask_of("r1", 900), 6).value());
    REQUIRE(ask_refund(*database, ask_of("r1", 901), 7).error() == Errc::conflict);
    REQUIRE(ask_refund(*database, ask_of("r1", 900, "p2"), 7).error() == Errc::conflict);
    REQUIRE(number(*database, "SELECT count(*) FROM refund_requests") == 1);
}

TEST_CASE("refunds never exceed the payment, and only money that came can go back", "[refund]") {
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE(ask_refund(*database, ask_of("r1", 9000), 5).value());
    REQUIRE(payment_of_order(*database, OrderId("o"))->left_fen == 900);
    REQUIRE(ask_refund(*database, ask_of("r2", 901), 5).error() == Errc::conflict);
    REQUIRE(ask_refund(*database, ask_of("r2", 900), 5).value());
    REQUIRE(ask_refund(*database, ask_of("r3", 1), 5).error() == Errc::conflict);
    REQUIRE(ask_refund(*database, ask_of("r4", 1, "p3"), 5).error() == Errc::not_found);
    REQUIRE(ask_refund(*database, ask_of("r5", 1, "p9"), 5).error() == Errc::not_found);
    REQUIRE(ask_refund(*database, ask_of("r6", 0), 5).error() == Errc::invalid_input);
    REQUIRE(ask_refund(*database, ask_of("r 7", 1), 5).error() == Errc::invalid_input);
    REQUIRE(payment_of_order(*database, OrderId("other")).error() == Errc::not_found);
}

TEST_CASE("a payment that came too late and a stray one are asked back once", "[refund]") {
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE((*database)
                .run_script("INSERT INTO stray_payments (provider, id, order_id, amount_fen, found_ms) VALUES "
                            "('sandbox', 'lost', 'nobody', 700, 0)")
                .has_value());
    REQUIRE(ask_due_refunds(*database, 5).value() == 2);
    REQUIRE(ask_due_refunds(*database, 6).value() == 0);
    REQUIRE(number(*database, "SELECT CAST(sum(amount_fen) AS BIGINT) FROM refund_requests") == 10'600);
}

TEST_CASE("a refund moves forward alone, waits for its next try, and is booked once when done", "[refund]") {
    using State = RefundRequest::State;
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE(ask_refund(*database, ask_of("r1", 900), 5).value());
    REQUIRE(due_refunds(*database, 4, 10)->empty());
    const auto request = only_due(*database, 5);
    REQUIRE(note_refund(*database, request, State::asked, "timed out", 5, 50).has_value());
    REQUIRE(due_refunds(*database, 49, 10)->empty());
    REQUIRE(only_due(*database, 50).tries == 1);
    REQUIRE(note_refund(*database, request, State::accepted, "", 50, 60).has_value());
    REQUIRE(note_refund(*database, request, State::asked, "a late timeout", 51, 60).has_value());
    REQUIRE(only_due(*database, 60).state == State::accepted);
    for (int i = 0; i < 2; ++i) REQUIRE(note_refund(*database, request, State::done, "", 70, 0).has_value());
    REQUIRE(note_refund(*database, request, State::failed, "", 71, 0).has_value());
    REQUIRE(due_refunds(*database, 1000, 10)->empty());
    REQUIRE(number(*database,
                   "SELECT CAST(sum(amount_fen) AS BIGINT) FROM entries WHERE debit = 'refunds' AND credit = "
                   "'provider'") == 900);
    REQUIRE(payment_of_order(*database, OrderId("o"))->left_fen == 9000);
}

TEST_CASE("what a failed refund asked for may be asked for again under another id", "[refund]") {
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE(ask_refund(*database, ask_of("r1", 9900), 5).value());
    const auto request = only_due(*database, 5);
    REQUIRE(note_refund(*database, request, RefundRequest::State::failed, "account closed", 6, 0).has_value());
    REQUIRE(ask_refund(*database, ask_of("r2", 9900), 7).value());
    REQUIRE(number(*database, "SELECT count(*) FROM entries") == 0);
}

TEST_CASE("a late payment and a stray one that the provider refuses to give back for good are not asked for again", "[refund]") {
    FreshDatabase database;
    add_paid_order(*database);
    REQUIRE((*database)
                .run_script("INSERT INTO stray_payments (provider, id, order_id, amount_fen, found_ms) VALUES "
                            "('sandbox', 'lost', 'nobody', 700, 0)")
                .has_value());
    REQUIRE(ask_due_refunds(*database, 5).value() == 2);
    for (const auto& request : due_refunds(*database, 5, 10).value())
        REQUIRE(note_refund(*database, request, RefundRequest::State::failed, "account closed", 6, 0).has_value());
    REQUIRE(count_due_refunds(*database).value() == 0);
    REQUIRE(ask_due_refunds(*database, 7).value() == 0);
    // A person may still ask.
    REQUIRE(ask_refund(*database, ask_of("by_hand", 9900, "p2"), 8).value());
}
