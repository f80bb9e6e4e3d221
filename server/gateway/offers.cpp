#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/socket.pb.h>

#include "commerce/sales.hpp"
#include "gateway/answers.hpp"
#include "gateway/handlers.hpp"
#include "ledger/catalog.hpp"
#include "ledger/ledger.hpp"
#include "ledger/suppliers.hpp"
#include "room/bus.hpp"

namespace livefair::gateway {
namespace {

/// The show's room, when the caller may run sales there.
net::Task<Result<RoomId>> sale_room(Session& session, ShowId show) {
    auto find = [show](ledger::Database& db) { return ledger::room_of_show(db, show); };
    auto room = co_await session.services().ledger_side->ledger.read(std::move(find));
    if (!room) co_return room.error();
    const auto allowed = co_await session.check(auth::Action::run_sale, *room);
    if (!allowed) co_return allowed.error();
    co_return room;
}

/// Why an offer was not opened.
net::Task<v1::ServerMessage> refusal_to_open(Session& session, OfferId offer) {
    auto find = [offer](ledger::Database& db) { return ledger::unvetted_supplier(db, offer); };
    const Result<std::string> supplier = co_await session.services().ledger_side->ledger.read(std::move(find));
    if (!supplier) co_return failure(to_errc(supplier.error()));
    if (supplier->empty()) co_return failure(Errc::conflict);
    co_return failure(Errc::conflict, "供应商“" + *supplier + "”还没有通过审核，请联系运营。",
                      "The supplier \"" + *supplier + "\" is not vetted; ask an operator.");
}

net::Task<v1::ServerMessage> tell_room(Session& session, RoomId room, Result<v1::Offer> offer) {
    if (!offer) co_return failure(to_errc(offer.error()));
    v1::RoomEvent event;
    event.mutable_offer()->mutable_offer()->Swap(&*offer);
    const auto published = co_await session.services().bus.publish(std::move(room), std::move(event));
    co_return published ? done() : failure(to_errc(published.error()));
}

}  // namespace

net::Task<v1::ServerMessage> open_offer(Session& session, v1::OpenOffer message) {
    const ShowId show(message.show_id());
    const OfferId offer(message.offer_id());
    const auto room = co_await sale_room(session, show);
    if (!room) co_return failure(to_errc(room.error()));
    auto opened = co_await session.services().ledger_side->sales.open_offer(show, offer, message.duration_ms(), 0);
    if (!opened && opened.error() == Errc::conflict) co_return co_await refusal_to_open(session, offer);
    co_return co_await tell_room(session, *room, std::move(opened));
}

net::Task<v1::ServerMessage> close_offer(Session& session, v1::CloseOffer message) {
    const ShowId show(message.show_id());
    const OfferId offer(message.offer_id());
    const auto room = co_await sale_room(session, show);
    if (!room) co_return failure(to_errc(room.error()));
    auto closed = co_await session.services().ledger_side->sales.close_offer(show, offer);
    co_return co_await tell_room(session, *room, std::move(closed));
}

}  // namespace livefair::gateway
