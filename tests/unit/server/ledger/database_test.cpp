#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <limits>
#include <thread>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "ledger/migrations.hpp"
#include "support/ledger_location.hpp"
#include "support/run_task.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;
using ledger::Database;
using ledger::Ledger;
using ledger::Migration;

namespace {

std::unique_ptr<Database> open(const test::TemporaryFolder& folder) {
    auto database = Database::open(test::ledger_location(folder), Database::Mode::read_write);
    REQUIRE(database.has_value());
    return std::move(*database);
}

constexpr const char* insert_organisation =
    "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES (?, 'x', 'government', '43', 0)";

/// Inserts a row; with `fails` the work then ends in an error.
net::Task<> insert(Ledger& ledger, std::string id, bool fails, std::vector<Result<std::int64_t>>& results) {
    auto work = [id, fails](Database& database) -> Result<std::int64_t> {
        const auto rows = database.execute(insert_organisation, {id});
        if (rows && fails) return make_error_code(Errc::invalid_input);
        return rows;
    };
    const auto result = co_await ledger.write(std::move(work));
    results.push_back(result);
}

}  // namespace

TEST_CASE("integers, texts and NULL come back as they went in", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT, b TEXT, c TEXT)").has_value());
    const std::string text = "数'\"\\ $1 ?\r\n\t";
    REQUIRE(
        database->execute("INSERT INTO t VALUES (?, ?, ?)", {std::int64_t{1} << 62, text, std::monostate{}}).value() ==
        1);
    const auto rows = database->query("SELECT a, b, c FROM t");
    REQUIRE(rows->size() == 1);
    REQUIRE(rows->front().integer(0) == std::int64_t{1} << 62);
    REQUIRE(rows->front().text(1) == text);
    REQUIRE(rows->front().is_null(2));
    REQUIRE(rows->front().text(2).empty());
    REQUIRE(database->execute("UPDATE t SET a = ?, b = ?", {std::numeric_limits<std::int64_t>::min(), std::string()})
                .value() == 1);
    const auto edge = database->query("SELECT a, b, 'is it ?' FROM t WHERE a < ?", {std::int64_t{0}});
    REQUIRE(edge->front().integer(0) == std::numeric_limits<std::int64_t>::min());
    REQUIRE_FALSE(edge->front().is_null(1));
    REQUIRE(edge->front().text(2) == "is it ?");
}

TEST_CASE("sums, counts and comparisons are integers", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT, b INTEGER)").has_value());
    REQUIRE(database->query("SELECT sum(a) FROM t")->front().integer(0) == 0);
    REQUIRE(database->execute_rows("INSERT INTO t VALUES (?, ?)", {{std::int64_t{1} << 61, std::int64_t{1}},
                                                                  {std::int64_t{1} << 61, std::int64_t{2}}}).value() == 2);
    const auto row = database->query("SELECT sum(a), count(*), max(b), 1 = 1, sum(b) * ? / ? FROM t",
                                     {std::int64_t{3'000'000'000}, std::int64_t{3}});
    REQUIRE(row.has_value());
    REQUIRE(row->front().integer(0) == std::int64_t{1} << 62);
    REQUIRE(row->front().integer(1) == 2);
    REQUIRE(row->front().integer(2) == 2);
    REQUIRE(row->front().integer(3) == 1);
    REQUIRE(row->front().integer(4) == 3'000'000'000);
    // A number from outside may be larger than the column's type.
    REQUIRE(database->query("SELECT a FROM t WHERE b = ?", {std::int64_t{1} << 40})->empty());
}

TEST_CASE("texts are sorted by their bytes", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a TEXT)").has_value());
    const std::vector<std::vector<ledger::Value>> texts{{std::string("b")}, {std::string("B")}, {std::string("a-1")},
                                                        {std::string("a1")}, {std::string("茶")}, {std::string("é")}};
    REQUIRE(database->execute_rows("INSERT INTO t VALUES (?)", texts).has_value());
    std::string joined;
    for (const auto& row : *database->query("SELECT a FROM t ORDER BY a")) joined += row.text(0) + " ";
    REQUIRE(joined == "B a-1 a1 b é 茶 ");
}

TEST_CASE("the database's clock is the time", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    const auto before = system_clock().unix_ms();
    const auto now = database->now_ms();
    REQUIRE(now.has_value());
    REQUIRE(*now >= before - 1);
    REQUIRE(*now <= system_clock().unix_ms() + 1);
}

TEST_CASE("a broken rule of the schema is a conflict, broken SQL is not", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT PRIMARY KEY CHECK (a > 0))").has_value());
    REQUIRE(database->execute("INSERT INTO t VALUES (1)").has_value());
    REQUIRE(database->execute("INSERT INTO t VALUES (1)").error() == Errc::conflict);
    REQUIRE(database->execute("INSERT INTO t VALUES (-1)").error() == Errc::conflict);
    REQUIRE(database->query("SELECT nothing FROM nowhere").error() == Errc::ledger_unavailable);
    REQUIRE_FALSE(database->error_text().empty());
}

TEST_CASE("a quote in a parameter stays a quote", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a TEXT)").has_value());
    const std::string text = "'; DROP TABLE t; --";
    REQUIRE(database->execute("INSERT INTO t VALUES (?)", {text}).has_value());
    REQUIRE(database->query("SELECT a FROM t WHERE a = ?", {text})->size() == 1);
}

TEST_CASE("many keys are looked up by one question, whatever they are", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a TEXT PRIMARY KEY, b BIGINT)").has_value());
    const std::vector<std::string> keys{"plain", "", "NULL", "a,b", "{}", "\"quoted\"", "back\\slash", "it's", "县长",
                                        "two\nlines", "tab\tand\rreturn", "\\.", "\\N"};
    std::vector<std::vector<ledger::Value>> rows;
    for (const auto& key : keys) rows.push_back({key, static_cast<std::int64_t>(rows.size())});
    REQUIRE(database->execute_rows("INSERT INTO t VALUES (?, ?)", rows).has_value());
    constexpr const char* look_up = "SELECT b, a FROM t WHERE a = ?";

    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto found = database->query_each(look_up, {keys[i]});
        REQUIRE(found.has_value());
        REQUIRE(found->size() == 1);
        REQUIRE(found->front().integer(0) == static_cast<std::int64_t>(i));
        REQUIRE(found->front().text(1) == keys[i]);
    }
    REQUIRE(database->query_each(look_up, keys)->size() == keys.size());
    REQUIRE(database->query_each(look_up, {"plain", "missing", "plain"})->size() == 2);
    REQUIRE(database->query_each(look_up, {})->empty());
    REQUIRE(database->query_each("SELECT b FROM nowhere WHERE a = ?", {"plain"}).error() == Errc::ledger_unavailable);
}

TEST_CASE("one statement for many rows counts what all of them changed, and ends at the first that breaks a rule",
          "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)").has_value());
    constexpr const char* insert_unknown = "INSERT INTO t VALUES (?, ?) ON CONFLICT DO NOTHING";
    std::vector<std::vector<ledger::Value>> rows;
    for (std::int64_t i = 0; i < 1000; ++i) rows.push_back({i, "row " + std::to_string(i)});
    REQUIRE(database->execute_rows(insert_unknown, rows).value() == 1000);
    rows.push_back({std::int64_t{1000}, std::monostate{}});
    REQUIRE(database->execute_rows(insert_unknown, rows).value() == 1);
    REQUIRE(database->execute_rows(insert_unknown, {}).value() == 0);
    REQUIRE(database->query("SELECT b FROM t WHERE a = 1000")->front().is_null(0));
    REQUIRE(database->execute_rows("UPDATE t SET b = ? WHERE a >= ?",
                                   {{std::string("x"), std::int64_t{999}}, {std::string("y"), std::int64_t{998}}}).value() == 5);

    REQUIRE(database->begin().has_value());
    REQUIRE(database->run_script("SAVEPOINT job").has_value());
    const std::vector<std::vector<ledger::Value>> twice{
        {std::int64_t{2000}, std::string()}, {std::int64_t{1}, std::string()}, {std::int64_t{2001}, std::string()}};
    REQUIRE(database->execute_rows("INSERT INTO t VALUES (?, ?)", twice).error() == Errc::conflict);
    REQUIRE(database->trouble() == ledger::Trouble::rule);
    REQUIRE(database->run_script("ROLLBACK TO job; RELEASE job").has_value());
    REQUIRE(database->commit().has_value());
    REQUIRE(database->query("SELECT a FROM t WHERE a >= 2000")->empty());
    REQUIRE(database->execute_rows("INSERT INTO nowhere VALUES (?)", {{std::string()}, {std::string()}}).error() == Errc::ledger_unavailable);
    REQUIRE(database->query("SELECT count(*) FROM t")->front().integer(0) == 1001);
}

TEST_CASE("rows are handed over one by one, in order, without copies", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT, c INTEGER, d SMALLINT, e VARCHAR(9), f TEXT)").has_value());
    constexpr std::size_t count = 2000;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::string(i % 100, 'x') + "\t县\n\\" + std::to_string(i));
    std::size_t next = 0;
    const auto fill = [&](std::size_t i, std::vector<ledger::ValueView>& row) {
        CHECK(i == next++);
        CHECK(row.empty());
        const auto number = static_cast<std::int64_t>(i);
        row.assign({number, texts[i], -number, i % 3 == 0 ? ledger::ValueView() : number, ""});
    };
    REQUIRE(database->execute_rows("INSERT INTO t (a, b, c, d, e, f) VALUES (?, ?, ?, ?, ?, 'placed')", count, fill).value() == count);
    REQUIRE(database->execute_rows("INSERT INTO t (a, b, c, d, e, f) VALUES (?, ?, ?, ?, ?, 'placed')", 0, fill).value() == 0);
    CHECK(next == count);
    const auto rows = database->query("SELECT a, b, c, d, e, f FROM t ORDER BY a");
    REQUIRE(rows->size() == count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& row = (*rows)[i];
        const auto number = static_cast<std::int64_t>(i);
        CHECK((row.integer(0) == number && row.text(1) == texts[i] && row.integer(2) == -number));
        CHECK((row.is_null(3) == (i % 3 == 0) && (i % 3 == 0 || row.integer(3) == number)));
        CHECK((!row.is_null(4) && row.text(4).empty() && row.text(5) == "placed"));
    }
    next = 0;
    REQUIRE(database->execute_rows("UPDATE t SET a = -1 - ?, b = ?, c = ? WHERE a = ? AND e = ?", 700,
                                   [&](std::size_t i, std::vector<ledger::ValueView>& row) {
                                       CHECK(i == next++);
                                       const auto number = static_cast<std::int64_t>(i);
                                       row.assign({number, texts[i], number, number, ""});
                                   })
                .value() == 700);
    REQUIRE(database->query("SELECT count(*) FROM t WHERE a < 0 AND c >= 0")->front().integer(0) == 700);
}

TEST_CASE("many rows of columns that have other types than integers and texts go in too", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT, b NUMERIC)").has_value());
    constexpr std::int64_t seven = 7;
    REQUIRE(database->execute_rows("INSERT INTO t VALUES (?, ?)", {{seven, seven}, {seven, std::monostate()}}).value() == 2);
    REQUIRE(database->query("SELECT count(b), CAST(sum(b) AS BIGINT) FROM t")->front().integer(1) == seven);
}

TEST_CASE("among many rows, what PostgreSQL can't hold breaks a rule, and the transaction ends well", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    if (database->is_file()) return;  // SQLite holds integers of 64 bits and any bytes in every column
    REQUIRE(database->run_script("CREATE TABLE t (a BIGINT, b INTEGER, c SMALLINT, d TEXT, e VARCHAR(3))").has_value());
    constexpr const char* insert_row = "INSERT INTO t VALUES (?, ?, ?, ?, ?)";
    using ledger::ValueView;
    const std::vector<ValueView> good{std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, "d", "e"};
    const auto write = [&](std::size_t column, ValueView value) {
        // So many that some have been sent when the bad one comes.
        return database->execute_rows(insert_row, 3000, [&](std::size_t i, std::vector<ValueView>& row) {
            row = good;
            if (i == 2500) row[column] = value;
        });
    };
    using namespace std::string_view_literals;
    const std::vector<std::pair<std::size_t, ValueView>> bad{
        {1, std::int64_t{1} << 31}, {1, -(std::int64_t{1} << 31) - 1}, {2, std::int64_t{1} << 15}, {3, "nul\0byte"sv},
        {3, "\xff"sv},              {3, "\xe5\x8e"sv},                 {3, "\xed\xa0\x80"sv},    {4, "four"sv}};
    for (const auto& [column, value] : bad) {
        REQUIRE(database->begin().has_value());
        REQUIRE(database->run_script("SAVEPOINT job").has_value());
        CHECK(write(column, value).error() == Errc::conflict);
        CHECK(database->trouble() == ledger::Trouble::rule);
        CHECK_FALSE(database->error_text().empty());
        REQUIRE(database->run_script("ROLLBACK TO job; RELEASE job").has_value());
        CHECK(database->execute_rows(insert_row, 2, [&](std::size_t, std::vector<ValueView>& row) { row = good; }).value() == 2);
        REQUIRE(database->commit().has_value());
    }
    REQUIRE(database->query("SELECT count(*) FROM t")->front().integer(0) == static_cast<std::int64_t>(2 * bad.size()));
}

TEST_CASE("each migration runs once, and one that fails leaves no trace", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    const Migration first[] = {{1, "one", "CREATE TABLE one (a BIGINT)"}};
    const Migration broken[] = {first[0], {2, "two", "CREATE TABLE two (a BIGINT); CREATE TABLE one (a BIGINT)"}};
    const Migration mended[] = {first[0], {2, "two", "CREATE TABLE two (a BIGINT)"}};
    REQUIRE(ledger::migrate(*database, first).has_value());
    REQUIRE(ledger::migrate(*database, first).has_value());
    REQUIRE(ledger::migrate(*database, broken).has_error());
    REQUIRE(database->query("SELECT * FROM two").has_error());
    REQUIRE(database->query("SELECT max(version) FROM schema_migrations")->front().integer(0) == 1);
    REQUIRE(ledger::migrate(*database, mended).has_value());
    REQUIRE(database->query("SELECT * FROM two").has_value());
}

TEST_CASE("a file of a newer program is left alone", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    const Migration newer[] = {{1, "one", "CREATE TABLE one (a BIGINT)"}, {2, "two", "CREATE TABLE two (a BIGINT)"}};
    REQUIRE(ledger::migrate(*database, newer).has_value());
    REQUIRE(ledger::migrate(*database, std::span(newer, 1)).error() == Errc::unsupported);
}

TEST_CASE("a line of a step that is for one database alone runs there and nowhere else", "[ledger]") {
    const test::TemporaryFolder folder;
    auto database = open(folder);
    const Migration steps[] = {{1, "one",
                                "CREATE TABLE one (a BIGINT);\n-- SQLite: ALTER TABLE one ADD COLUMN file BIGINT;\n"
                                "-- PostgreSQL: ALTER TABLE one ADD COLUMN server BIGINT;\n"}};
    REQUIRE(ledger::migrate(*database, steps).has_value());
    CHECK(database->query(database->is_file() ? "SELECT a, file FROM one" : "SELECT a, server FROM one").has_value());
    CHECK_FALSE(database->query(database->is_file() ? "SELECT server FROM one" : "SELECT file FROM one").has_value());
}

TEST_CASE("the known migrations are numbered from 1 without a gap", "[ledger]") {
    std::int64_t expected = 1;
    for (const auto& step : ledger::known_migrations()) {
        REQUIRE(step.version == expected++);
        REQUIRE_FALSE(step.sql.empty());
    }
    REQUIRE(expected > 3);
}

TEST_CASE("a second process that opens the ledger is told so", "[ledger]") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("var/ledger.sqlite3");  // PostgreSQL takes any number of programs
    auto first = std::make_unique<Ledger>(path);
    REQUIRE_THROWS_WITH(Ledger(path), Catch::Contains("held by another process"));
    first.reset();
    REQUIRE_NOTHROW(Ledger(path));
}

TEST_CASE("a write that fails rolls back alone, though others share its commit", "[ledger]") {
    const test::TemporaryFolder folder;
    net::asio::io_context io;
    Ledger ledger(test::ledger_location(folder));
    // Holds the writer, so that the next jobs wait and share one transaction.
    std::promise<void> release;
    auto released = release.get_future().share();
    std::thread holder([&] {
        (void)ledger.write_blocking([released](Database&) -> Result<> {
            released.wait();
            return {};
        });
    });
    std::vector<Result<std::int64_t>> results;
    for (int i = 0; i < 6; ++i)
        net::spawn(io.get_executor(), insert(ledger, "o" + std::to_string(i), i % 3 == 1, results), "write");
    io.run_for(std::chrono::milliseconds(20));
    release.set_value();
    REQUIRE(test::run_until(io, [&] { return results.size() == 6; }));
    holder.join();
    const auto ids = test::run_task(
        io, ledger.read([](Database& database) { return database.query("SELECT id FROM organisations ORDER BY id"); }));
    REQUIRE(ids.has_value());
    std::string joined;
    for (const auto& row : *ids) joined += row.text(0) + " ";
    REQUIRE(joined == "o0 o2 o3 o5 ");
}

TEST_CASE("a reader can't write", "[ledger]") {
    const test::TemporaryFolder folder;
    net::asio::io_context io;
    Ledger ledger(test::ledger_location(folder));
    auto work = [](Database& database) { return database.execute(insert_organisation, {std::string("o1")}); };
    REQUIRE(test::run_task(io, ledger.read(work)).has_error());
    REQUIRE(test::run_task(io, ledger.write(work)).has_value());
}
