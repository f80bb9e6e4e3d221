#include "ledger/projection.hpp"

#include "unit/server/ledger/projected_show.hpp"

using namespace livefair;
using test::facts;
using test::ProjectedShow;

namespace {

/// Two stocks of `units` each, an offer of each and one of both, five buyers.
struct SmallShow : ProjectedShow {
    explicit SmallShow(std::int64_t units) {
        add_stock("s1", units);
        add_stock("s2", units);
        add_offer("one", 100, {{"s1", 1}});
        add_offer("two", 250, {{"s2", 2}});
        add_offer("both", 300, {{"s1", 1}, {"s2", 1}});
        for (int i = 0; i < 5; ++i) add_buyer("b" + std::to_string(i));
    }
};

}  // namespace

TEST_CASE("orders of one entry give the rows that they give in an entry each", "[ledger]") {
    SmallShow together(10);
    SmallShow apart(10);
    const std::vector<std::pair<std::string, std::string>> orders{{"o1", facts("b1", "one", 1, 100, "s1:1")},
                                                                  {"o2", facts("b2", "both", 3, 300, "s1:1,s2:1")},
                                                                  {"o3", facts("b1", "two", 2, 250, "s2:2")}};
    std::vector<std::string> fields{"k", "placed", "l", "s1:6,s2:3"};
    std::vector<ledger::StreamEntry> entries;
    for (const auto& [id, text] : orders) {
        fields.insert(fields.end(), {"o", id, "b", text});
        entries.push_back(
            apart.entry("5-" + std::to_string(entries.size()), {"k", "placed", "o", id, "b", text, "l", "s1:6,s2:3"}));
    }
    const auto summary = together.apply({together.entry("5-0", fields)}).summaries.at(0);
    const auto summaries = apart.apply(entries).summaries;
    CHECK(summary.orders.size() == 3);
    CHECK(summaries.at(0).orders.size() == 3);
    CHECK(summary.left.size() == 3);
    for (const auto* rows :
         {"SELECT id, offer_id, buyer_id, title, phone, region_name FROM orders ORDER BY id",
          "SELECT order_id, stock_id, product_id, title FROM order_lines ORDER BY order_id, position",
          "SELECT order_id, kind, detail FROM order_events ORDER BY order_id",
          "SELECT order_id, debit, credit FROM entries ORDER BY order_id"}) {
        CHECK(together.rows(rows) == apart.rows(rows));
    }
    CHECK(together.rows("SELECT order_id, stream_id FROM order_events ORDER BY place") == "o1|5-0\no2|5-0\no3|5-0\n");
    CHECK(together.number("SELECT count(*) FROM order_events WHERE place = 2 AND order_id = 'o3'") == 1);
    CHECK(together.number("SELECT sum(amount_fen) FROM entries") == 100 + 900 + 500);
    CHECK(together.number("SELECT committed FROM stocks WHERE id = 's2'") == 7);
}

TEST_CASE("an entry of many orders that is read again, cursor lost, changes nothing but its anomalies", "[ledger]") {
    SmallShow show(10);
    const std::vector<ledger::StreamEntry> entries{
        show.entry("5-0", {"k", "placed", "l", "s1:8", "o", "o1", "b", facts("b1", "one", 1, 100, "s1:1"), "o", "o2",
                           "b", facts("b2", "one", 1, 100, "s1:1")})};
    show.apply(entries);
    CHECK(show.apply(entries).summaries.empty());
    show.write("UPDATE tills SET stream_id = '0-0'");
    show.apply(entries);
    CHECK(show.number("SELECT count(*) FROM orders") == 2);
    CHECK(show.number("SELECT count(*) FROM order_events") == 2);
    CHECK(show.number("SELECT count(*) FROM entries") == 2);
    CHECK(show.number("SELECT committed FROM stocks WHERE id = 's1'") == 2);
    CHECK(show.number("SELECT count(*) FROM anomalies WHERE kind = 'placed_twice'") == 2);
}

TEST_CASE("what the books say can be neither changed nor taken away, whoever tries", "[ledger]") {
    SmallShow show(1);
    show.apply({show.entry("5-0", {"k", "placed", "l", "", "o", "o1", "b", facts("b1", "one", 1, 100, "s1:1"), "o", "o2",
                                   "b", facts("b2", "one", 1, 100, "s1:1")})});
    show.write("INSERT INTO refunds (id, order_id, show_id, quantity, asked_quantity, asked_fen, amount_fen, state, why, asked_by, asked_ms) VALUES ('r1', 'o1', 'show1', 1, 1, 100, 100, 1, '', 'b1', 1)");
    show.write("INSERT INTO refund_lines (refund_id, position, amount_fen, units) VALUES ('r1', 1, 100, 1)");
    show.write("INSERT INTO webhook_events (provider, event_id, payment_id, taken_ms) VALUES ('p', 'e', 'x', 1)");
    show.write("INSERT INTO reconciliations (show_id, at_ms, differences, first_difference) VALUES ('show1', 1, 1, 'a cent')");
    show.write("INSERT INTO offer_versions (offer_id, version, made_ms, by_account, page) VALUES ('one', 9, 1, 'b1', '')");
    show.write("INSERT INTO organisations (id, name, kind, region_code, created_ms) VALUES ('coop', 'x', 'enterprise', '43', 0)");
    show.write("INSERT INTO suppliers (organisation_id, state, recommended_by) VALUES ('coop', 1, '')");
    show.write("INSERT INTO supplier_steps (organisation_id, position, state, by_account, why, at_ms) VALUES ('coop', 1, 1, 'b1', '', 1)");
    show.write("INSERT INTO actions (id, room_id, show_id, at_ms, by_account, kind, account_id, chat_id, line, duration_ms, why) VALUES (1, 'room1', 'show1', 1, 'b1', 'mute', 'b2', '', '', 0, '')");
    show.write("INSERT INTO personal_looks (id, show_id, order_id, by_account, what, why, at_ms) VALUES (1, 'show1', 'o1', 'b1', 'address', '', 1)");
    auto& database = show.database();
    const std::pair<std::string, std::string> books[] = {
        {"entries", "amount_fen"}, {"order_events", "at_ms"}, {"refund_lines", "amount_fen"}, {"webhook_events", "taken_ms"},
        {"anomalies", "at_ms"}, {"reconciliations", "differences"}, {"offer_versions", "made_ms"}, {"supplier_steps", "at_ms"},
        {"actions", "at_ms"}, {"personal_looks", "at_ms"}};
    for (const auto& [book, number] : books) {
        INFO(book);
        const auto sum = "SELECT count(*) + sum(" + number + ") FROM " + book;
        const auto before = show.number(sum);
        REQUIRE(before > 0);
        CHECK(database.execute("UPDATE " + book + " SET " + number + " = " + number + " + 1").error() == Errc::conflict);
        CHECK(database.execute("DELETE FROM " + book).error() == Errc::conflict);
        CHECK(show.number(sum) == before);
    }
}

TEST_CASE("the cap refuses those orders of an entry that came too late, and only those", "[ledger]") {
    SmallShow show(3);
    const auto done = show.apply({show.entry("5-0", {"k", "placed", "l", "s1:0,s2:0",                           //
                                                     "o", "o1", "b", facts("b1", "one", 2, 100, "s1:1"),        //
                                                     "o", "o2", "b", facts("b2", "both", 2, 300, "s1:1,s2:1"),  //
                                                     "o", "o3", "b", facts("b3", "both", 1, 300, "s1:1,s2:1")})});
    REQUIRE(done.refused.size() == 1);
    CHECK(done.refused[0].order == OrderId("o2"));
    CHECK(done.refused[0].short_stocks == std::vector<std::string>{"s1"});
    CHECK(show.rows("SELECT id FROM orders WHERE state = 5") == "o2\n");
    CHECK(show.rows("SELECT order_id FROM anomalies WHERE kind = 'over_cap' AND place = 1") == "o2\n");
    CHECK(show.number("SELECT committed FROM stocks WHERE id = 's1'") == 3);
    CHECK(show.number("SELECT committed FROM stocks WHERE id = 's2'") == 1);
}

TEST_CASE("an order that breaks a rule of the schema is passed over alone, the entry's others are committed",
          "[ledger]") {
    SmallShow show(1000);
    const auto entry = show.entry("5-0", {"k", "placed", "l", "s1:0",                            //
                                          "o", "o1", "b", facts("b1", "one", 1, 100, "s1:1"),    //
                                          "o", "o2", "b", facts("b2", "one", 100, 100, "s1:1"),  //
                                          "o", "o3", "b", facts("b3", "one", 1, 100, "s1:1")});
    REQUIRE(show.database().run_script("BEGIN").has_value());
    CHECK(ledger::apply_entries(show.database(), {entry}).error() == Errc::conflict);
    REQUIRE(show.database().run_script("ROLLBACK").has_value());
    const auto done = show.in_transaction([&] { return ledger::apply_carefully(show.database(), entry); });
    REQUIRE(done.refused.size() == 1);
    CHECK(done.refused[0].order == OrderId("o2"));
    CHECK(done.summaries.at(0).orders.size() == 2);
    CHECK(show.rows("SELECT id FROM orders ORDER BY id") == "o1\no3\n");
    CHECK(show.rows("SELECT order_id, kind FROM anomalies") == "o2|breaks_rule\n");
    CHECK(show.rows("SELECT stream_id FROM tills") == "5-0\n");
    CHECK(show.number("SELECT committed FROM stocks WHERE id = 's1'") == 2);
    CHECK(show.number("SELECT count(*) FROM entries") == 2);
}

TEST_CASE("orders of one entry that are cancelled give back what each of them held", "[ledger]") {
    SmallShow show(10);
    show.apply({show.entry("5-0", {"k", "placed", "l", "", "o", "o1", "b", facts("b1", "one", 1, 100, "s1:1"), "o",
                                   "o2", "b", facts("b2", "both", 3, 300, "s1:1,s2:1")})});
    show.apply({show.entry("6-0", {"k", "cancelled", "l", "s1:10,s2:10", "o", "o1", "b", "", "o", "o2", "b", ""})});
    CHECK(show.number("SELECT sum(committed) FROM stocks") == 0);
    CHECK(show.number("SELECT count(*) FROM orders WHERE state = 4") == 2);
    CHECK(show.rows("SELECT order_id, kind FROM order_events WHERE stream_id = '6-0' ORDER BY place") ==
          "o1|cancelled\no2|cancelled\n");
    CHECK(show.number("SELECT count(*) FROM entries WHERE stream_id = '6-0'") == 2);
}

TEST_CASE("an order that is held anew takes its stock before the orders behind it, in the same batch too", "[ledger]") {
    SmallShow show(3);
    show.apply({show.entry("5-0", {"k", "placed", "l", "", "o", "o1", "b", facts("b1", "one", 1, 100, "s1:1")}),
                show.entry("5-1", {"k", "expired", "l", "", "o", "o1", "b", ""})});
    const auto done = show.apply({show.entry("6-0", {"k", "placed", "l", "", "o", "o2", "b", facts("b2", "one", 2, 100, "s1:1")}),
                                  show.entry("6-1", {"k", "taken_again", "l", "", "o", "o1", "b", ""}),
                                  show.entry("6-2", {"k", "placed", "l", "", "o", "o3", "b", facts("b3", "one", 1, 100, "s1:1")})});
    REQUIRE(done.refused.size() == 1);
    CHECK(done.refused[0].order == OrderId("o3"));
    CHECK(show.rows("SELECT id FROM orders WHERE state = 1 ORDER BY id") == "o1\no2\n");
    CHECK(show.number("SELECT committed FROM stocks WHERE id = 's1'") == 3);
}
