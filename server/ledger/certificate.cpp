#include <ctime>

#include "base/money.hpp"
#include "ledger/direct_orders.hpp"

namespace livefair::ledger {
namespace {

/// 2026年11月26日, of China (+8).
std::string day_of(std::int64_t at_ms) {
    constexpr std::int64_t china_ms = 8 * 3'600'000;
    const std::time_t seconds = (at_ms + china_ms) / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return std::to_string(parts.tm_year + 1900) + "年" + std::to_string(parts.tm_mon + 1) + "月" +
           std::to_string(parts.tm_mday) + "日";
}

/// 12.5 公斤 without rounding: grams behind the point as they are.
std::string weight_text(std::int64_t weight_g) {
    auto text = std::to_string(weight_g / 1000);
    auto rest = std::to_string(1000 + weight_g % 1000).substr(1);
    while (!rest.empty() && rest.back() == '0') rest.pop_back();
    return text + (rest.empty() ? "" : "." + rest) + " 公斤";
}

}  // namespace

Result<std::string> certificate_of(Database& database, const ShowId& show, const OrderId& order) {
    const auto rows = database.query(
        "SELECT g.name, d.beneficiary, o.amount_fen, o.paid_ms, o.kind, o.state, o.refunded_fen, s.title FROM orders o "
        "JOIN direct_orders d ON "
        "d.order_id = o.id JOIN shows s ON s.id = o.show_id LEFT JOIN organisations g ON g.id = o.organisation_id "
        "WHERE o.id = ? AND o.show_id = ?",
        {order.str(), show.str()});
    if (!rows) return rows.error();
    if (rows->empty()) return make_error_code(Errc::not_found);
    const auto& row = rows->front();
    constexpr std::int64_t paid = 2;
    const bool is_donation = row.integer(4) == static_cast<std::int64_t>(OrderKind::donation);
    if (!is_donation || row.integer(5) != paid || row.integer(6) > 0) return make_error_code(Errc::conflict);
    const auto lines = database.query(
        "SELECT title, units, unit, weight_g, origin_name FROM order_lines WHERE order_id = ? ORDER BY position",
        {order.str()});
    if (!lines) return lines.error();
    std::string goods;
    for (const auto& line : *lines)
        goods += "  " + line.text(0) + "（" + line.text(4) + "） " + std::to_string(line.integer(1)) + line.text(2) +
                 "，净重 " + weight_text(line.integer(3)) + "\n";
    return "以购代捐证书\n\n证书编号：YGDJ-" + order.str() + "\n\n兹证明 " + row.text(0) + " 于 " +
           day_of(row.integer(3)) + " 在“" + row.text(7) + "”以购代捐，购买下列产品，捐赠给 " + row.text(1) + "：\n\n" +
           goods + "\n金额：" + to_yuan_text(Fen(row.integer(2))) + "\n订单号：" + order.str() +
           "\n\n本证书由订单账本自动生成，内容以账本为准。\n";
}

}  // namespace livefair::ledger
