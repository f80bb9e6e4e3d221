#include "commerce/sold_out_book.hpp"

#include <catch2/catch.hpp>

using namespace livefair;
using namespace std::chrono_literals;
using commerce::Decision;
using commerce::Purchase;
using commerce::Refusal;
using commerce::SoldOutBook;

namespace {

Purchase purchase(const std::string& order) {
    return {ShowId("show1"), OfferId("box"), OrderId(order), AccountId("b1"), AddressId("a1"), 1};
}

Decision sold_out(const std::string& version, std::int64_t left = 0) {
    Decision decision;
    decision.kind = Decision::Kind::rejected;
    decision.refusal = Refusal::sold_out;
    decision.stream_id = version;
    decision.left = left;
    return decision;
}

Decision accepted(const std::string& stream_id) {
    Decision decision;
    decision.kind = Decision::Kind::accepted;
    decision.stream_id = stream_id;
    return decision;
}

struct Shelf {
    FakeClock clock;
    SoldOutBook book{clock};

    std::optional<SoldOutBook::Wanted> ask(const std::string& order, const Result<Decision>& decision) {
        book.begin(purchase(order));
        return book.end(purchase(order), decision);
    }
    /// The offer is in the book at version 10-0, with the accepted order "old".
    void sell_out() {
        const auto wanted = ask("first", sold_out("10-0"));
        REQUIRE(wanted.has_value());
        REQUIRE(wanted->version == "10-0");
        book.learn(*wanted, {"old"});
    }
    bool is_sold_out(const std::string& order) { return book.is_sold_out(purchase(order)); }
    /// Of an id that nobody has asked before.
    bool fresh_is_sold_out() { return is_sold_out("fresh" + std::to_string(++fresh_)); }

private:
    int fresh_ = 0;
};

}  // namespace

TEST_CASE("an offer is in the book only once its ids are read, and never for one of them", "[commerce]") {
    Shelf shelf;
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
    const auto wanted = shelf.ask("first", sold_out("10-0"));
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
    REQUIRE_FALSE(shelf.ask("second", sold_out("10-0")).has_value());  // one reader is enough
    shelf.book.learn(*wanted, {"old", "older"});
    REQUIRE(shelf.fresh_is_sold_out());
    REQUIRE_FALSE(shelf.is_sold_out("old"));
    REQUIRE_FALSE(shelf.is_sold_out("older"));
}

TEST_CASE("an id under way, or whose answer was lost, is asked of the till, not of the book", "[commerce]") {
    Shelf shelf;
    shelf.sell_out();
    shelf.book.begin(purchase("slow"));
    REQUIRE_FALSE(shelf.is_sold_out("slow"));
    REQUIRE_FALSE(shelf.book.end(purchase("slow"), make_error_code(Errc::redis_unknown)).has_value());
    shelf.clock.advance(500ms);
    REQUIRE_FALSE(shelf.is_sold_out("slow"));
    REQUIRE(shelf.fresh_is_sold_out());
    shelf.ask("slow", sold_out("10-0"));
    shelf.clock.advance(61s);
    (void)shelf.fresh_is_sold_out();  // the look of this second
    REQUIRE(shelf.is_sold_out("slow"));
}

TEST_CASE("an order that is accepted after the version, and new stock, take the offer out of the book", "[commerce]") {
    Shelf shelf;
    shelf.sell_out();
    shelf.ask("late", accepted("9-5"));  // its answer came late; the ids read hold it
    REQUIRE(shelf.fresh_is_sold_out());
    shelf.ask("new", accepted("11-0"));
    REQUIRE_FALSE(shelf.fresh_is_sold_out());

    shelf.clock.advance(10s);
    shelf.sell_out();
    shelf.book.on_left(OfferId("box"), 0);
    REQUIRE(shelf.fresh_is_sold_out());
    shelf.book.on_left(OfferId("box"), 1);
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
}

TEST_CASE("ids that were read while the offer came back on sale are thrown away", "[commerce]") {
    Shelf shelf;
    const auto wanted = shelf.ask("first", sold_out("10-0"));
    shelf.book.on_left(OfferId("box"), 3);
    shelf.book.learn(*wanted, {"old"});
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
}

TEST_CASE("while ids are read, only an order after the version throws them away", "[commerce]") {
    Shelf shelf;
    const auto wanted = shelf.ask("first", sold_out("10-0"));
    shelf.ask("late", accepted("9-5"));
    shelf.book.learn(*wanted, {"late"});
    REQUIRE(shelf.fresh_is_sold_out());

    shelf.ask("new", accepted("11-0"));
    shelf.clock.advance(6s);
    const auto again = shelf.ask("second", sold_out("11-0"));
    shelf.ask("newer", accepted("12-0"));
    shelf.book.learn(*again, {"late", "new"});
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
}

TEST_CASE("one purchase a second looks at the till again and the others are answered meanwhile", "[commerce]") {
    Shelf shelf;
    shelf.sell_out();
    shelf.clock.advance(1s);
    REQUIRE_FALSE(shelf.is_sold_out("look"));
    REQUIRE(shelf.fresh_is_sold_out());
    REQUIRE_FALSE(shelf.ask("look", sold_out("10-0")).has_value());
    REQUIRE(shelf.fresh_is_sold_out());
    // Somebody has bought since: the ids no longer hold.
    shelf.clock.advance(6s);
    REQUIRE_FALSE(shelf.is_sold_out("look"));
    const auto wanted = shelf.ask("look", sold_out("12-0"));
    REQUIRE(wanted.has_value());
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
}

TEST_CASE("who heard from the book that all is sold hears it again when stock has come back, others don't", "[commerce]") {
    Shelf shelf;
    shelf.sell_out();
    REQUIRE(shelf.is_sold_out("told"));
    shelf.book.on_left(OfferId("box"), 3);
    REQUIRE(shelf.is_sold_out("told"));
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
    auto other_body = purchase("told");
    other_body.quantity = 2;
    REQUIRE_FALSE(shelf.book.is_sold_out(other_body));
}

TEST_CASE("what the book has told is kept for minutes, not for ever", "[commerce]") {
    Shelf shelf;
    shelf.sell_out();
    REQUIRE(shelf.is_sold_out("told"));
    const auto look = [&] { (void)shelf.fresh_is_sold_out(); };
    for (int minutes = 0; minutes < 5; ++minutes) {
        shelf.clock.advance(1min);
        look();
        REQUIRE(shelf.fresh_is_sold_out());
    }
    shelf.book.on_left(OfferId("box"), 3);
    REQUIRE(shelf.is_sold_out("told"));

    shelf.clock.advance(6min);
    shelf.sell_out();
    REQUIRE(shelf.fresh_is_sold_out());
    shelf.book.on_left(OfferId("box"), 3);
    REQUIRE_FALSE(shelf.is_sold_out("told"));
}

TEST_CASE("a refusal that the till remembers is no news of the offer", "[commerce]") {
    Shelf shelf;
    auto before = sold_out("", 0);
    before.repeated = true;
    REQUIRE_FALSE(shelf.ask("first", before).has_value());
    shelf.sell_out();
    before.refusal = Refusal::closed;
    shelf.ask("second", before);
    REQUIRE(shelf.fresh_is_sold_out());
}

TEST_CASE("beside other programs the book answers nothing", "[commerce]") {
    FakeClock clock;
    SoldOutBook book(clock, false);
    book.begin(purchase("first"));
    REQUIRE_FALSE(book.end(purchase("first"), sold_out("10-0")).has_value());
    REQUIRE_FALSE(book.is_sold_out(purchase("fresh")));
}

TEST_CASE("too few for many is not sold out, and a closed offer leaves the book", "[commerce]") {
    Shelf shelf;
    REQUIRE_FALSE(shelf.ask("first", sold_out("10-0", 2)).has_value());
    shelf.sell_out();
    auto closed = sold_out("");
    closed.refusal = Refusal::closed;
    shelf.ask("look", closed);
    REQUIRE_FALSE(shelf.fresh_is_sold_out());
}
