#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/id.hpp"
#include "ledger/database.hpp"

namespace livefair::v1 {
class Address;
class Order;
}  // namespace livefair::v1

/// Order rows. Free functions over a Database: call them inside Ledger::read() or write().
namespace livefair::ledger {

/// Same values and order as v1::OrderState.
enum class OrderState { reserved = 1, paid = 2, expired = 3, cancelled = 4, refused = 5 };

/// The order as people see it, for the buyer and staff: lines split by county, address as it was when placed (phone
/// masked). Errors: not_found - no such order, or not `buyer`'s (an empty buyer may see all: staff and the projector).
Result<v1::Order> find_order(Database& database, const OrderId& order, const AccountId& buyer);
/// What lists of other people's orders show of an address: 王**, 138****1234, the region, no more.
void mask_address(v1::Address& address);
/// A buyer's newest orders first, at most `count` (1 to 200).
Result<std::vector<v1::Order>> list_orders(Database& database, const AccountId& buyer, std::int64_t count = 100);

/// The one decision that the till took about an order id, as the ledger has it.
struct PlacedOrder {
    OrderId id;
    ShowId show;
    OfferId offer;
    AccountId buyer;
    AddressId address;
    std::int64_t quantity = 0;
    std::int64_t unit_price_fen = 0;
    std::int64_t amount_fen = 0;
    std::int64_t placed_ms = 0;
    std::int64_t hold_until_ms = 0;
    std::int64_t left_after = 0;  ///< Offers left after this decision, as it was answered.
    OrderState state = OrderState::reserved;
    bool without_gift = false;
};
/// Empty when the ledger has no such order.
Result<std::optional<PlacedOrder>> find_placed(Database& database, const OrderId& order);

/// Whether the address exists and is the buyer's.
Result<bool> owns_address(Database& database, const AccountId& buyer, const AddressId& address);

}  // namespace livefair::ledger
