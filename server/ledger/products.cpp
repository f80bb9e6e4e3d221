#include "ledger/products.hpp"

#include <livefair/v1/catalog.pb.h>

#include <sstream>

#include "ledger/database.hpp"

namespace livefair::ledger {
namespace {

constexpr std::string_view columns =
    "SELECT id, title, unit, net_weight_g, origin_code, origin_name, supplier_id, supplier_name, supplier_contact, "
    "picture_url, sku, price_fen, "
    "pricing_unit, list_price_fen, list_price_basis, age_min, households, people, picture_urls FROM products ";

v1::Product read(const Row& row) {
    v1::Product product;
    product.set_id(row.text(0));
    product.set_title(row.text(1));
    product.set_unit(row.text(2));
    product.set_net_weight_g(row.integer(3));
    product.set_origin_code(row.text(4));
    product.set_origin_name(row.text(5));
    product.set_supplier_id(row.text(6));
    product.set_supplier_name(row.text(7));
    product.set_supplier_contact(row.text(8));
    product.set_picture_url(row.text(9));
    product.set_sku(row.text(10));
    product.set_price_fen(row.integer(11));
    product.set_pricing_unit(row.text(12));
    product.set_list_price_fen(row.integer(13));
    product.set_list_price_basis(row.text(14));
    product.set_age_min(static_cast<std::int32_t>(row.integer(15)));
    product.set_households(row.integer(16));
    product.set_people(row.integer(17));
    std::istringstream urls(row.text(18));
    for (std::string url; urls >> url;) product.add_picture_urls(url);
    return product;
}

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& urls) {
    std::string text;
    for (const auto& url : urls) text += (text.empty() ? "" : " ") + url;
    return text;
}

Value reference(const std::string& id) {
    return id.empty() ? Value() : Value(id);
}

/// The first field that orders and offers go by in which the two differ.
std::string difference(const v1::Product& one, const v1::Product& other) {
    if (one.unit() != other.unit()) return "unit";
    if (one.net_weight_g() != other.net_weight_g()) return "netWeightG";
    if (one.origin_code() != other.origin_code()) return "originCode";
    if (one.origin_name() != other.origin_name()) return "originName";
    // Without an organisation as its supplier the name is what totals go by.
    if (one.supplier_id().empty() && one.supplier_name() != other.supplier_name()) return "supplierName";
    return one.age_min() != other.age_min() ? "ageMin" : "";
}

}  // namespace

Result<v1::ListProductsResponse> list_products(Database& db) {
    const auto rows = db.query(std::string(columns) + "ORDER BY title, id LIMIT 1000");
    if (!rows) return rows.error();
    v1::ListProductsResponse response;
    for (const Row& row : *rows) *response.add_products() = read(row);
    return response;
}

Result<std::vector<v1::Product>> products_page(Database& db, const std::string& supplier, const ProductId& after,
                                               std::int64_t count) {
    const auto rows =
        db.query(std::string(columns) + "WHERE id > ? AND (? = '' OR supplier_id = ?) ORDER BY id LIMIT ?",
                 {after.str(), supplier, supplier, count});
    if (!rows) return rows.error();
    std::vector<v1::Product> products;
    for (const Row& row : *rows) products.push_back(read(row));
    return products;
}

Result<std::optional<v1::Product>> find_product_by_sku(Database& db, const std::string& supplier,
                                                       const std::string& sku) {
    const auto rows = db.query(std::string(columns) + "WHERE coalesce(supplier_id, '') = ? AND sku = ? AND sku <> ''",
                               {supplier, sku});
    if (!rows) return rows.error();
    if (rows->empty()) return std::nullopt;
    return read(rows->front());
}

Result<v1::Product> find_product(Database& db, const ProductId& product) {
    const auto rows = db.query(std::string(columns) + "WHERE id = ?", {product.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return Errc::not_found;
    return read(rows->front());
}

Result<> create_product(Database& db, const v1::Product& product, std::int64_t now_ms) {
    if (!product.supplier_id().empty()) {
        const auto known = db.query("SELECT 1 FROM organisations WHERE id = ?", {product.supplier_id()});
        if (!known) return known.error();
        if (known->empty()) return Errc::not_found;
    }
    const auto made = db.execute(
        "INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_id, supplier_name, "
        "supplier_contact, picture_url, "
        "sku, price_fen, pricing_unit, list_price_fen, list_price_basis, age_min, households, people, picture_urls, "
        "created_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {product.id(),
         product.title(),
         product.unit(),
         product.net_weight_g(),
         product.origin_code(),
         product.origin_name(),
         reference(product.supplier_id()),
         product.supplier_name(),
         product.supplier_contact(),
         product.picture_url(),
         product.sku(),
         product.price_fen(),
         product.pricing_unit(),
         product.list_price_fen(),
         product.list_price_basis(),
         std::int64_t{product.age_min()},
         product.households(),
         product.people(),
         joined(product.picture_urls()),
         now_ms});
    if (!made) return made.error();
    return {};
}

Result<std::string> frozen_field(Database& db, const v1::Product& product) {
    const auto known = find_product(db, ProductId(product.id()));
    if (!known) return known.error();
    const auto stocks = db.query("SELECT 1 FROM stocks WHERE product_id = ? LIMIT 1", {product.id()});
    if (!stocks) return stocks.error();
    return stocks->empty() ? std::string() : difference(*known, product);
}

Result<> change_product(Database& db, const v1::Product& product) {
    const auto frozen = frozen_field(db, product);
    if (!frozen) return frozen.error();
    if (!frozen->empty()) return Errc::conflict;
    const auto changed = db.execute(
        "UPDATE products SET title = ?, unit = ?, net_weight_g = ?, origin_code = ?, origin_name = ?, supplier_name = "
        "?, supplier_contact = ?, "
        "picture_url = ?, price_fen = ?, pricing_unit = ?, list_price_fen = ?, list_price_basis = ?, age_min = ?, "
        "households = ?, people = ?, "
        "picture_urls = ? WHERE id = ?",
        {product.title(), product.unit(), product.net_weight_g(), product.origin_code(), product.origin_name(),
         product.supplier_name(), product.supplier_contact(), product.picture_url(), product.price_fen(),
         product.pricing_unit(), product.list_price_fen(), product.list_price_basis(), std::int64_t{product.age_min()},
         product.households(), product.people(), joined(product.picture_urls()), product.id()});
    if (!changed) return changed.error();
    return {};
}

}  // namespace livefair::ledger
