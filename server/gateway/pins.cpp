#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/socket.pb.h>

#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "gateway/media_time.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "room/bus.hpp"

namespace livefair::gateway {
namespace {

/// `offer`, if it is one of the show in `room`. Errors: not_found.
Result<v1::Offer> find_offer_of(ledger::Database& db, const RoomId& room, const OfferId& offer) {
    const auto show = ledger::show_of_room(db, room);
    if (!show) return show.error();
    auto found = ledger::find_offer(db, offer);
    if (!found) return found.error();
    if (found->show_id() != show->str()) return make_error_code(Errc::not_found);
    return found;
}

Result<> check_segment(ledger::Database& db, const RoomId& room, const SegmentId& segment) {
    const auto show = ledger::show_of_room(db, room);
    if (!show) return show.error();
    const auto found = ledger::find_segment(db, segment);
    if (!found) return found.error();
    if (found->show_id() != show->str()) return make_error_code(Errc::not_found);
    return {};
}

}  // namespace

net::Task<v1::ServerMessage> pin(Session& session, v1::Pin message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::pin, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const OfferId offer(message.offer_id());
    if (!is_id_text(room.str())) co_return failure(Errc::invalid_input);
    v1::RoomEvent event;
    if (!offer.empty()) {
        auto find = [room, offer](ledger::Database& db) { return find_offer_of(db, room, offer); };
        const auto known = co_await session.services().ledger_side->ledger.read(std::move(find));
        if (!known) co_return failure(to_errc(known.error()));
        event.mutable_pin()->set_title(known->title());
        event.mutable_pin()->set_price_fen(known->price_fen());
    }
    const auto at_ms = co_await media_time(session, message.media_time_ms());
    if (!at_ms) co_return failure(to_errc(at_ms.error()));
    event.mutable_pin()->set_offer_id(offer.str());
    event.mutable_pin()->set_media_time_ms(*at_ms);
    event.mutable_pin()->set_by(session.identity().account.str());
    const auto published = co_await session.services().bus.publish(room, std::move(event));
    co_return published ? done() : failure(to_errc(published.error()));
}

net::Task<v1::ServerMessage> start_segment(Session& session, v1::StartSegment message) {
    const RoomId room(message.room_id());
    const auto allowed = co_await session.check(auth::Action::pin, room);
    if (!allowed) co_return failure(to_errc(allowed.error()));
    const SegmentId segment(message.segment_id());
    if (!is_id_text(room.str())) co_return failure(Errc::invalid_input);
    auto check = [room, segment](ledger::Database& db) { return check_segment(db, room, segment); };
    const auto known = co_await session.services().ledger_side->ledger.read(std::move(check));
    if (!known) co_return failure(to_errc(known.error()));
    const auto at_ms = co_await media_time(session, 0);
    if (!at_ms) co_return failure(to_errc(at_ms.error()));
    v1::RoomEvent event;
    event.mutable_segment()->set_segment_id(segment.str());
    event.mutable_segment()->set_media_time_ms(*at_ms);
    const auto published = co_await session.services().bus.publish(room, std::move(event));
    co_return published ? done() : failure(to_errc(published.error()));
}

}  // namespace livefair::gateway
