#pragma once

#include <cstdint>

#include "ledger/direct_orders.hpp"
#include "ledger/fulfilment.hpp"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}
namespace livefair::v1 {
class Consignee;
class ListConsigneesResponse;
}  // namespace livefair::v1

/// Where the parts of an order of the ledger's own go (table order_consignees, at most 200 an order), and how far each
/// has got. Free functions over a Database: call them inside Ledger::read() or write(). Errors of all:
/// ledger_unavailable.
namespace livefair::ledger {

using Consignees = google::protobuf::RepeatedPtrField<v1::Consignee>;

/// Same values as v1::ConsigneeState. It only rises.
enum class ConsigneeState { waiting = 1, shipped = 2, received = 3 };

/// Counts are at most 10^9 each and there are at most 200 of them: no sum overflows.
bool do_consignees_add_up(const Consignees& consignees, std::int64_t count);

/// Writes down where a new order goes, names, phones and addresses sealed. One that has its consignees keeps them, and is
/// `taken` when they are these, else `used_id`.
Result<DirectOutcome> keep_consignees(Database& database, const OrderId& order, const Consignees& consignees);

/// In their order, masked. Errors: not_found - no such order in this show.
Result<v1::ListConsigneesResponse> list_consignees(Database& database, const ShowId& show, const OrderId& order);

/// One consignee's part is shipped (`step.to` shipped) or has come (done). With the last one the order itself becomes
/// SHIPPED or DONE. A part that is shipped already takes another carrier or number. Errors: not_found - no such order in
/// this show, or no such consignee of it.
Result<StepOutcome> take_consignee_step(Database& database, const Step& step, std::int64_t position);

/// The whole order has taken the step: its consignees that are behind follow.
Result<> move_consignees(Database& database, const Step& step);
/// The whole order's parcel got another number: so did the parts that were in it.
Result<> correct_consignees(Database& database, const Step& step, const std::string& carrier,
                            const std::string& tracking_number);

}  // namespace livefair::ledger
