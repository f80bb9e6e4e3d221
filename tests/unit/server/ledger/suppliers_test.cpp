#include "ledger/suppliers.hpp"

#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/supply.pb.h>

#include "ledger/catalog.hpp"
#include "ledger/products.hpp"
#include "unit/server/ledger/goods_of_a_show.hpp"

using namespace livefair;

namespace {

const OrganisationId coop("coop");

ledger::SupplierChange change(const std::string& why, std::int64_t at_ms) {
    return {AccountId("op"), why, at_ms};
}

void fill(ledger::Database& db) {
    for (const auto* id : {"coop", "county"})
        REQUIRE(db.execute("INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES (?, ?, "
                           "'cooperative', '431227', 0)",
                           {id, "组织 " + std::string(id)})
                    .has_value());
    REQUIRE(db.execute("INSERT INTO accounts (id, nickname, created_ms) VALUES ('op', '审核员', 0)").has_value());
}

}  // namespace

TEST_CASE("a supplier applies with a recommendation and is vetted, with who, when and why", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    CHECK(ledger::require_supplier(*db, "coop").error() == Errc::not_found);
    CHECK(ledger::apply_as_supplier(*db, OrganisationId("nobody"), "", change("x", 1)).error() == Errc::not_found);
    CHECK(ledger::apply_as_supplier(*db, coop, "nobody", change("x", 1)).error() == Errc::not_found);
    CHECK(ledger::apply_as_supplier(*db, coop, "county", change("自愿申请", 1)).has_value());
    CHECK(ledger::apply_as_supplier(*db, coop, "", change("x", 2)).error() == Errc::conflict);
    CHECK(ledger::set_supplier_state(*db, coop, v1::SUPPLIER_STATE_VETTED, change("资质齐全", 3)).has_value());
    CHECK(ledger::set_supplier_state(*db, coop, v1::SUPPLIER_STATE_VETTED, change("again", 4)).has_value());
    CHECK(ledger::require_supplier(*db, "coop").has_value());
    const auto found = ledger::find_supplier(*db, coop).value();
    CHECK(found.organisation_name() == "组织 coop");
    CHECK(found.recommended_by() == "county");
    CHECK(found.state() == v1::SUPPLIER_STATE_VETTED);
    REQUIRE(found.steps_size() == 2);
    CHECK(found.steps(0).state() == v1::SUPPLIER_STATE_APPLIED);
    CHECK(found.steps(1).why() == "资质齐全");
    CHECK(found.steps(1).by_name() == "审核员");
    CHECK(found.steps(1).at_ms() == 3);
    CHECK(ledger::list_suppliers(*db)->suppliers_size() == 1);
}

TEST_CASE("a supplier goes only the steps that there are", "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    const auto to = [&](int state) { return ledger::set_supplier_state(*db, coop, state, change("x", 2)); };
    CHECK(to(v1::SUPPLIER_STATE_VETTED).error() == Errc::not_found);
    CHECK(ledger::apply_as_supplier(*db, coop, "", change("x", 1)).has_value());
    CHECK(to(v1::SUPPLIER_STATE_SUSPENDED).error() == Errc::conflict);
    CHECK(to(0).error() == Errc::conflict);
    CHECK(to(9).error() == Errc::conflict);
    CHECK(to(v1::SUPPLIER_STATE_REFUSED).has_value());
    CHECK(to(v1::SUPPLIER_STATE_VETTED).error() == Errc::conflict);
    CHECK(ledger::apply_as_supplier(*db, coop, "", change("anew", 3)).has_value());
    CHECK(to(v1::SUPPLIER_STATE_VETTED).has_value());
    CHECK(to(v1::SUPPLIER_STATE_REFUSED).error() == Errc::conflict);
    CHECK(to(v1::SUPPLIER_STATE_SUSPENDED).has_value());
    CHECK(to(v1::SUPPLIER_STATE_APPLIED).error() == Errc::conflict);
    CHECK(to(v1::SUPPLIER_STATE_VETTED).has_value());
}

TEST_CASE("an offer names the supplier that is not vetted, also of a gift, while the platform's own goods need none",
          "[ledger]") {
    test::FreshDatabase db;
    fill(*db);
    for (const auto* id : {"own", "theirs"}) {
        v1::Product product;
        product.set_id(id);
        product.set_title("茶");
        product.set_unit("盒");
        product.set_net_weight_g(100);
        product.set_origin_code("431227");
        product.set_origin_name("新晃");
        if (std::string(id) == "theirs") product.set_supplier_id("coop");
        REQUIRE(ledger::create_product(*db, product, 1).has_value());
    }
    test::add_show(*db);
    for (const auto* product : {"own", "theirs"}) test::add_stock(*db, product);
    test::add_offer(*db, "offer", {"own", "theirs"}, "theirs");
    CHECK(ledger::unvetted_supplier(*db, OfferId("offer")).value() == "组织 coop");
    CHECK(ledger::apply_as_supplier(*db, coop, "", change("x", 1)).has_value());
    CHECK(ledger::unvetted_supplier(*db, OfferId("offer")).value() == "组织 coop");
    CHECK(ledger::set_supplier_state(*db, coop, v1::SUPPLIER_STATE_VETTED, change("x", 2)).has_value());
    CHECK(ledger::unvetted_supplier(*db, OfferId("offer")).value().empty());
    CHECK(ledger::find_supplier(*db, coop)->open_offers() == 0);
    CHECK(ledger::set_offer_state(*db, OfferId("offer"), v1::OFFER_STATE_OPEN, 1, 0).has_value());
    CHECK(ledger::find_supplier(*db, coop)->open_offers() == 1);
    CHECK(ledger::set_supplier_state(*db, coop, v1::SUPPLIER_STATE_SUSPENDED, change("x", 3)).has_value());
    CHECK(ledger::unvetted_supplier(*db, OfferId("offer")).value() == "组织 coop");
}
