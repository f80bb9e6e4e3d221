#include "ledger/leases.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "integration/till/shop.hpp"
#include "ledger/migrations.hpp"
#include "support/ledger_location.hpp"

// Who projects a show: one program at a time, and never one that was overtaken (row F21 of the fault matrix).

using namespace livefair;
using ledger::Database;
using ledger::Ledger;
using ledger::Lease;
using std::chrono::milliseconds;
using test::order_id;
using test::Shop;

namespace {

constexpr milliseconds long_time{3'600'000};

/// Two programs' connections to one ledger with the show "show1".
struct TwoPrograms {
    TwoPrograms() {
        const auto location = test::ledger_location(folder);
        for (auto* database : {&first, &second}) {
            auto opened = Database::open(location, Database::Mode::read_write);
            REQUIRE(opened.has_value());
            *database = std::move(*opened);
        }
        REQUIRE(ledger::migrate(*first, ledger::known_migrations()).has_value());
        REQUIRE(first
                    ->execute("INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES "
                              "('show1', 'room1', '', 2, 0, 0, 0)")
                    .has_value());
    }
    test::TemporaryFolder folder;
    std::unique_ptr<Database> first, second;
    const ShowId show{"show1"};
};

}  // namespace

TEST_CASE("a show's lease is had by one program until it is not heard of any more, and each has a higher token",
          "[ledger][F21]") {
    TwoPrograms two;
    REQUIRE(ledger::prolong_projector(*two.first, "one", long_time).has_value());
    const auto first = ledger::take_lease(*two.first, two.show, "one").value();
    REQUIRE(first.has_value());
    REQUIRE(ledger::prolong_projector(*two.second, "two", long_time).has_value());
    REQUIRE_FALSE(ledger::take_lease(*two.second, two.show, "two").value().has_value());
    REQUIRE(ledger::check_leases(*two.first, {*first}).has_value());

    // Its time is over by the database's clock.
    REQUIRE(ledger::prolong_projector(*two.first, "one", milliseconds(-1)).has_value());
    const auto second = ledger::take_lease(*two.second, two.show, "two").value();
    REQUIRE(second.has_value());
    REQUIRE(second->token > first->token);
    REQUIRE(ledger::prolong_projector(*two.first, "one", long_time).has_value());
    REQUIRE(ledger::check_leases(*two.first, {*first}).error() == Errc::forbidden);
    REQUIRE(ledger::check_leases(*two.second, {*second}).has_value());

    REQUIRE(ledger::leave_projector(*two.second, "two").has_value());
    REQUIRE(ledger::take_lease(*two.first, two.show, "one").value()->token > second->token);
    REQUIRE(ledger::check_leases(*two.second, {*second}).error() == Errc::forbidden);
    REQUIRE(ledger::check_leases(*two.first, {Lease{two.show, -1}}).error() == Errc::forbidden);
}

TEST_CASE("a transaction that depends on a lease and one that takes it are never both committed", "[ledger][F21]") {
    TwoPrograms two;
    REQUIRE(ledger::prolong_projector(*two.first, "one", long_time).has_value());
    const auto lease = ledger::take_lease(*two.first, two.show, "one").value();
    REQUIRE(ledger::prolong_projector(*two.first, "one", milliseconds(-1)).has_value());
    // The old one has begun its transaction, and stops before its commit.
    REQUIRE(two.first->begin().has_value());
    REQUIRE(ledger::check_leases(*two.first, {*lease}).has_value());
    REQUIRE(two.first->execute("UPDATE heartbeat SET at_ms = 1").has_value());
    auto taking = std::async(std::launch::async, [&]() -> bool {
        if (!two.second->begin()) return false;
        const auto alive = ledger::prolong_projector(*two.second, "two", long_time);
        const auto taken = alive ? ledger::take_lease(*two.second, two.show, "two")
                                 : Result<std::optional<Lease>>(alive.error());
        if (taken && taken->has_value() && two.second->commit()) return true;
        two.second->rollback();
        return false;
    });
    // It can't have it while the old one's transaction lasts.
    REQUIRE(taking.wait_for(milliseconds(300)) == std::future_status::timeout);
    const bool was_written = two.first->commit().has_value();
    const bool was_taken = taking.get();
    REQUIRE((was_written || was_taken));
    if (was_taken && was_written) {
        // One after the other: what comes after the taking is refused.
        REQUIRE(ledger::check_leases(*two.first, {*lease}).error() == Errc::forbidden);
    }
}

TEST_CASE("a projector that stops for longer than its lease is followed by another, and writes nothing when it wakes",
          "[till][F21]") {
    // An SQLite file has one program; its lock sees to that.
    if (!test::ledger_is_postgres()) return;
    const test::TemporaryFolder folder;
    const auto location = test::ledger_location(folder);
    Shop shop(1, Ledger::Options{location, {}, {}});
    Ledger second_ledger(location);
    shop.add_stock("s1", 100);
    shop.add_offer("box", 100, {{"s1", 1}});
    for (int i = 0; i < 20; ++i) shop.add_buyer("b" + std::to_string(i));
    shop.start();
    shop.open("box");
    for (int i = 0; i < 5; ++i)
        REQUIRE(shop.place(order_id(i), "b" + std::to_string(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    auto second = shop.another_ledger_side(second_ledger);

    // The first program's writer stands still, as all of it would under SIGSTOP.
    std::promise<void> wake;
    std::thread sleeper([&, woken = wake.get_future().share()] {
        (void)shop.ledger->write_blocking([woken](Database&) -> Result<> {
            woken.wait();
            return {};
        });
    });
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 5; i < 15; ++i)
        REQUIRE(shop.place_finally(order_id(i), "b" + std::to_string(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    const auto took = std::chrono::steady_clock::now() - begun;
    CHECK(took < std::chrono::seconds(10));
    REQUIRE_FALSE(second->commits.empty());
    const auto first_commits = shop.side->commits.size();

    wake.set_value();
    sleeper.join();
    test::run_task(shop.io, net::sleep_for(milliseconds(500)));
    REQUIRE(shop.side->commits.size() == first_commits);
    for (int i = 15; i < 20; ++i)
        REQUIRE(shop.place_finally(order_id(i), "b" + std::to_string(i), "box").outcome() == v1::OUTCOME_ACCEPTED);
    REQUIRE(shop.number("SELECT count(*) FROM orders") == 20);
    REQUIRE(shop.number("SELECT committed FROM stocks") == 20);
    REQUIRE(shop.number("SELECT token FROM leases") == 2);
    second->stop();
    shop.io.restart();
    shop.io.run_for(milliseconds(500));
}
