#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <set>
#include <thread>

#include "base/metrics.hpp"
#include "integration/till/shop.hpp"
#include "support/postgres_server.hpp"

// Faults of a ledger in PostgreSQL (rows F18 to F21 of the fault matrix).

using namespace livefair;
using ledger::Database;
using ledger::Ledger;
using std::chrono::milliseconds;
using test::order_id;
using test::PostgresServer;
using test::Shop;

namespace {

/// Ends the program as "skipped" where there is no PostgreSQL.
struct Needed {
    Needed() {
        if (PostgresServer::is_installed()) return;
        std::cerr << "skipped: Debian's package postgresql-15 is missing; scripts/setup --test installs it\n";
        std::_Exit(77);
    }
};

std::string buyer(int number) {
    return "b" + std::to_string(number);
}

void open_box(Shop& shop, int buyers, std::int64_t total = 1000) {
    shop.add_stock("s1", total);
    shop.add_offer("box", 100, {{"s1", 1}});
    for (int i = 0; i < buyers; ++i) shop.add_buyer(buyer(i));
    shop.start();
    shop.open("box");
}

/// Each order answered accepted is in the ledger once, and nothing else is.
void check_orders(Shop& shop, std::int64_t count) {
    REQUIRE(shop.number("SELECT count(*) FROM orders WHERE state = 1") == count);
    REQUIRE(shop.number("SELECT count(*) FROM order_lines") == count);
    REQUIRE(shop.number("SELECT committed FROM stocks") == count);
    REQUIRE(shop.reconcile() == "");
}

net::Task<> insist(Shop& shop, std::string order, std::string who, std::size_t& accepted) {
    for (;;) {
        const auto answer = co_await shop.gateways[0]->checkout.place(AccountId(who), shop.request(order, who, "box"));
        if (answer.outcome() == v1::OUTCOME_ACCEPTED) ++accepted;
        if (answer.outcome() != v1::OUTCOME_UNKNOWN) co_return;
        co_await net::sleep_for(milliseconds(20));
    }
}

Result<std::int64_t> add(Ledger& ledger, const std::string& value) {
    return ledger.write_blocking(
        [value](Database& database) { return database.execute("INSERT INTO notes (a) VALUES (?)", {value}); });
}

/// Transactions of this program that were done again because another was first.
int crossed() {
    const auto text = metrics::to_text();
    const std::string name = "\nlivefair_ledger_crossed_total ";
    const auto at = text.find(name);
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + name.size()));
}

/// Another program's transaction takes two stocks, the second one only when somebody waits for the first. `holds`: it has the first. Returns how often
/// it was begun.
Result<int> take_both(Ledger& ledger, const PostgresServer& server, const std::string& first, const std::string& second, std::atomic<bool>& holds) {
    int begun = 0;
    return ledger.write_blocking([&](Database& database) -> Result<int> {
        const auto take = [&](const std::string& stock) { return database.execute("UPDATE stocks SET committed = committed WHERE id = ?", {stock}); };
        if (const auto taken = take(first); !taken) return taken.error();
        holds = true;
        if (++begun == 1 && !test::eventually([&] { return server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; }))
            return make_error_code(Errc::internal);
        if (const auto taken = take(second); !taken) return taken.error();
        return begun;
    });
}

void make_notes(Ledger& ledger) {
    REQUIRE(ledger.write_blocking([](Database& database) {
        return database.run_script("CREATE TABLE notes (a TEXT PRIMARY KEY)");
    }).has_value());
}

}  // namespace

TEST_CASE_METHOD(Needed, "a recount names rows of orders that belong to no order, offer or stock", "[ledger]") {
    const PostgresServer server;
    Shop shop(1, Ledger::Options{server.url(), {}, {}});
    open_box(shop, 1);
    CHECK(shop.run(commerce::find_strays(*shop.ledger))->empty());
    REQUIRE(shop.ledger->write_blocking([](Database& database) {
        return database.run_script(
            "INSERT INTO orders (id, show_id, offer_id, buyer_id, title, quantity, unit_price_fen, amount_fen, state, placed_ms, hold_until_ms, left_after, "
            "stream_id, address_id, recipient, phone, region_code, region_name, detail) VALUES "
            "('o4', 'gone', 'gone', 'b', '', 1, 1, 1, 1, 0, 0, 0, '1-0', '', '', '', '', '', ''); "
            "INSERT INTO entries (order_id, stream_id, position, show_id, debit, credit, amount_fen, at_ms) VALUES ('o1', '1-0', 0, 's', 'a', 'b', 1, 0), "
            "('o1', '1-0', 1, 's', 'a', 'b', 1, 0); "
            "INSERT INTO order_events (order_id, stream_id, place, show_id, kind, at_ms, detail) VALUES ('o2', '1-0', 0, 's', 'placed', 0, ''); "
            "INSERT INTO order_lines (order_id, position, stock_id, product_id, title, unit, units, amount_fen, weight_g, origin_code, origin_name) VALUES "
            "('o3', 1, 'gone', 'p', '', '', 1, 1, 1, '', '')");
    }).has_value());
    std::string found;
    for (const auto& stray : *shop.run(commerce::find_strays(*shop.ledger))) found += stray.what + " " + stray.found + "; ";
    CHECK(found == "show of order o4 0; offer of order o4 0; stock gone of order o3 0; lines without order o3 1; events without order o2 1; entries without order o1 2; ");
}

TEST_CASE_METHOD(Needed, "a server that would not keep what it commits is refused, and the password is not told",
                 "[ledger]") {
    const auto refusal = [](const std::string& url) -> std::string {
        try {
            Ledger ledger(url);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "none";
    };
    PostgresServer server;
    server.ask("CREATE DATABASE language TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'");
    CHECK_THAT(refusal(server.url("language")), Catch::Contains("sorts texts by a language"));
    server.ask("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'");
    CHECK_THAT(refusal(server.url("latin")), Catch::Contains("UTF8"));
    server.ask("CREATE DATABASE loose");
    server.ask("ALTER DATABASE loose SET synchronous_commit = off");
    CHECK_THAT(refusal(server.url("loose")), Catch::Contains("synchronous_commit is off"));
    CHECK_THAT(refusal(server.url("nowhere") + "&password=geheim"),
               Catch::Contains("nowhere") && !Catch::Contains("geheim"));
    CHECK_THAT(refusal("postgresql://user:geheim@[::1/x"), Catch::Contains("not of the form") && !Catch::Contains("geheim"));
    // An owner of no more than the database will do.
    server.ask("CREATE ROLE livefair LOGIN");
    server.ask("CREATE DATABASE livefair OWNER livefair TEMPLATE template0");
    CHECK(refusal("postgresql://livefair@/livefair?host=" + server.socket_folder()) == "none");
    server.set("fsync = off");
    server.restart();
    CHECK_THAT(refusal(server.url()), Catch::Contains("fsync is off"));
    server.stop();
    CHECK_THAT(refusal(server.url()), Catch::Contains("check that the server runs"));
}

TEST_CASE_METHOD(Needed, "several programs that start on a new database at once all find the whole schema", "[ledger]") {
    PostgresServer server;
    std::atomic<int> started = 0;
    std::vector<std::thread> programs;
    for (int i = 0; i < 4; ++i)
        programs.emplace_back([&] {
            try {
                Ledger ledger(server.url());
                ++started;
            } catch (const std::exception& error) {
                std::cerr << error.what() << '\n';
            }
        });
    for (auto& program : programs) program.join();
    REQUIRE(started == 4);
}

TEST_CASE_METHOD(Needed, "while the server is down nothing is accepted, and when it is back each order is there once",
                 "[till][F18]") {
    PostgresServer server;
    Shop shop(1, Ledger::Options{server.url(), {}, {}});
    open_box(shop, 12);
    for (int i = 0; i < 4; ++i)
        REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    server.stop();
    for (int i = 4; i < 8; ++i) REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_UNKNOWN);
    server.restart();
    for (int i = 4; i < 12; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    for (int i = 0; i < 4; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    check_orders(shop, 12);
}

TEST_CASE_METHOD(Needed, "connections ended again and again in the middle of a sale cost no order and make none double",
                 "[till][F19]") {
    PostgresServer server;
    Shop shop(1, Ledger::Options{server.url(), {}, {}});
    constexpr int count = 300;
    open_box(shop, count);
    std::size_t accepted = 0;
    std::atomic<bool> goes_on = true;
    std::atomic<int> ended = 0;
    std::thread killer([&] {
        while (goes_on) {
            const auto killed = server.ask(
                "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                "'livefair') gone");
            ended += std::stoi(killed);
            std::this_thread::sleep_for(milliseconds(7));
        }
    });
    for (int i = 0; i < count; ++i)
        net::spawn(shop.io.get_executor(), insist(shop, order_id(i), buyer(i), accepted), "buyer");
    test::run_until(shop.io, [&] { return accepted > count / 4 || ended > 400; }, std::chrono::seconds(20));
    goes_on = false;
    killer.join();
    REQUIRE(ended >= 3);
    REQUIRE(test::run_until(shop.io, [&] { return accepted == count; }, std::chrono::seconds(40)));
    check_orders(shop, count);
}

TEST_CASE_METHOD(Needed, "a COMMIT whose answer is lost is neither called done nor called undone", "[ledger][F19]") {
    PostgresServer server;
    Ledger ledger(server.url());
    make_notes(ledger);
    // No standby of this name: a commit is on this server's disk, and waits for ever to be on another's.
    server.change("synchronous_standby_names", "nobody");
    Result<std::int64_t> written;
    const auto write_and = [&](const std::string& value, const std::string& sql) {
        std::thread writer([&] { written = add(ledger, value); });
        const auto waits = [&] {
            return server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1";
        };
        const bool did_wait = test::eventually(waits);
        server.ask(sql);
        writer.join();
        REQUIRE(did_wait);
    };
    write_and("cut", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    REQUIRE(written.error() == Errc::timed_out);
    // The server gives up the wait and says COMMIT, with a warning.
    write_and("cancelled", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    REQUIRE(written.error() == Errc::timed_out);

    server.change("synchronous_standby_names", "");
    REQUIRE(test::eventually([&] { return add(ledger, "later").has_value(); }));
    REQUIRE(server.ask("SELECT count(*) FROM notes WHERE a IN ('cut', 'cancelled')") == "2");
    // Asked again under its key it is found, not written twice.
    REQUIRE(add(ledger, "cut").error() == Errc::conflict);
}

TEST_CASE_METHOD(Needed, "fifty clients whose transactions cross all get through, and no sum is wrong", "[ledger][F20]") {
    PostgresServer server;
    static constexpr int accounts = 6;
    constexpr int programs = 3;
    std::vector<std::unique_ptr<Ledger>> ledgers;
    for (int i = 0; i < programs; ++i) ledgers.push_back(std::make_unique<Ledger>(server.url()));
    server.ask("CREATE TABLE purses (id BIGINT PRIMARY KEY, fen BIGINT NOT NULL)");
    for (int i = 0; i < accounts; ++i) server.ask("INSERT INTO purses VALUES (" + std::to_string(i) + ", 1000)");
    std::atomic<int> moved = 0, refused = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 50; ++i)
        clients.emplace_back([&, i] {
            for (int turn = 0; turn < 4; ++turn) {
                // One reads the sum and writes by it: what only a serial order gets right.
                const std::int64_t from = (i + turn) % accounts, to = (i * 5 + turn * 3 + 1) % accounts;
                const auto move = [from, to](Database& database) -> Result<std::int64_t> {
                    const auto sum = database.query("SELECT sum(fen) FROM purses");
                    if (!sum) return sum.error();
                    if (sum->front().integer(0) != accounts * 1000) return make_error_code(Errc::internal);
                    const auto taken = database.execute("UPDATE purses SET fen = fen - 1 WHERE id = ?", {from});
                    if (!taken) return taken.error();
                    return database.execute("UPDATE purses SET fen = fen + 1 WHERE id = ?", {to});
                };
                const auto done = ledgers[static_cast<std::size_t>(i % programs)]->write_blocking(move);
                if (done)
                    ++moved;
                else if (done.error() == Errc::ledger_unavailable)
                    ++refused;
            }
        });
    for (auto& client : clients) client.join();
    CHECK(moved + refused == 200);
    CHECK(refused == 0);
    REQUIRE(server.ask("SELECT sum(fen) FROM purses") == std::to_string(accounts * 1000));
}

TEST_CASE_METHOD(Needed, "orders whose transaction loses against another program's, by a conflict or by a deadlock, are written again, once each",
                 "[till][F20]") {
    // Long enough for the other program to close the circle before the server looks for one.
    PostgresServer server({"deadlock_timeout = 2s"});
    Shop shop(1, Ledger::Options{server.url(), {}, {}});
    for (const auto* stock : {"s1", "s2"}) shop.add_stock(stock, 20);
    shop.add_offer("box", 301, {{"s1", 1}, {"s2", 1}});
    for (int i = 0; i <= 20; ++i) shop.add_buyer(buyer(i));
    shop.start();
    shop.open("box");
    Ledger other(server.url());
    std::size_t accepted = 0;
    const auto sell_against = [&](const std::string& first, const std::string& second) {
        std::atomic<bool> holds = false;
        Result<int> begun;
        std::thread rival([&] { begun = take_both(other, server, first, second, holds); });
        const bool did_hold = test::eventually([&] { return holds.load(); });
        const auto from = static_cast<int>(accepted), all = from + 10;
        for (int i = from; did_hold && i < all; ++i) net::spawn(shop.io.get_executor(), insist(shop, order_id(i), buyer(i), accepted), "buyer");
        const bool sold = test::run_until(shop.io, [&] { return accepted == static_cast<std::size_t>(all); }, std::chrono::seconds(40));
        rival.join();
        REQUIRE(did_hold);
        REQUIRE(sold);
        REQUIRE(begun.has_value());
        return *begun;
    };

    // The projector takes s1 first, too, and finds that s1 has changed since it began (40001).
    const auto before = crossed();
    CHECK(sell_against("s1", "s2") == 1);
    CHECK(crossed() > before);
    CHECK(server.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'") == "0");
    // The projector has s1 and waits for s2, the other has s2 and waits for s1 (40P01).
    const auto between = crossed();
    sell_against("s2", "s1");
    CHECK(crossed() > between);
    CHECK(test::eventually([&] { return server.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'") != "0"; }));

    CHECK(shop.place(order_id(20), buyer(20), "box").reason() == v1::REJECT_REASON_SOLD_OUT);
    shop.settle();
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 1") == 20);
    CHECK(shop.number("SELECT count(*) FROM stocks WHERE committed = 20 AND committed = (SELECT sum(l.units) FROM order_lines l JOIN orders o ON o.id = l.order_id "
                      "WHERE l.stock_id = stocks.id AND o.state IN (1, 2))") == 2);
    CHECK(shop.number("SELECT count(*) FROM orders WHERE amount_fen = 301 AND amount_fen = unit_price_fen * quantity AND amount_fen = (SELECT sum(l.amount_fen) "
                      "FROM order_lines l WHERE l.order_id = orders.id)") == 20);
    CHECK(shop.reconcile() == "");
}

TEST_CASE_METHOD(Needed, "a standby is promoted: all that was accepted is there, and the old server is not written to again",
                 "[till][F21]") {
    PostgresServer primary;
    PostgresServer standby(primary, "standby1");
    primary.change("synchronous_standby_names", "standby1");
    REQUIRE(test::eventually([&] { return primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync"; }));
    Shop shop(1, Ledger::Options{primary.url_before(standby), {}, {}});
    open_box(shop, 30);
    for (int i = 0; i < 10; ++i)
        REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    primary.stop();
    REQUIRE(shop.place(order_id(10), buyer(10), "box").outcome() == v1::OUTCOME_UNKNOWN);
    standby.ask("SELECT pg_promote()");
    for (int i = 10; i < 20; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(standby.ask("SELECT count(*) FROM orders") == "20");

    // Somebody starts the old one again, and it comes first in the URL. Nobody may sell by what it has.
    primary.restart();
    standby.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livefair'");
    REQUIRE(shop.place(order_id(20), buyer(20), "box").outcome() == v1::OUTCOME_UNKNOWN);
    primary.stop();
    for (int i = 20; i < 30; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    check_orders(shop, 30);
    REQUIRE(standby.ask("SELECT count(*) FROM orders") == "30");
    primary.restart();
    REQUIRE(primary.ask("SELECT count(*) FROM orders") == "10");
}
