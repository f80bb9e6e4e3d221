#include <catch2/catch.hpp>
#include <filesystem>

#include "integration/till/shop.hpp"
#include "ledger/backup.hpp"
#include "support/ledger_location.hpp"
#include "support/process.hpp"

// Backup while selling, and the drill after all is lost (row F56 of the fault matrix).

using namespace livefair;
using ledger::Ledger;
using test::order_id;
using test::Shop;

namespace {

/// livefair-ctl with its ledger at `location`.
class Ctl {
public:
    Ctl(const std::string& location, std::vector<std::string> arguments)
        : process_({command(std::move(arguments)), environment(location), folder_.file("out"), {}}) {}
    /// Its exit status, at its end.
    int wait() { return process_.wait(std::chrono::seconds(60)).value_or(-1000); }
    bool is_running() { return process_.is_running(); }
    std::string output() const { return process_.output(); }

private:
    static std::vector<std::string> command(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), LIVEFAIR_CTL_PROGRAM);
        return arguments;
    }
    static std::map<std::string, std::string> environment(const std::string& location) {
        return {{test::ledger_is_postgres() ? "LIVEFAIR_LEDGER_URL" : "LIVEFAIR_LEDGER_PATH", location}};
    }
    test::TemporaryFolder folder_;
    test::Process process_;
};

std::string buyer(int number) {
    return "b" + std::to_string(number);
}

net::Task<> buy(Shop& shop, int number, std::size_t& accepted) {
    const auto answer = co_await shop.gateways[0]->checkout.place(AccountId(buyer(number)),
                                                                  shop.request(order_id(number), buyer(number), "box"));
    if (answer.outcome() == v1::OUTCOME_ACCEPTED) ++accepted;
}

}  // namespace

TEST_CASE("a backup made while selling restores a ledger that sells on, with all up to its moment and nothing half done",
          "[till][F56]") {
    constexpr int buyers = 130;
    const test::TemporaryFolder folder;
    const auto location = test::ledger_location(folder, "first");
    const auto file = folder.file("ledger.backup");
    std::string first_answer;
    {
        Shop shop(1, Ledger::Options{location, {}, {}});
        shop.add_stock("s1", 1000);
        shop.add_offer("box", 100, {{"s1", 1}});
        for (int i = 0; i < buyers; ++i) shop.add_buyer(buyer(i));
        shop.start();
        shop.open("box");
        first_answer = shop.place(order_id(0), buyer(0), "box").SerializeAsString();
        REQUIRE(shop.pay(order_id(0), 100, "pay0", "event0") == 204);
        for (int i = 1; i < 10; ++i)
            REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
        Ctl backup(location, {"backup", file});
        std::size_t accepted = 0;
        for (int i = 10; i < buyers - 10; ++i) {
            net::spawn(shop.io.get_executor(), buy(shop, i, accepted), "buyer");
            if (i % 5 == 0) test::run_task(shop.io, net::sleep_for(std::chrono::milliseconds(5)));
        }
        const auto all = static_cast<std::size_t>(buyers - 20);
        REQUIRE(test::run_until(
            shop.io, [&] { return accepted == all && !backup.is_running(); }, std::chrono::seconds(60)));
        INFO(backup.output());
        REQUIRE(backup.wait() == 0);
        CHECK_THAT(backup.output(), Catch::Contains("show show1: ") && Catch::Contains("all up to 20") && Catch::Contains("UTC"));
        for (int i = buyers - 10; i < buyers; ++i)
            REQUIRE(shop.place(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
        // A second backup does not touch the first.
        Ctl again(location, {"backup", file});
        CHECK(again.wait() != 0);
        CHECK_THAT(again.output(), Catch::Contains("is there already"));
    }
    // Redis and the ledger are lost: the shop was both. Another machine begins.
    const auto second = test::ledger_location(folder, "second");
    Ctl restore(second, {"restore", file});
    REQUIRE(restore.wait() == 0);
    CHECK_THAT(restore.output(), Catch::Contains("all up to 20") && Catch::Contains("nothing after it") &&
                                     Catch::Contains("RTO") && Catch::Contains("RPO"));
    Shop shop(1, Ledger::Options{second, {}, {}});
    const auto kept = shop.number("SELECT count(*) FROM orders");
    REQUIRE(kept >= 10);
    REQUIRE(kept <= buyers - 10);
    REQUIRE(shop.number("SELECT epoch FROM tills") > 1000);
    shop.start();
    REQUIRE(shop.place_finally(order_id(0), buyer(0), "box").SerializeAsString() == first_answer);
    REQUIRE(shop.number("SELECT count(*) FROM orders WHERE state = 2") == 1);
    REQUIRE(shop.reconcile() == "");
    // Who was accepted after the backup asks again and is served anew.
    for (int i = buyers - 10; i < buyers; ++i)
        REQUIRE(shop.place_finally(order_id(i), buyer(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == kept + 10);
    REQUIRE(shop.number("SELECT committed FROM stocks") == kept + 10);
    REQUIRE(shop.reconcile() == "");
}

TEST_CASE("a ledger is restored where there is none, and from a whole file alone", "[ledger][F56]") {
    const test::TemporaryFolder folder;
    const auto location = test::ledger_location(folder, "first");
    { const Ledger made(location); }
    const auto file = folder.file("ledger.backup");
    REQUIRE(ledger::back_up(location, file).orders == 0);
    REQUIRE_THROWS_WITH(ledger::restore(file, location),
                        Catch::Contains(test::ledger_is_postgres() ? "has tables" : "held by another") ||
                            Catch::Contains("is there already"));
    REQUIRE_THROWS_WITH(ledger::restore(folder.file("nothing"), location), Catch::Contains("there is no file"));

    const auto whole = test::read_file(file);
    test::write_file(folder.file("cut"), whole.substr(0, whole.size() / 2));
    const auto third = test::ledger_location(folder, "third");
    REQUIRE_THROWS(ledger::restore(folder.file("cut"), third));
    test::write_file(folder.file("other"), "hello");
    REQUIRE_THROWS(ledger::restore(folder.file("other"), third));
    if (!test::ledger_is_postgres()) REQUIRE_FALSE(std::filesystem::exists(third));
    // Those that failed left nothing behind that is in the way.
    REQUIRE(ledger::restore(file, third).schema_version > 0);
    const Ledger restored(third);
}
