#include <livefair/v1/bulk.pb.h>

#include "ledger/consignees.hpp"

namespace livefair::ledger {

Result<DirectOutcome> place_gift(Database& database, const ShowId& show, const v1::GiftOrder& gift, const AccountId& by,
                                 std::int64_t at_ms) {
    if (!do_consignees_add_up(gift.consignees(), gift.count())) return DirectOutcome::bad_consignees;
    DirectOrder order;
    order.id = OrderId(gift.order_id());
    order.show = show;
    order.offer = OfferId(gift.offer_id());
    order.kind = OrderKind::gift;
    order.count = gift.count();
    order.why = gift.why();
    order.by = by;
    order.at_ms = at_ms;
    const auto placed = place_direct(database, order);
    if (!placed || *placed != DirectOutcome::taken) return placed;
    return keep_consignees(database, order.id, gift.consignees());
}

}  // namespace livefair::ledger
