#include "ledger/people.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/order.pb.h>

#include "ledger/organisations.hpp"
#include "unit/server/ledger/fresh_database.hpp"

using namespace livefair;
using ledger::CodeCheck;

namespace {

v1::Organisation organisation(const std::string& id, const std::string& parent = "") {
    v1::Organisation made;
    made.set_id(id);
    made.set_name("株洲市妇联");
    made.set_kind("womens_federation");
    made.set_region_code("430200");
    made.set_parent_id(parent);
    return made;
}

v1::Address address(const std::string& id) {
    v1::Address made;
    made.set_id(id);
    made.set_recipient("王小明");
    made.set_phone("13800001234");
    made.set_region_code("430102");
    made.set_region_name("长沙市芙蓉区");
    made.set_detail("五一大道1号");
    return made;
}

}  // namespace

TEST_CASE("the first sign-in with a phone makes the account and later ones find it", "[ledger]") {
    test::FreshDatabase db;
    const auto first = ledger::account_of_phone(*db, "13800001234", "小明", 1).value();
    CHECK(ledger::account_of_phone(*db, "13800001234", "other", 2).value() == first);
    CHECK(ledger::account_of_phone(*db, "13800005678", "小红", 3).value() != first);
    const auto account = ledger::find_account(*db, first).value();
    CHECK(account.nickname() == "小明");
    CHECK(account.phone_masked() == "138****1234");
    CHECK(account.grants_size() == 0);
    CHECK(ledger::find_account(*db, AccountId("nobody")).error() == Errc::not_found);
}

TEST_CASE("staff have a name that is theirs alone, a password hash and grants", "[ledger]") {
    test::FreshDatabase db;
    CHECK(ledger::count_operators(*db).value() == 0);
    const auto account = ledger::create_staff(*db, "anna", "hash", "Anna", {{auth::Role::host, "room-a"}}, 1).value();
    CHECK(ledger::create_staff(*db, "anna", "hash", "Anna", {}, 2).error() == Errc::conflict);
    CHECK(ledger::find_staff_password(*db, "anna")->account == account);
    CHECK(ledger::find_staff_password(*db, "anna")->hash == "hash");
    CHECK(ledger::find_staff_password(*db, "nobody")->hash.empty());
    CHECK(ledger::count_operators(*db).value() == 0);

    CHECK(ledger::add_grant(*db, account, {auth::Role::site_operator, "*"}).has_value());
    CHECK(ledger::add_grant(*db, account, {auth::Role::site_operator, "*"}).has_value());
    CHECK(ledger::count_operators(*db).value() == 1);
    const auto identity = ledger::find_identity(*db, account).value();
    CHECK(identity.grants == std::vector<auth::Grant>{{auth::Role::site_operator, "*"}, {auth::Role::host, "room-a"}});
    CHECK(ledger::add_grant(*db, AccountId("nobody"), {auth::Role::host, "room-a"}).error() == Errc::not_found);
}

TEST_CASE("the ledger itself refuses an operator of one room and a host of the whole site", "[ledger]") {
    test::FreshDatabase db;
    const auto account = ledger::create_staff(*db, "anna", "hash", "Anna", {}, 1).value();
    CHECK(ledger::add_grant(*db, account, {auth::Role::site_operator, "room-a"}).error() == Errc::conflict);
    CHECK(ledger::add_grant(*db, account, {auth::Role::host, "*"}).error() == Errc::conflict);
}

TEST_CASE("an account holds at most a hundred grants", "[ledger]") {
    test::FreshDatabase db;
    const auto account = ledger::create_staff(*db, "anna", "hash", "Anna", {}, 1).value();
    for (int i = 0; i < 100; ++i)
        CHECK(ledger::add_grant(*db, account, {auth::Role::host, std::to_string(i)}).has_value());
    CHECK(ledger::add_grant(*db, account, {auth::Role::host, "one-more"}).error() == Errc::too_large);
}

TEST_CASE("a phone code works once", "[ledger]") {
    test::FreshDatabase db;
    CHECK(ledger::put_phone_code(*db, "13800001234", "hash", 1000, 5).has_value());
    CHECK(ledger::check_phone_code(*db, "13800005678", "hash", 500).value() == CodeCheck::expired);
    CHECK(ledger::check_phone_code(*db, "13800001234", "hash", 500).value() == CodeCheck::right);
    CHECK(ledger::check_phone_code(*db, "13800001234", "hash", 500).value() == CodeCheck::expired);
}

TEST_CASE("after five wrong tries even the right code is refused", "[ledger]") {
    test::FreshDatabase db;
    CHECK(ledger::put_phone_code(*db, "13800001234", "hash", 1000, 5).has_value());
    for (int i = 0; i < 5; ++i)
        CHECK(ledger::check_phone_code(*db, "13800001234", "wrong", 500).value() == CodeCheck::wrong);
    CHECK(ledger::check_phone_code(*db, "13800001234", "hash", 500).value() == CodeCheck::expired);
}

TEST_CASE("a phone code ends with its time, and a new one replaces it", "[ledger]") {
    test::FreshDatabase db;
    CHECK(ledger::put_phone_code(*db, "13800001234", "old", 1000, 5).has_value());
    CHECK(ledger::check_phone_code(*db, "13800001234", "old", 1000).value() == CodeCheck::expired);
    CHECK(ledger::put_phone_code(*db, "13800001234", "new", 2000, 5).has_value());
    CHECK(ledger::check_phone_code(*db, "13800001234", "old", 1500).value() == CodeCheck::wrong);
    CHECK(ledger::check_phone_code(*db, "13800001234", "new", 1500).value() == CodeCheck::right);
}

TEST_CASE("a host may belong to an organisation, which must exist", "[ledger]") {
    test::FreshDatabase db;
    v1::Host host;
    host.set_id("host-1");
    host.set_name("李主席");
    host.set_region_code("430200");
    host.set_region_name("株洲");
    host.set_organisation_id("org");
    CHECK(ledger::create_host(*db, host, 1).error() == Errc::not_found);
    CHECK(ledger::create_organisation(*db, organisation("org"), 1).has_value());
    CHECK(ledger::create_host(*db, host, 1).has_value());
    CHECK(ledger::list_hosts(*db)->hosts(0).name() == "李主席");
}

TEST_CASE("an account sees its own addresses alone, with the phone masked, and has at most twenty", "[ledger]") {
    test::FreshDatabase db;
    const auto mine = ledger::account_of_phone(*db, "13800001234", "a", 1).value();
    const auto theirs = ledger::account_of_phone(*db, "13800005678", "b", 1).value();
    for (int i = 0; i < 20; ++i)
        CHECK(ledger::create_address(*db, mine, address("a" + std::to_string(i)), i).has_value());
    CHECK(ledger::create_address(*db, mine, address("more"), 21).error() == Errc::too_large);
    CHECK(ledger::create_address(*db, theirs, address("a1"), 21).error() == Errc::conflict);
    const auto list = ledger::list_addresses(*db, mine).value();
    REQUIRE(list.addresses_size() == 20);
    CHECK(list.addresses(0).id() == "a19");
    CHECK(list.addresses(0).phone() == "138****1234");
    CHECK(ledger::list_addresses(*db, theirs)->addresses_size() == 0);
}
