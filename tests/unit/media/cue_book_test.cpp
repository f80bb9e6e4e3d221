#include <livefair/v1/room.pb.h>

#include "ingest/cue_book.hpp"
#include "support/catch.hpp"

using namespace livefair;
using ingest::CueBook;

namespace {

constexpr std::int64_t noon_ms = 1'750'000'000'000;
constexpr std::int64_t keep_ms = 60'000;

std::string pin_event(const std::string& offer, std::int64_t at_ms, std::int64_t media_time_ms, const std::string& title = "茶叶") {
    v1::RoomEvent event;
    event.set_at_ms(at_ms);
    event.mutable_pin()->set_offer_id(offer);
    event.mutable_pin()->set_media_time_ms(media_time_ms);
    event.mutable_pin()->set_title(title);
    event.mutable_pin()->set_price_fen(4'900);
    return event.SerializeAsString();
}

std::string sale_event(v1::OfferState state, std::int64_t at_ms, std::int64_t close_ms = 0, v1::OfferKind kind = v1::OFFER_KIND_FLASH) {
    v1::RoomEvent event;
    event.set_at_ms(at_ms);
    auto& offer = *event.mutable_offer()->mutable_offer();
    offer.set_id("o-1");
    offer.set_title("限时");
    offer.set_kind(kind);
    offer.set_state(state);
    offer.set_close_ms(close_ms);
    return event.SerializeAsString();
}

}  // namespace

TEST_CASE("a pin opens a cue at the host's picture, the next pin ends it, an unpin ends that", "[cues]") {
    CueBook book(keep_ms);
    CHECK(book.cues() == nullptr);
    book.on_event(pin_event("o-1", noon_ms, noon_ms - 2000));
    REQUIRE(book.cues()->size() == 1);
    CHECK(book.cues()->front().start_ms == noon_ms - 2000);
    CHECK(book.cues()->front().price_fen == 4'900);
    CHECK_FALSE(book.cues()->front().end_ms);
    book.on_event(pin_event("o-2", noon_ms + 5000, noon_ms + 4000));
    CHECK(book.cues()->front().end_ms == noon_ms + 4000);
    CHECK(book.cues()->back().start_ms == noon_ms + 4000);
    book.on_event(pin_event("", noon_ms + 9000, noon_ms + 8000));
    CHECK(book.cues()->back().end_ms == noon_ms + 8000);
}

TEST_CASE("an event that comes twice changes nothing", "[cues]") {
    CueBook book(keep_ms);
    book.on_event(pin_event("o-1", noon_ms, noon_ms));
    book.on_event(pin_event("o-2", noon_ms + 5000, noon_ms + 5000));
    const auto before = book.cues();
    book.on_event(pin_event("o-1", noon_ms, noon_ms));
    book.on_state(pin_event("o-2", noon_ms + 5000, noon_ms + 5000), noon_ms + 6000);
    CHECK(book.cues() == before);
}

TEST_CASE("a later pin never begins before the one it replaces", "[cues]") {
    CueBook book(keep_ms);
    book.on_event(pin_event("o-1", noon_ms, noon_ms));
    book.on_event(pin_event("o-2", noon_ms + 100, noon_ms - 5000));
    CHECK(book.cues()->front().end_ms == noon_ms);
    CHECK(book.cues()->back().start_ms == noon_ms);
}

TEST_CASE("a state without a pin ends the one that was open", "[cues]") {
    CueBook book(keep_ms);
    book.on_event(pin_event("o-1", noon_ms, noon_ms));
    book.on_state("", noon_ms + 7000);
    CHECK(book.cues()->front().end_ms == noon_ms + 7000);
}

TEST_CASE("a flash sale is a cue from its opening to its closing or its planned end", "[cues]") {
    CueBook book(keep_ms);
    book.on_event(sale_event(v1::OFFER_STATE_OPEN, noon_ms, noon_ms + 30'000));
    REQUIRE(book.cues()->size() == 1);
    CHECK(book.cues()->front().kind == hls::Cue::Kind::sale);
    CHECK(book.cues()->front().planned_end_ms == noon_ms + 30'000);
    book.on_time(noon_ms + 29'999);
    CHECK_FALSE(book.cues()->front().end_ms);
    SECTION("closed by the host") {
        book.on_event(sale_event(v1::OFFER_STATE_CLOSED, noon_ms + 10'000));
        CHECK(book.cues()->front().end_ms == noon_ms + 10'000);
    }
    SECTION("its time is over") {
        book.on_time(noon_ms + 30'000);
        CHECK(book.cues()->front().end_ms == noon_ms + 30'000);
    }
    SECTION("an ordinary offer is no sale") {
        CueBook other(keep_ms);
        other.on_event(sale_event(v1::OFFER_STATE_OPEN, noon_ms, 0, v1::OFFER_KIND_NORMAL));
        CHECK(other.cues() == nullptr);
    }
}

TEST_CASE("ended cues leave after a while, open ones stay", "[cues]") {
    CueBook book(keep_ms);
    book.on_event(pin_event("o-1", noon_ms, noon_ms));
    book.on_event(pin_event("o-2", noon_ms + 1000, noon_ms + 1000));
    book.on_time(noon_ms + 1000 + keep_ms);
    CHECK(book.cues()->size() == 2);
    book.on_time(noon_ms + 1001 + keep_ms);
    REQUIRE(book.cues()->size() == 1);
    CHECK(book.cues()->front().offer_id == "o-2");
}

TEST_CASE("cues are bounded in number and in the length of their titles, and rubbish is no cue", "[cues]") {
    CueBook book(keep_ms);
    std::string title;
    while (title.size() < 10'000) title += "茶";
    for (int i = 0; i < 1000; ++i) book.on_event(pin_event("o-1", noon_ms + i, noon_ms + i, title));
    CHECK(book.cues()->size() == 256);
    CHECK(book.cues()->back().start_ms == noon_ms + 999);
    CHECK(book.cues()->back().title.size() == 240);
    const auto before = book.cues();
    book.on_event("\xff\xff\xff rubbish");
    book.on_event(pin_event("a\",X=\"b", noon_ms + 2000, noon_ms + 2000));
    CHECK(book.cues()->size() == before->size());
}
