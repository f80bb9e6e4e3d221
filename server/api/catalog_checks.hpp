#pragma once

#include <optional>
#include <string>

#include "api/problem.hpp"
#include "ledger/organisations.hpp"

namespace livefair::v1 {
class Organisation;
class Product;
class PutRegionsRequest;
}  // namespace livefair::v1
namespace livefair::ledger {
class Database;
}

/// What the catalogue's objects must hold. Each function gives the first problem, naming its field; nothing when all is
/// well.
namespace livefair::api {

/// For a product that can be bought by grown-ups alone.
constexpr int adult_age = 18;
constexpr int pictures_max = 8;

/// By itself: bounds, texts, units, that a comparison price says what it is.
std::optional<Problem> check(const v1::Product& product);
std::optional<Problem> check(const v1::Organisation& organisation);
std::optional<Problem> check(const v1::PutRegionsRequest& request);

/// By the ledger: the code of `field` holds now.
Result<std::optional<Problem>> check_region(ledger::Database& db, const std::string& field, const std::string& code,
                                            std::int64_t now_ms);
/// By the ledger: the origin's code holds, unless `known` has it already; the supplier is in the register. `known`
/// null: the product is new.
Result<std::optional<Problem>> check_facts(ledger::Database& db, const v1::Product& product, const v1::Product* known,
                                           std::int64_t now_ms);
/// By the ledger: the place's code holds, and the organisation may hang below its parent. Errors: not_found - no such
/// parent.
Result<std::optional<Problem>> check_facts(ledger::Database& db, const v1::Organisation& organisation,
                                           std::int64_t now_ms);

}  // namespace livefair::api
