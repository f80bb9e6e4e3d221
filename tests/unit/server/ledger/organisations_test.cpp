#include "ledger/organisations.hpp"

#include <livefair/v1/catalog.pb.h>

#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using ledger::TreeFault;

namespace {

v1::Organisation organisation(const std::string& id, const std::string& kind, const std::string& region,
                              const std::string& parent = "", const std::string& level = "") {
    v1::Organisation made;
    made.set_id(id);
    made.set_name("组织 " + id);
    made.set_kind(kind);
    made.set_region_code(region);
    made.set_parent_id(parent);
    made.set_level(level);
    return made;
}

void add(ledger::Database& db, const v1::Organisation& made) {
    REQUIRE(ledger::create_organisation(db, made, 1).has_value());
}

TreeFault fault(ledger::Database& db, const v1::Organisation& made) {
    return ledger::tree_fault(db, made).value();
}

/// The federation from the country down to Xinhuang.
void fill(ledger::Database& db) {
    add(db, organisation("national", "womens_federation", "100000"));
    add(db, organisation("hunan", "womens_federation", "430000", "national"));
    add(db, organisation("huaihua", "womens_federation", "431200", "hunan"));
    add(db, organisation("xinhuang", "womens_federation", "431227", "huaihua"));
}

}  // namespace

TEST_CASE("organisations form a tree whose parents exist, with the level of their place", "[ledger]") {
    test::FreshDatabase db;
    CHECK(
        ledger::create_organisation(*db, organisation("hunan", "womens_federation", "430000", "national"), 1).error() ==
        Errc::not_found);
    fill(*db);
    CHECK(
        ledger::create_organisation(*db, organisation("hunan", "womens_federation", "430000", "national"), 3).error() ==
        Errc::conflict);
    const auto list = ledger::list_organisations(*db).value();
    REQUIRE(list.organisations_size() == 4);
    CHECK(list.organisations(0).id() == "huaihua");
    CHECK(list.organisations(0).level() == "city");
    CHECK(list.organisations(0).parent_id() == "hunan");
    CHECK(list.organisations(2).level() == "national");
    CHECK(list.organisations(3).level() == "county");
}

TEST_CASE("a public body is a level below its parent and inside its place", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK(fault(*db, organisation("x", "trade_union", "431200", "huaihua")) == TreeFault::level);
    CHECK(fault(*db, organisation("x", "trade_union", "430000", "huaihua")) == TreeFault::level);
    CHECK(fault(*db, organisation("x", "government", "430529", "huaihua")) == TreeFault::place);
    CHECK(fault(*db, organisation("x", "government", "431228", "huaihua")) == TreeFault::none);
    CHECK(fault(*db, organisation("x", "government", "431228", "hunan")) == TreeFault::none);
    CHECK(fault(*db, organisation("x", "government", "431228", "huaihua", "city")) == TreeFault::level);
    CHECK(ledger::create_organisation(*db, organisation("x", "government", "430529", "huaihua"), 1).error() ==
          Errc::invalid_input);
}

TEST_CASE("an enterprise or a class may have its body's level, and no public body is below it", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    add(*db, organisation("farm", "enterprise", "431227", "xinhuang"));
    add(*db, organisation("class-1", "class", "110101", "xinhuang"));
    CHECK(fault(*db, organisation("x", "enterprise", "430000", "xinhuang")) == TreeFault::level);
    CHECK(fault(*db, organisation("x", "enterprise", "431227", "farm")) == TreeFault::none);
    CHECK(fault(*db, organisation("x", "class", "431227", "class-1")) == TreeFault::parent);
    CHECK(fault(*db, organisation("x", "trade_union", "431227", "farm")) == TreeFault::parent);
}

TEST_CASE("the tree has at most eight levels, and moving keeps to that", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    std::string parent = "xinhuang";
    for (const auto* id : {"c5", "c6", "c7", "c8"}) {
        add(*db, organisation(id, "cooperative", "431227", parent));
        parent = id;
    }
    CHECK(fault(*db, organisation("c9", "cooperative", "431227", "c8")) == TreeFault::depth);
    add(*db, organisation("a", "cooperative", "431227"));
    add(*db, organisation("b", "cooperative", "431227", "a"));
    CHECK(fault(*db, organisation("a", "cooperative", "431227", "c7")) == TreeFault::depth);
    CHECK(ledger::change_organisation(*db, organisation("a", "cooperative", "431227", "c6")).has_value());
}

TEST_CASE("no organisation hangs below itself, and a change must suit those below", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    add(*db, organisation("a", "enterprise", "431227"));
    add(*db, organisation("b", "enterprise", "431227", "a"));
    add(*db, organisation("c", "enterprise", "431227", "b"));
    CHECK(fault(*db, organisation("a", "enterprise", "431227", "c")) == TreeFault::cycle);
    CHECK(fault(*db, organisation("a", "enterprise", "431227", "a")) == TreeFault::cycle);
    CHECK(fault(*db, organisation("hunan", "womens_federation", "440000", "national")) == TreeFault::child);
    CHECK(fault(*db, organisation("hunan", "class", "430000", "national")) == TreeFault::child);
    CHECK(ledger::change_organisation(*db, organisation("nobody", "enterprise", "431227")).error() == Errc::not_found);
    auto renamed = organisation("hunan", "womens_federation", "430000", "national");
    renamed.set_name("湖南省妇女联合会");
    CHECK(ledger::change_organisation(*db, renamed).has_value());
    CHECK(ledger::list_organisations(*db)->organisations(0).name() == "湖南省妇女联合会");
}
