#include "commerce/end_check.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "integration/till/shop.hpp"

using namespace livefair;
using test::order_id;
using test::Shop;

namespace {

/// A show that has sold three boxes, two of them paid.
struct EndedShow : Shop {
    EndedShow() {
        add_stock("s1", 10);
        add_offer("box", 9900, {{"s1", 1}});
        add_buyer("b1");
        start();
        open("box");
        for (int i = 1; i <= 3; ++i) REQUIRE(place(order_id(i), "b1", "box").outcome() == v1::OUTCOME_ACCEPTED);
        for (int i = 1; i <= 2; ++i)
            REQUIRE(pay(order_id(i), 9900, "pay" + std::to_string(i), "event" + std::to_string(i)) == 204);
        settle();
        check.emplace(io.get_executor(), gateways[0]->till, *ledger, side->projector, clock, std::chrono::seconds(5));
    }
    void end() {
        write("UPDATE shows SET state = 3", {});
        REQUIRE(run(gateways[0]->sales.end_show(show)).has_value());
        settle();
    }
    std::int64_t round() {
        const auto done = run(check->run_once());
        REQUIRE(done.has_value());
        return *done;
    }
    FakeClock clock;
    std::optional<commerce::EndCheck> check;  ///< After start(), which makes what it works with.
};

}  // namespace

TEST_CASE("a show is recounted by itself after its end, once its last order is settled, and never again", "[till]") {
    EndedShow shop;
    CHECK(shop.round() == 0);
    shop.end();
    CHECK(shop.round() == 0);  // one order may still be paid
    REQUIRE(shop.cancel(order_id(3), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    shop.settle();
    // What the cancelled order gives back goes to the inventory first.
    REQUIRE(test::run_until(
        shop.io,
        [&] {
            return shop.number("SELECT count(*) FROM allocation_changes WHERE state < 3") == 0 &&
                   shop.number("SELECT total FROM stocks") == 2;
        },
        std::chrono::seconds(10)));
    CHECK(shop.round() == 1);
    CHECK(shop.number("SELECT differences FROM reconciliations") == 0);
    CHECK(shop.number("SELECT count(*) FROM reconciliations WHERE first_difference = ''") == 1);
    CHECK(shop.round() == 0);
    CHECK(shop.number("SELECT count(*) FROM reconciliations") == 1);
}

TEST_CASE("what does not add up after a show's end is counted three times, then noted with its first difference",
          "[till]") {
    EndedShow shop;
    REQUIRE(shop.cancel(order_id(3), "b1").outcome() == v1::OUTCOME_ACCEPTED);
    shop.settle();
    shop.end();
    REQUIRE(test::run_until(
        shop.io,
        [&] {
            return shop.number("SELECT count(*) FROM allocation_changes WHERE state < 3") == 0 &&
                   shop.number("SELECT total FROM stocks") == 2;
        },
        std::chrono::seconds(10)));
    shop.write("UPDATE sales_sums SET paid_fen = paid_fen + 1 WHERE dimension = 1", {});
    CHECK(shop.round() == 0);
    CHECK(shop.round() == 0);
    CHECK(shop.round() == 1);
    CHECK(shop.number("SELECT differences FROM reconciliations") == 1);
    CHECK(shop.number(
              "SELECT count(*) FROM reconciliations WHERE first_difference = 'sum paid_fen of show1: 19800 / 19801'") ==
          1);
}

TEST_CASE("an ended bulk channel or stall, which no till sold for, is recounted, too", "[till]") {
    EndedShow shop;
    for (const auto* channel : {"3", "4"})
        shop.write(std::string("INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms, channel) VALUES ('own") + channel +
                       "', 'own" + channel + "', '大宗', 2, 0, 0, 0, " + channel + ")", {});
    CHECK(shop.round() == 0);
    shop.write("UPDATE shows SET state = 3 WHERE channel IN (3, 4)", {});
    // Goods that are gone without an order.
    shop.write("INSERT INTO stocks (id, show_id, product_id, total, committed) SELECT 'gone', 'own4', product_id, 5, 1 FROM stocks WHERE id = 's1'", {});
    CHECK(shop.round() == 1);
    CHECK(shop.number("SELECT differences FROM reconciliations WHERE show_id = 'own3'") == 0);
    CHECK(shop.round() == 0);
    CHECK(shop.round() == 1);
    CHECK(shop.number("SELECT differences FROM reconciliations WHERE show_id = 'own4'") > 0);
    CHECK(shop.round() == 0);
}
