#include <livefair/v1/catalog.pb.h>
#include <livefair/v1/room.pb.h>

#include <charconv>

#include "api/creation.hpp"
#include "commerce/sales.hpp"
#include "ledger/catalog.hpp"
#include "ledger/offer_terms.hpp"
#include "ledger/suppliers.hpp"
#include "room/bus.hpp"

namespace livefair::api {
namespace {

constexpr std::int64_t hold_ms_default = 900'000;

/// An offer with the state of its show, as of one transaction.
struct StoredOffer {
    v1::Offer offer;
    bool show_is_live = false;
};

Result<StoredOffer> store_offer(ledger::Database& db, const v1::Offer& offer, std::int64_t now_ms) {
    if (const auto created = ledger::create_offer(db, offer, now_ms); !created) return created.error();
    auto stored = ledger::find_offer(db, OfferId(offer.id()));
    if (!stored) return stored.error();
    const auto show = ledger::find_show(db, ShowId(offer.show_id()));
    if (!show) return show.error();
    return StoredOffer{std::move(*stored), show->state() == v1::SHOW_STATE_LIVE};
}

/// Tells the room about an offer and answers with it.
net::Task<net::HttpResponse> publish_and_answer(Services& services, RoomId room, v1::Offer offer) {
    v1::RoomEvent event;
    *event.mutable_offer()->mutable_offer() = offer;
    const Result<room::Position> published = co_await services.bus.publish(std::move(room), std::move(event));
    co_return published ? answer(offer) : refuse(published.error());
}

/// Errors: not_found - no such offer, or it is of another show than the one the caller was allowed for.
net::Task<Result<>> require_offer_of_show(Services& services, OfferId offer, std::string show) {
    auto find = [offer](ledger::Database& db) { return ledger::find_offer(db, offer); };
    const Result<v1::Offer> found = co_await services.ledger.read(std::move(find));
    if (!found) co_return found.error();
    if (found->show_id() != show) co_return Errc::not_found;
    co_return Result<>();
}

/// Why an offer was not opened.
net::Task<net::HttpResponse> refuse_to_open(Services& services, OfferId offer) {
    auto find = [offer](ledger::Database& db) { return ledger::unvetted_supplier(db, offer); };
    const Result<std::string> supplier = co_await services.ledger.read(std::move(find));
    if (!supplier) co_return refuse(supplier.error());
    if (supplier->empty()) co_return refuse(Errc::conflict);
    co_return refuse(Problem{Errc::conflict, "供应商“" + *supplier + "”还没有通过审核，请审核后再开售。",
                             "The supplier \"" + *supplier + "\" is not vetted. Vet it, then open the offer."});
}

}  // namespace

net::Task<net::HttpResponse> create_stock(Services& services, Call call) {
    v1::Stock body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    body.set_show_id(call.parameters[0]);
    body.clear_committed();
    auto create = [body](ledger::Database& db) { return ledger::create_stock(db, body); };
    const Result<> created = co_await services.ledger.write(std::move(create));
    if (!created && created.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "这个编号已经存在，或商品可分配的数量不足，请换编号或减少数量。",
                                 "The id is taken, or the product has not so many units free. Choose another id or fewer units."});
    if (!created) co_return refuse(created.error());
    co_await services.sales.allocations().load_stocks(ShowId(body.show_id()));
    co_return answer(body);
}

net::Task<net::HttpResponse> create_offer(Services& services, Call call) {
    v1::Offer body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (body.hold_ms() == 0) body.set_hold_ms(hold_ms_default);
    if (body.limit_per_buyer() == 0) body.set_limit_per_buyer(quantity_max);
    if (const auto problem = check(body)) co_return refuse(*problem);
    body.set_id(id_or_random(body.id()));
    body.set_show_id(call.parameters[0]);
    auto store = [body, now_ms = services.clock.unix_ms()](ledger::Database& db) {
        return store_offer(db, body, now_ms);
    };
    const Result<StoredOffer> stored = co_await services.ledger.write(std::move(store));
    if (!stored) co_return refuse(stored.error());
    if (stored->show_is_live) {
        const Result<> loaded = co_await services.sales.load_offer(ShowId(body.show_id()), OfferId(body.id()));
        if (!loaded) co_return refuse(loaded.error());
    }
    co_return co_await publish_and_answer(services, call.room, stored->offer);
}

net::Task<net::HttpResponse> change_offer(Services& services, Call call) {
    v1::ChangeOfferRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    auto find = [offer = OfferId(call.parameters[1])](ledger::Database& db) { return ledger::find_offer(db, offer); };
    const Result<v1::Offer> known = co_await services.ledger.read(std::move(find));
    if (!known) co_return refuse(known.error());
    if (known->show_id() != call.parameters[0]) co_return refuse(Errc::not_found);
    auto& wanted = *body.mutable_offer();
    wanted.set_id(known->id());
    *wanted.mutable_lines() = known->lines();
    if (wanted.hold_ms() == 0) wanted.set_hold_ms(hold_ms_default);
    if (wanted.limit_per_buyer() == 0) wanted.set_limit_per_buyer(quantity_max);
    if (const auto problem = check_change(wanted)) co_return refuse(*problem);
    const Result<v1::Offer> changed = co_await services.sales.change_offer(wanted, call.who.account);
    if (!changed && changed.error() == Errc::conflict)
        co_return refuse(Problem{Errc::conflict, "商品链接刚被别人改过，请刷新后再改。", "Somebody has changed this offer since. Reload it, then change it."});
    if (!changed) co_return refuse(changed.error());
    co_return co_await publish_and_answer(services, call.room, *changed);
}

net::Task<net::HttpResponse> get_offer_version(Services& services, Call call) {
    std::int64_t version = 0;
    const auto& text = call.parameters[2];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size() || !is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    auto find = [offer = OfferId(call.parameters[1]), version](ledger::Database& db) { return ledger::find_page(db, offer, version); };
    const Result<v1::Offer> page = co_await services.ledger.read(std::move(find));
    if (!page) co_return refuse(page.error());
    if (page->show_id() != call.parameters[0]) co_return refuse(Errc::not_found);
    co_return answer(*page);
}

net::Task<net::HttpResponse> open_offer(Services& services, Call call) {
    v1::OpenOfferRequest body;
    if (const auto problem = read_body(call.request, body)) co_return refuse(*problem);
    constexpr std::int64_t day_ms = 86'400'000;
    if (body.duration_ms() < 0 || body.duration_ms() > day_ms)
        co_return refuse(bad_field("durationMs", "必须在 0 到 86400000 之间", "must be from 0 to 86400000"));
    if (body.close_ms() < 0) co_return refuse(bad_field("closeMs", "不能为负", "must not be negative"));
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    const ShowId show(call.parameters[0]);
    const OfferId offer(call.parameters[1]);
    const Result<> known = co_await require_offer_of_show(services, offer, show.str());
    if (!known) co_return refuse(known.error());
    const Result<v1::Offer> opened =
        co_await services.sales.open_offer(show, offer, body.duration_ms(), body.close_ms());
    if (!opened && opened.error() == Errc::conflict) co_return co_await refuse_to_open(services, offer);
    if (!opened) co_return refuse(opened.error());
    co_return co_await publish_and_answer(services, call.room, *opened);
}

net::Task<net::HttpResponse> close_offer(Services& services, Call call) {
    if (!is_id_text(call.parameters[1])) co_return refuse(Errc::not_found);
    const ShowId show(call.parameters[0]);
    const OfferId offer(call.parameters[1]);
    const Result<> known = co_await require_offer_of_show(services, offer, show.str());
    if (!known) co_return refuse(known.error());
    const Result<v1::Offer> closed = co_await services.sales.close_offer(show, offer);
    if (!closed) co_return refuse(closed.error());
    co_return co_await publish_and_answer(services, call.room, *closed);
}

}  // namespace livefair::api
