#include "ledger/products.hpp"

#include "unit/server/ledger/goods_of_a_show.hpp"

using namespace livefair;

namespace {

v1::Product wine(const std::string& id, const std::string& sku) {
    v1::Product made;
    made.set_id(id);
    made.set_title("和硕干红");
    made.set_unit("瓶");
    made.set_net_weight_g(750);
    made.set_origin_code("652828");
    made.set_origin_name("和硕");
    made.set_sku(sku);
    made.set_price_fen(9'999'999'999);
    made.set_pricing_unit("瓶");
    made.set_list_price_fen(10'000'000'000);
    made.set_list_price_basis("门店价");
    made.set_age_min(18);
    made.set_households(23);
    made.set_people(1'000'000'000);
    made.set_picture_url("/p/1.jpg");
    made.add_picture_urls("/p/2.jpg");
    made.add_picture_urls("/p/3.jpg");
    return made;
}

}  // namespace

TEST_CASE("a product keeps all that was said of it", "[ledger]") {
    test::FreshDatabase db;
    REQUIRE(ledger::create_product(*db, wine("w", "R-1"), 1).has_value());
    const auto found = ledger::find_product_by_sku(*db, "", "R-1").value();
    REQUIRE(found);
    CHECK(found->SerializeAsString() == wine("w", "R-1").SerializeAsString());
    CHECK_FALSE(ledger::find_product_by_sku(*db, "", "R-2").value());
    CHECK_FALSE(ledger::find_product_by_sku(*db, "coop", "R-1").value());
    CHECK(ledger::list_products(*db)->products_size() == 1);
}

TEST_CASE("a SKU is one product of its supplier, and without one there may be many", "[ledger]") {
    test::FreshDatabase db;
    REQUIRE((*db)
                .execute("INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('coop', 'x', "
                         "'cooperative', '652828', 0)")
                .has_value());
    REQUIRE(ledger::create_product(*db, wine("a", "R-1"), 1).has_value());
    auto theirs = wine("b", "R-1");
    theirs.set_supplier_id("coop");
    CHECK(ledger::create_product(*db, theirs, 1).has_value());
    CHECK(ledger::create_product(*db, wine("c", ""), 1).has_value());
    CHECK(ledger::create_product(*db, wine("d", ""), 1).has_value());
    CHECK_FALSE(ledger::find_product_by_sku(*db, "", "").value());
    CHECK(ledger::create_product(*db, wine("e", "R-1"), 1).error() == Errc::conflict);
    CHECK(ledger::products_page(*db, "", ProductId(), 9)->size() == 4);
    const auto page = ledger::products_page(*db, "", ProductId("a"), 2).value();
    REQUIRE(page.size() == 2);
    CHECK(page[1].id() == "c");
    REQUIRE(ledger::products_page(*db, "coop", ProductId(), 9)->size() == 1);
    CHECK(ledger::products_page(*db, "coop", ProductId(), 9)->front().id() == "b");
}

TEST_CASE("what the schema bounds no way in can break", "[ledger]") {
    for (const auto& [column, value] : std::vector<std::pair<std::string, std::int64_t>>{{"price_fen", -1},
                                                                                         {"price_fen", 10'000'000'001},
                                                                                         {"list_price_fen", INT64_MAX},
                                                                                         {"age_min", 16},
                                                                                         {"households", -1},
                                                                                         {"people", 1'000'000'001}}) {
        test::FreshDatabase db;
        REQUIRE(ledger::create_product(*db, wine("a", "R-1"), 1).has_value());
        CHECK((*db).execute("UPDATE products SET " + column + " = ?", {value}).error() == Errc::conflict);
    }
}

TEST_CASE("what orders go by stays once a show has stock of a product", "[ledger]") {
    test::FreshDatabase db;
    REQUIRE(ledger::create_product(*db, wine("w", "R-1"), 1).has_value());
    auto changed = wine("w", "R-1");
    changed.set_net_weight_g(1500);
    CHECK(ledger::change_product(*db, changed).has_value());
    test::add_show(*db);
    test::add_stock(*db, "w");
    changed.set_title("新名");
    changed.set_price_fen(1);
    CHECK(ledger::change_product(*db, changed).has_value());
    const auto refused = [&](auto change) {
        auto other = changed;
        change(other);
        CHECK(ledger::change_product(*db, other).error() == Errc::conflict);
        return ledger::frozen_field(*db, other).value();
    };
    CHECK(refused([](auto& p) { p.set_unit("箱"); }) == "unit");
    CHECK(refused([](auto& p) { p.set_net_weight_g(750); }) == "netWeightG");
    CHECK(refused([](auto& p) { p.set_origin_code("652822"); }) == "originCode");
    CHECK(refused([](auto& p) { p.set_origin_name("轮台"); }) == "originName");
    CHECK(refused([](auto& p) { p.set_age_min(0); }) == "ageMin");
    CHECK(ledger::change_product(*db, wine("nobody", "x")).error() == Errc::not_found);
    CHECK(ledger::find_product_by_sku(*db, "", "R-1").value()->title() == "新名");
}

TEST_CASE("an offer is for grown-ups alone when any of its goods is", "[ledger]") {
    test::FreshDatabase db;
    REQUIRE(ledger::create_product(*db, wine("w", "R-1"), 1).has_value());
    auto cheese = wine("c", "C-1");
    cheese.set_age_min(0);
    REQUIRE(ledger::create_product(*db, cheese, 1).has_value());
    test::add_show(*db);
    for (const auto* product : {"c", "w"}) test::add_stock(*db, product);
    test::add_offer(*db, "with-c", {"c"});
    test::add_offer(*db, "with-w", {"c", "w"}, "w");
    CHECK(ledger::find_offer(*db, OfferId("with-c"))->age_min() == 0);
    CHECK(ledger::find_offer(*db, OfferId("with-w"))->age_min() == 18);
}
