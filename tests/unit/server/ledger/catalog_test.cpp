#include "ledger/catalog.hpp"

#include <livefair/v1/catalog.pb.h>


#include "ledger/offer_lines.hpp"
#include "ledger/people.hpp"
#include "ledger/products.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;

namespace {

v1::Product product(const std::string& id, std::int64_t weight_g, const std::string& origin) {
    v1::Product made;
    made.set_id(id);
    made.set_title("冰糖橙");
    made.set_unit("箱");
    made.set_net_weight_g(weight_g);
    made.set_origin_code("431227");
    made.set_origin_name(origin);
    made.set_supplier_name("新晃合作社");
    return made;
}

v1::Show show(const std::string& id, const std::string& room) {
    v1::Show made;
    made.set_id(id);
    made.set_room_id(room);
    made.set_title("湖南专场");
    made.set_starts_ms(1'000);
    return made;
}

v1::Stock stock(const std::string& id, const std::string& show_id, const std::string& product_id, std::int64_t total) {
    v1::Stock made;
    made.set_id(id);
    made.set_show_id(show_id);
    made.set_product_id(product_id);
    made.set_total(total);
    return made;
}

v1::Offer offer(const std::string& id, std::int64_t price_fen,
                std::vector<std::pair<std::string, std::int64_t>> lines) {
    v1::Offer made;
    made.set_id(id);
    made.set_show_id("show-a");
    made.set_title("一号链接");
    made.set_kind(lines.size() > 1 ? v1::OFFER_KIND_BUNDLE : v1::OFFER_KIND_NORMAL);
    made.set_price_fen(price_fen);
    made.set_limit_per_buyer(2);
    made.set_hold_ms(900'000);
    for (const auto& [stock_id, quantity] : lines) {
        auto* line = made.add_lines();
        line->set_stock_id(stock_id);
        line->set_quantity(quantity);
    }
    return made;
}

/// Two shows; show-a has stock of two products from two counties.
void fill(ledger::Database& db) {
    REQUIRE(ledger::create_product(db, product("orange", 5000, "新晃"), 1).has_value());
    REQUIRE(ledger::create_product(db, product("tea", 100, "紫阳"), 1).has_value());
    REQUIRE(ledger::create_show(db, show("show-a", "room-a"), 1).has_value());
    REQUIRE(ledger::create_show(db, show("show-b", "room-b"), 1).has_value());
    REQUIRE(ledger::create_stock(db, stock("oranges", "show-a", "orange", 100)).has_value());
    REQUIRE(ledger::create_stock(db, stock("teas", "show-a", "tea", 9)).has_value());
    REQUIRE(ledger::create_stock(db, stock("elsewhere", "show-b", "tea", 9)).has_value());
}

}  // namespace

TEST_CASE("a show moves from planned to live to ended and never back", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    const ShowId id("show-a");
    CHECK(ledger::set_show_state(*db, id, v1::SHOW_STATE_ENDED).error() == Errc::conflict);
    CHECK(ledger::set_show_state(*db, id, v1::SHOW_STATE_LIVE).has_value());
    CHECK(ledger::set_show_state(*db, id, v1::SHOW_STATE_LIVE).has_value());
    CHECK(ledger::set_show_state(*db, id, v1::SHOW_STATE_ENDED).has_value());
    CHECK(ledger::set_show_state(*db, id, v1::SHOW_STATE_LIVE).error() == Errc::conflict);
    CHECK(ledger::find_show(*db, id)->state() == v1::SHOW_STATE_ENDED);
    CHECK(ledger::set_show_state(*db, ShowId("none"), v1::SHOW_STATE_LIVE).error() == Errc::not_found);
}

TEST_CASE("one room belongs to one show", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK(ledger::create_show(*db, show("show-c", "room-a"), 1).error() == Errc::conflict);
    CHECK(ledger::show_of_room(*db, RoomId("room-a")).value() == ShowId("show-a"));
    CHECK(ledger::room_of_show(*db, ShowId("show-b")).value() == RoomId("room-b"));
    CHECK(ledger::show_of_room(*db, RoomId("room-x")).error() == Errc::not_found);
    CHECK(ledger::list_shows(*db)->shows_size() == 2);
}

TEST_CASE("an offer of one product shows that product's unit, weight and origin", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    REQUIRE(ledger::create_offer(*db, offer("o1", 9900, {{"oranges", 1}}), 5).has_value());
    const auto found = ledger::find_offer(*db, OfferId("o1")).value();
    CHECK(found.number() == 1);
    CHECK(found.state() == v1::OFFER_STATE_DRAFT);
    CHECK(found.unit() == "箱");
    CHECK(found.net_weight_g() == 5000);
    CHECK(found.origin_name() == "新晃");
    CHECK(found.supplier_name() == "新晃合作社");
    CHECK(found.left() == 100);
    REQUIRE(found.lines_size() == 1);
    CHECK(found.lines(0).share_fen() == 9900);
    CHECK(found.lines(0).product_id() == "orange");
}

TEST_CASE("a bundle names both counties, splits its price and is bound by its scarcest part", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    REQUIRE(ledger::create_offer(*db, offer("o1", 9900, {{"oranges", 1}, {"teas", 2}}), 5).has_value());
    const auto found = ledger::find_offer(*db, OfferId("o1")).value();
    CHECK(found.unit() == "份");
    CHECK(found.net_weight_g() == 5200);
    CHECK(found.origin_name() == "新晃、紫阳");
    CHECK(found.left() == 4);
    CHECK(found.lines(0).share_fen() + found.lines(1).share_fen() == 9900);
    CHECK(found.lines(0).share_fen() == 9900 * 5000 / 5200);
}

TEST_CASE("shares that are given must add up to the price", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    auto given = offer("o1", 9900, {{"oranges", 1}, {"teas", 1}});
    given.mutable_lines(0)->set_share_fen(9000);
    given.mutable_lines(1)->set_share_fen(899);
    CHECK(ledger::create_offer(*db, given, 5).error() == Errc::invalid_input);
    given.set_id("o2");
    given.mutable_lines(1)->set_share_fen(900);
    // The numbers go on behind the first try, whose row a real transaction would have rolled back.
    CHECK(ledger::create_offer(*db, given, 5).has_value());
    CHECK(ledger::find_offer(*db, OfferId("o2"))->lines(1).share_fen() == 900);
}

TEST_CASE("an offer takes stock and segments of its own show alone", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK(ledger::create_offer(*db, offer("o1", 100, {{"elsewhere", 1}}), 5).error() == Errc::invalid_input);
    CHECK(ledger::create_offer(*db, offer("o2", 100, {{"nothing", 1}}), 5).error() == Errc::not_found);
    v1::Host host;
    host.set_id("host");
    host.set_name("李");
    REQUIRE(ledger::create_host(*db, host, 1).has_value());
    v1::Segment segment;
    segment.set_id("segment-b");
    segment.set_show_id("show-b");
    segment.set_position(1);
    segment.set_host_id("host");
    REQUIRE(ledger::create_segment(*db, segment).has_value());
    CHECK(ledger::find_segment(*db, SegmentId("segment-b"))->host_name() == "李");
    const auto shows = ledger::list_shows(*db).value();
    for (const auto& listed : shows.shows()) {
        CHECK(listed.segments_size() == (listed.id() == "show-b" ? 1 : 0));
        CHECK(listed.offers_size() == 0);
    }
    auto in_segment = offer("o3", 100, {{"oranges", 1}});
    in_segment.set_segment_id("segment-b");
    CHECK(ledger::create_offer(*db, in_segment, 5).error() == Errc::invalid_input);
}

TEST_CASE("a number or an id that is taken is a conflict", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    auto first = offer("o1", 100, {{"oranges", 1}});
    first.set_number(3);
    CHECK(ledger::create_offer(*db, first, 5).has_value());
    first.set_id("o2");
    CHECK(ledger::create_offer(*db, first, 5).error() == Errc::conflict);
    first.set_number(0);
    CHECK(ledger::create_offer(*db, first, 5).has_value());
    CHECK(ledger::find_offer(*db, OfferId("o2"))->number() == 4);
}

TEST_CASE("the table itself refuses more committed units than there are", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK((*db).execute("UPDATE stocks SET committed = 100 WHERE id = 'oranges'").value() == 1);
    CHECK((*db).execute("UPDATE stocks SET committed = committed + 1 WHERE id = 'oranges'").error() == Errc::conflict);
    CHECK((*db).execute("UPDATE stocks SET committed = -1 WHERE id = 'oranges'").error() == Errc::conflict);
}

TEST_CASE("a room has one stream key, and the one it replaces is told", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK(ledger::replace_stream_key(*db, RoomId("room-a"), ledger::StreamKeyRole::main, "hash-1", 1).value().empty());
    CHECK(ledger::replace_stream_key(*db, RoomId("room-a"), ledger::StreamKeyRole::main, "hash-2", 2).value() == "hash-1");
    CHECK(ledger::replace_stream_key(*db, RoomId("room-b"), ledger::StreamKeyRole::main, "hash-3", 3).value().empty());
    CHECK(ledger::replace_stream_key(*db, RoomId("room-x"), ledger::StreamKeyRole::main, "hash-4", 3).error() == Errc::not_found);
    const auto keys = ledger::list_stream_keys(*db).value();
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].key_hash == "hash-2");
    CHECK(keys[1].room == RoomId("room-b"));
}
