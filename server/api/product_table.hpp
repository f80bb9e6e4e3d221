#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/problem.hpp"
#include "table/table.hpp"

namespace livefair::v1 {
class Product;
}
namespace livefair::ledger {
class Database;
}

/// Products as a table that people work on in a spreadsheet: one row each, columns in Chinese, money in yuan.
namespace livefair::api {

/// One column: what its header says and which field of Product it is.
struct ProductColumn {
    std::string_view title;
    std::string_view field;
    bool is_required = false;  ///< A table without it can't be imported.
    std::string (*shown)(const v1::Product& product);
    /// The first problem of the text; else it is in the product.
    std::optional<Problem> (*read)(v1::Product& product, const std::string& text);
};

/// The header of an exported table, and the row of a product.
std::vector<std::string> product_header();
std::vector<std::string> product_row(const v1::Product& product);

/// What each column of a table to import is. Headers are titles or field names; an unknown one is refused, lest a slip
/// of the pen loses a column.
struct ProductColumns {
    std::vector<const ProductColumn*> columns;
    std::optional<Problem> problem;
};
ProductColumns product_columns(const table::Row& header);

/// What became of a row.
struct RowOutcome {
    enum class Kind { created, changed, unchanged, refused };
    Kind kind = Kind::refused;
    std::string key;  ///< Supplier and SKU: what two rows of one table must not share.
    std::string column, value;
    std::optional<Problem> problem;  ///< Of a refused row.
};
/// Takes a row into the ledger by supplier and SKU: a new product, or the fields that the table has of one that is
/// there. Without `writes` only checks it. Inside Ledger::write(), or Ledger::read() when it does not write. Errors:
/// those of the ledger.
Result<RowOutcome> take_product_row(ledger::Database& db, const ProductColumns& columns, const table::Row& row,
                                    std::int64_t now_ms, bool writes);

/// A row that repeats one of the same table.
RowOutcome repeated_row(RowOutcome outcome, std::int64_t first_line);

}  // namespace livefair::api
