#include "ledger/personal.hpp"

#include <livefair/v1/account.pb.h>
#include <livefair/v1/order.pb.h>

#include "auth/personal_keys.hpp"
#include "ledger/fulfilment.hpp"
#include "ledger/people.hpp"
#include "ledger/ship_out.hpp"
#include "unit/server/ledger/orders_of_a_show.hpp"

using namespace livefair;

namespace {

constexpr const char* phone = "13800001234";

v1::Address address() {
    v1::Address made;
    made.set_id("a1");
    made.set_recipient("王小明");
    made.set_phone(phone);
    made.set_region_code("430102");
    made.set_region_name("长沙市芙蓉区");
    made.set_detail("五一大道1号");
    return made;
}

void seal_all(ledger::Database& database) {
    for (;;) {
        const auto sealed = ledger::seal_old_rows(database, 2);
        REQUIRE(sealed.has_value());
        if (*sealed == 0) return;
    }
}

/// Whether any column that people's data goes into has this text in it.
std::int64_t count_plain(test::OrdersOfAShow& db, const std::string& text) {
    std::int64_t count = 0;
    for (const auto* column :
         {"addresses.recipient", "addresses.phone", "addresses.detail", "orders.recipient", "orders.phone",
          "orders.detail", "accounts.phone", "accounts.phone_sealed", "phone_codes.phone"}) {
        const std::string name = column;
        const auto table = name.substr(0, name.find('.'));
        count += db.number("SELECT count(*) FROM " + table + " WHERE " + name + " LIKE '%" + text + "%'");
    }
    return count;
}

ledger::PersonalLook look(const std::string& what = "address") {
    return {ShowId("show1"), OrderId("o1"), AccountId("clerk"), what, "贴面单", 7};
}

}  // namespace

TEST_CASE("no name, phone or address is in the ledger in plain text, and their owner sees them", "[ledger]") {
    test::OrdersOfAShow db;
    const auto buyer = ledger::account_of_phone(*db, phone, "小明", 1).value();
    REQUIRE(ledger::put_phone_code(*db, phone, "hash", 100, 3).has_value());
    REQUIRE(ledger::create_address(*db, buyer, address(), 1).has_value());
    for (const auto* text : {phone, "王小明", "五一大道"}) CHECK(count_plain(db, text) == 0);
    CHECK(ledger::account_of_phone(*db, phone, "other", 2).value() == buyer);
    CHECK(ledger::find_account(*db, buyer).value().phone_masked() == "138****1234");
    CHECK(ledger::check_phone_code(*db, phone, "hash", 50).value() == ledger::CodeCheck::right);
    const auto mine = ledger::list_addresses(*db, buyer).value().addresses(0);
    CHECK(mine.recipient() == "王小明");
    CHECK(mine.phone() == "138****1234");
    CHECK(mine.detail() == "五一大道1号");
}

TEST_CASE("rows of before are sealed at the start, in chunks, and mean the same afterwards", "[ledger]") {
    test::OrdersOfAShow db;
    for (int i = 0; i < 5; ++i) db.add_paid("o" + std::to_string(i));
    db.write("UPDATE accounts SET phone = '13800001234' WHERE id = 'buyer'");
    db.write(
        "INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) VALUES "
        "('a1', 'buyer', '王小明', "
        "'13800001234', '430102', '长沙', '五一大道1号', 0)");
    CHECK(count_plain(db, phone) == 7);
    seal_all(*db);
    for (const auto* text : {phone, "王小明", "五一大道"}) CHECK(count_plain(db, text) == 0);
    CHECK(ledger::account_of_phone(*db, phone, "other", 2).value() == AccountId("buyer"));
    CHECK(ledger::find_account(*db, AccountId("buyer")).value().phone_masked() == "138****1234");
    CHECK(ledger::find_order(*db, OrderId("o3"), AccountId("buyer")).value().address().detail() == "五一大道1号");
    CHECK(ledger::list_addresses(*db, AccountId("buyer")).value().addresses(0).recipient() == "王小明");
    CHECK(ledger::seal_old_rows(*db, 100).value() == 0);
}

TEST_CASE("after a change of keys all is sealed anew, and phones still find their accounts", "[ledger]") {
    test::OrdersOfAShow db;
    test::TemporaryFolder folder;
    const auto path = folder.file("keys");
    const auto first = auth::PersonalKeys::load(path);
    (*db).use_personal_keys(first);
    const auto buyer = ledger::account_of_phone(*db, phone, "小明", 1).value();
    REQUIRE(ledger::create_address(*db, buyer, address(), 1).has_value());
    const auto old_line = test::read_file(path);
    test::write_file(path, std::string(64, 'a') + "\n" + old_line);
    (*db).use_personal_keys(auth::PersonalKeys::load(path));
    CHECK(ledger::account_of_phone(*db, phone, "小明", 2).value() == buyer);  // before the rows are renewed, too
    seal_all(*db);
    // The old key is not needed any more.
    test::write_file(path, std::string(64, 'a') + "\n");
    (*db).use_personal_keys(auth::PersonalKeys::load(path));
    CHECK(ledger::account_of_phone(*db, phone, "小明", 3).value() == buyer);
    CHECK(ledger::list_addresses(*db, buyer).value().addresses(0).detail() == "五一大道1号");
    // The wrong file: nothing is read, nothing written over.
    (*db).use_personal_keys(auth::PersonalKeys::random());
    CHECK(ledger::list_addresses(*db, buyer).error() == Errc::internal);
    CHECK(ledger::seal_old_rows(*db, 10).error() == Errc::internal);
}

TEST_CASE("without keys nothing personal is written or read", "[ledger]") {
    test::OrdersOfAShow db;
    const auto buyer = ledger::account_of_phone(*db, phone, "小明", 1).value();
    (*db).use_personal_keys(nullptr);
    CHECK(ledger::create_address(*db, buyer, address(), 1).error() == Errc::internal);
    CHECK(ledger::account_of_phone(*db, "13800005678", "小红", 1).error() == Errc::internal);
    CHECK(ledger::find_account(*db, buyer).error() == Errc::internal);
    // Three digits alone would be in a sealed text now and then.
    for (const auto* text : {phone, "13800005678"}) CHECK(count_plain(db, text) == 0);
}

TEST_CASE("staff sees where an order goes while there is something to ship, and each look is noted", "[ledger]") {
    test::OrdersOfAShow db;
    db.add_paid("o1");
    db.add("o2", ledger::OrderState::reserved);
    seal_all(*db);
    const auto seen = ledger::look_at_address(*db, look()).value();
    CHECK(seen.recipient() == "王小明");
    CHECK(seen.phone() == phone);
    CHECK(seen.detail() == "五一大道1号");
    CHECK(ledger::look_at_address(*db, look()).has_value());
    auto unpaid = look();
    unpaid.order = OrderId("o2");
    CHECK(ledger::look_at_address(*db, unpaid).error() == Errc::conflict);
    auto elsewhere = look();
    elsewhere.show = ShowId("show2");
    CHECK(ledger::look_at_address(*db, elsewhere).error() == Errc::not_found);
    db.write("UPDATE orders SET progress = 5 WHERE id = 'o1'");
    CHECK(ledger::look_at_address(*db, look()).error() == Errc::conflict);
    const auto looks = ledger::list_looks(*db, 0, 50).value();
    REQUIRE(looks.looks_size() == 2);
    CHECK(looks.looks(0).order_id() == "o1");
    CHECK(looks.looks(0).by_name() == "Clerk");
    CHECK(looks.looks(0).why() == "贴面单");
    CHECK(ledger::list_looks(*db, looks.looks(0).id(), 50).value().looks_size() == 1);
}

TEST_CASE("a ship-out list has the goods that are left of paid orders, supplier by supplier, page by page",
          "[ledger]") {
    test::OrdersOfAShow db;
    db.write(
        "INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('coop', '合作社', 'cooperative', "
        "'431227', 0)");
    db.write("UPDATE products SET supplier_id = 'coop'");
    for (const auto* id : {"o1", "o2", "o3", "o4", "o5"}) db.add_paid(id, 2);
    db.write("UPDATE orders SET recipient = '=cmd' WHERE id = 'o2'");
    db.write("UPDATE orders SET progress = 2 WHERE id = 'o3'");
    db.write("UPDATE order_lines SET refunded_units = 2 WHERE order_id = 'o4'");
    db.write("UPDATE order_lines SET refunded_units = 4 WHERE order_id = 'o5'");
    seal_all(*db);
    std::string rows;
    OrderId after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = ledger::ship_out_page(*db, "coop", look("ship_out"), after, 1).value();
        if (page.last.empty()) break;
        rows += page.rows;
        after = page.last;
    }
    CHECK(rows ==
          "o1,王小明,13800001234,长沙,五一大道1号,冰糖橙,4,盒,2000,,\r\n"
          "o2,'=cmd,13800001234,长沙,五一大道1号,冰糖橙,4,盒,2000,,\r\n"
          "o4,王小明,13800001234,长沙,五一大道1号,冰糖橙,2,盒,1000,,\r\n");
    CHECK(db.number("SELECT count(*) FROM personal_looks WHERE what = 'ship_out'") == 3);
    // Who has little to send does not go through the show's orders one by one.
    CHECK(ledger::ship_out_page(*db, "another", look("ship_out"), OrderId(), 1).value().last == OrderId("o5"));
    CHECK(ledger::ship_out_page(*db, "another", look("ship_out"), OrderId(), 100).value().rows.empty());
    CHECK(ledger::ship_out_page(*db, "", look("ship_out"), OrderId(), 100).value().orders == 3);
    CHECK(db.number("SELECT count(*) FROM personal_looks") == 6);
    CHECK(ledger::ship_out_header().find("订单号,收件人,电话") == 0);
}
