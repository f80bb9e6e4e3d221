#include "bench/ledger/sale_of_orders.hpp"

#include <cstdio>
#include <random>
#include <stdexcept>

namespace livefair::bench {

namespace {

constexpr std::int64_t begin_ms = 1'764'175'355'000;
constexpr std::int64_t offers = 14;
constexpr std::int64_t price_fen = 9900;
constexpr std::int64_t orders_a_ms = 20;

std::string buyer_id(std::int64_t number) {
    char text[32];
    std::snprintf(text, sizeof text, "%024llx", 0x9e3779b97f4a7c15ULL * static_cast<unsigned long long>(number + 1));
    return text;
}

/// As the page makes them, or 24 of 64 characters.
std::string order_id(std::mt19937_64& random, std::int64_t at_ms, bool is_time_ordered) {
    constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string id;
    if (is_time_ordered) {
        char text[16];
        // Buyers' clocks differ.
        std::snprintf(text, sizeof text, "%011llx", static_cast<unsigned long long>(at_ms) + random() % 2000);
        id = text;
    }
    while (id.size() < 24) id += letters[random() & 63];
    return id;
}

std::int64_t number(ledger::Ledger& ledger, const std::string& sql) {
    const auto rows = ledger.write_blocking([&](ledger::Database& database) { return database.query(sql); });
    if (!rows) throw std::runtime_error("the ledger refuses: " + sql);
    return rows->front().integer(0);
}

}  // namespace

void fill_ledger(ledger::Ledger& ledger, const LedgerOptions& options) {
    const auto filled = ledger.write_blocking([&](ledger::Database& database) -> Result<> {
        Result<> result;
        const auto write = [&](const std::string& sql, std::vector<std::vector<ledger::Value>> rows) {
            if (!result) return;
            if (const auto written = database.execute_rows(sql, rows); !written) result = written.error();
        };
        write("INSERT INTO shows (id, room_id, title, state, starts_ms, practice, created_ms) VALUES ('hunan', 'hunan', '湘品出湘', 2, 0, 0, 0)", {{}});
        write("INSERT INTO tills (show_id, epoch, run_id, stream_id, started_ms) VALUES ('hunan', 1, 'run', '0-0', 0)", {{}});
        std::vector<std::vector<ledger::Value>> products, stocks, offer_rows, lines;
        for (std::int64_t i = 0; i < offers; ++i) {
            const auto name = std::to_string(i);
            products.push_back({"product-" + name, "新晃黄牛肉 礼盒 " + name});
            stocks.push_back({"stock-" + name, "product-" + name, options.orders});
            offer_rows.push_back({"offer-" + name, i + 1, "新晃黄牛肉 礼盒 " + name, price_fen});
            lines.push_back({"offer-" + name, "stock-" + name, price_fen});
        }
        write("INSERT INTO products (id, title, unit, net_weight_g, origin_code, origin_name, supplier_name, supplier_contact, picture_url, created_ms) "
              "VALUES (?, ?, '盒', 1500, '431227', '新晃侗族自治县', '', '', '', 0)", products);
        write("INSERT INTO stocks (id, show_id, product_id, total) VALUES (?, 'hunan', ?, ?)", stocks);
        write("INSERT INTO offers (id, show_id, number, title, kind, price_fen, list_price_fen, list_price_basis, limit_per_buyer, hold_ms, open_ms, close_ms, "
              "state, created_ms) VALUES (?, 'hunan', ?, ?, 1, ?, 0, '', 99, 600000, 0, 0, 2, 0)", offer_rows);
        write("INSERT INTO offer_lines (offer_id, position, stock_id, quantity, share_fen) VALUES (?, 1, ?, 1, ?)", lines);
        std::vector<std::vector<ledger::Value>> accounts, addresses;
        for (std::int64_t i = 0; i < options.buyers; ++i) {
            accounts.push_back({buyer_id(i), "buyer " + std::to_string(i)});
            addresses.push_back({"a" + buyer_id(i).substr(1), buyer_id(i)});
        }
        write("INSERT INTO accounts (id, nickname, created_ms) VALUES (?, ?, 0)", accounts);
        write("INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) "
              "VALUES (?, ?, '向阳', '13800001234', '430100', '湖南省长沙市', '岳麓区麓山南路 932 号 12 栋 801', 0)", addresses);
        return result;
    });
    if (!filled) throw std::runtime_error("the ledger can't be filled");
}

std::vector<std::vector<ledger::StreamEntry>> make_batches(const LedgerOptions& options) {
    std::mt19937_64 random(1);
    std::vector<std::vector<ledger::StreamEntry>> batches;
    std::int64_t in_batch = options.batch;
    for (std::int64_t made = 0; made < options.orders;) {
        if (in_batch >= options.batch) {
            batches.emplace_back();
            in_batch = 0;
        }
        const auto at_ms = begin_ms + made / orders_a_ms;
        const auto offer = static_cast<std::int64_t>(random() % offers);
        const auto count = std::min({options.orders_an_entry, options.orders - made, options.batch - in_batch});
        const auto name = std::to_string(offer), price = std::to_string(price_fen), left = std::to_string(options.orders - made);
        std::vector<std::string> fields{"k", "placed", "l", "stock-" + name + ":" + left, "s",
                                        "offer-" + name + "|" + price + "|" + std::to_string(at_ms) + "|" + std::to_string(at_ms + 600'000) + "|stock-" + name + ":1|v0"};
        for (std::int64_t i = 0; i < count; ++i) {
            const auto buyer = buyer_id(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(options.buyers)));
            fields.insert(fields.end(), {"n", order_id(random, at_ms, options.is_time_ordered) + "|" + buyer + "|1|a" + buyer.substr(1) + "|" + price + "|" + left});
        }
        const auto id = std::to_string(at_ms) + "-" + std::to_string(made % orders_a_ms);
        batches.back().push_back(ledger::StreamEntry::from_fields(ShowId("hunan"), id, std::move(fields)));
        made += count;
        in_batch += count;
    }
    return batches;
}

std::vector<std::int64_t> row_bytes(ledger::Ledger& ledger) {
    // Texts as they are, numbers as eight bytes.
    const auto bytes_of = [&](const std::string& table, const std::string& texts, int numbers) {
        return number(ledger, "SELECT CAST(avg(length(" + texts + ")) AS BIGINT) FROM " + table) + 8 * numbers;
    };
    return {bytes_of("orders", "id || show_id || offer_id || buyer_id || title || stream_id || address_id || recipient || phone || region_code || region_name || detail", 7),
            bytes_of("order_lines", "order_id || stock_id || product_id || title || unit || origin_code || origin_name", 4),
            bytes_of("order_events", "show_id || stream_id || order_id || kind || detail", 2),
            bytes_of("entries", "show_id || stream_id || order_id || debit || credit", 3)};
}

void check_ledger(ledger::Ledger& ledger, const LedgerOptions& options) {
    for (const auto* table : {"orders", "order_lines", "order_events", "entries"}) {
        if (number(ledger, std::string("SELECT count(*) FROM ") + table) != options.orders) throw std::runtime_error(std::string("rows are missing in ") + table);
    }
    if (number(ledger, "SELECT CAST(sum(committed) AS BIGINT) FROM stocks") != options.orders) throw std::runtime_error("stock is not counted");
    if (number(ledger, "SELECT CAST(sum(amount_fen) AS BIGINT) FROM entries") != options.orders * price_fen) throw std::runtime_error("money is missing");
    if (number(ledger, "SELECT count(*) FROM anomalies") != 0) throw std::runtime_error("there are anomalies");
}

}  // namespace livefair::bench
