#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>

#include "integration/till/shop.hpp"
#include "support/faulty_disk.hpp"

// Faults under the SQLite ledger (rows F22 to F24 of the fault matrix).

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

/// What another program does with the file.
Connection another_program(const std::string& path) {
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &raw) == SQLITE_OK);
    return Connection(raw);
}
void run(const Connection& connection, const char* sql) {
    INFO(sql);
    REQUIRE(sqlite3_exec(connection.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}
std::string text_of(const Connection& connection, const char* sql) {
    std::string text;
    const auto take = [](void* to, int, char** values, char**) {
        *static_cast<std::string*>(to) = values[0] == nullptr ? "" : values[0];
        return 0;
    };
    REQUIRE(sqlite3_exec(connection.get(), sql, take, &text, nullptr) == SQLITE_OK);
    return text;
}

void open_box(Shop& shop, int buyers) {
    shop.add_stock("s1", 1000);
    shop.add_offer("box", 100, {{"s1", 1}});
    for (int i = 0; i < buyers; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    shop.open("box");
}

std::string buyer(int number) {
    return "b" + std::to_string(number);
}

}  // namespace

TEST_CASE("a full disk: nothing is accepted, what is there can be read, and the sale goes on when there is room again",
          "[ledger][F22]") {
    test::FaultyDisk disk;
    Shop shop;
    open_box(shop, 12);
    for (int i = 0; i < 4; ++i)
        REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    disk.set_bytes_left(3000);  // in the middle of a page
    for (int i = 4; i < 7; ++i) REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_UNKNOWN);
    const auto count = shop.run(
        shop.ledger->read([](ledger::Database& database) { return database.query("SELECT count(*) FROM orders"); }));
    REQUIRE(count.has_value());
    REQUIRE(count->front().integer(0) == 4);

    disk.set_bytes_left(-1);
    for (int i = 4; i < 12; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 12);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 12);
    const auto check = shop.ledger->write_blocking(
        [](ledger::Database& database) { return database.query("PRAGMA integrity_check"); });
    REQUIRE(check->front().text(0) == "ok");
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a disk that does not sync ends the selling: no second try is called good, and a new start has all it accepted",
          "[ledger][F23]") {
    const bool writes_fail = GENERATE(false, true);
    INFO("writes fail " << writes_fail);
    test::FaultyDisk disk;
    const test::TemporaryFolder folder;
    std::atomic<int> ended = 0;
    Shop shop(1, ledger::Ledger::Options{folder.file("ledger.sqlite3"), {}, [&ended] { ++ended; }});
    open_box(shop, 8);
    std::vector<std::string> accepted;
    for (int i = 0; i < 4; ++i) {
        const auto answer = shop.place(order_id(i), buyer(i), "box");
        REQUIRE(answer.outcome() == v1::OUTCOME_ACCEPTED);
        accepted.push_back(answer.SerializeAsString());
    }
    disk.fail_writes(writes_fail);
    disk.fail_syncs(!writes_fail);
    REQUIRE(shop.place(order_id(4), buyer(4), "box").outcome() == v1::OUTCOME_UNKNOWN);
    REQUIRE(ended == 1);
    // The disk says that it is well again. It is not believed.
    disk.fail_writes(false);
    disk.fail_syncs(false);
    for (int i = 5; i < 8; ++i) REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_UNKNOWN);
    REQUIRE(disk.syncs_after_failure() == 0);
    REQUIRE(ended == 1);

    shop.restart();
    for (int i = 0; i < 4; ++i) CHECK(shop.place_finally(order_id(i), buyer(i), "box").SerializeAsString() == accepted[static_cast<std::size_t>(i)]);
    // Who was told that nobody knows asks again, and has the one order.
    for (int i = 4; i < 8; ++i) CHECK(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    CHECK(shop.number("SELECT count(*) FROM orders WHERE state = 1") == 8);
    CHECK(shop.number("SELECT committed FROM stocks") == 8);
    CHECK(shop.reconcile() == "");
    const auto check = shop.ledger->write_blocking(
        [](ledger::Database& database) { return database.query("PRAGMA integrity_check"); });
    CHECK(check->front().text(0) == "ok");
}

TEST_CASE("the program ends with a status when its disk fails", "[ledger][F23]") {
    // A process of its own: this one's end is what is looked at.
    const test::TemporaryFolder folder;
    const auto child = ::fork();
    if (child == 0) {
        test::FaultyDisk disk;
        ledger::Ledger ledger(folder.file("ledger.sqlite3"));
        disk.fail_syncs(true);
        (void)ledger.write_blocking([](ledger::Database& database) {
            return database.execute("UPDATE heartbeat SET at_ms = 1");
        });
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 74);
}

TEST_CASE("while another program keeps the file locked nothing is accepted, and then all is", "[ledger][F24]") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("ledger.sqlite3");
    Shop shop(1, ledger::Ledger::Options{path, {}, {}});
    open_box(shop, 6);
    REQUIRE(shop.place(order_id(0), buyer(0), "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto other = another_program(path);
    run(other, "BEGIN IMMEDIATE");
    REQUIRE(shop.place(order_id(1), buyer(1), "box").outcome() == v1::OUTCOME_UNKNOWN);
    // Ten seconds in all, longer than the writer waits for a lock: its transaction has failed and is done again.
    test::run_task(shop.io, net::sleep_for(std::chrono::milliseconds(7000)));
    run(other, "ROLLBACK");
    for (int i = 1; i < 6; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 6);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a reader that keeps its snapshot does not let the log grow over its limit", "[ledger][F24]") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("ledger.sqlite3");
    constexpr std::int64_t limit = 4 * 1024 * 1024;
    ledger::Ledger::Options options{path, {}, {}};
    options.database.wal_bytes_max = limit;
    ledger::Ledger ledger(std::move(options));
    REQUIRE(ledger.write_blocking([](ledger::Database& database) {
        return database.run_script("CREATE TABLE filling (a TEXT)");
    }).has_value());
    const auto fill = [&] {
        return ledger.write_blocking([](ledger::Database& database) {
            return database.execute("INSERT INTO filling VALUES (?)", {std::string(100'000, 'x')});
        });
    };
    const auto reader = another_program(path);
    run(reader, "BEGIN");
    REQUIRE(text_of(reader, "SELECT count(*) FROM filling") == "0");
    int written = 0;
    while (written < 200 && fill()) ++written;
    REQUIRE(written > 20);
    REQUIRE(written < 100);
    REQUIRE(std::filesystem::file_size(path + "-wal") < limit + 200'000);
    REQUIRE(fill().error() == Errc::ledger_unavailable);
    run(reader, "ROLLBACK");
    REQUIRE(fill().has_value());
    REQUIRE(text_of(reader, "SELECT count(*) FROM filling") == std::to_string(written + 1));
    REQUIRE(std::filesystem::file_size(path + "-wal") < limit);
}

TEST_CASE("a place where SQLite can't keep its log is refused at the start", "[ledger]") {
    REQUIRE_THROWS_WITH(ledger::Ledger(":memory:"), Catch::Contains("synchronous=FULL"));
    std::filesystem::remove(":memory:.lock");
}
