#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ListProductsResponse;
class Product;
}  // namespace livefair::v1

/// What can be sold. Call inside Ledger::read() or Ledger::write(). Bounds and texts are checked by the API before.
namespace livefair::ledger {

class Database;

/// At most 1000, by title.
Result<v1::ListProductsResponse> list_products(Database& db);
/// The next `count` behind `after`, by id; `supplier` empty: of all.
Result<std::vector<v1::Product>> products_page(Database& db, const std::string& supplier, const ProductId& after,
                                               std::int64_t count);
/// By the supplier's own number; `supplier` empty: the platform's own goods.
Result<std::optional<v1::Product>> find_product_by_sku(Database& db, const std::string& supplier,
                                                       const std::string& sku);

/// Errors: not_found.
Result<v1::Product> find_product(Database& db, const ProductId& product);

/// Errors: conflict - the id or the supplier's SKU exists; not_found - the supplier's organisation does not.
Result<> create_product(Database& db, const v1::Product& product, std::int64_t now_ms);
/// Once a show has stock of a product, what orders and offers go by stays: unit, net weight, origin and age. The first
/// of these fields that writing `product` would change; empty: none. Errors: not_found.
Result<std::string> frozen_field(Database& db, const v1::Product& product);
/// Writes all of it but id, supplier and SKU. Errors: not_found; conflict - frozen_field() names one.
Result<> change_product(Database& db, const v1::Product& product);

}  // namespace livefair::ledger
