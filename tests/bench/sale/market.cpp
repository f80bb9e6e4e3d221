#include "bench/sale/market.hpp"

#include <livefair/v1/socket.pb.h>

#include <sstream>
#include <stdexcept>

#include "auth/token.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "ledger/database.hpp"
#include "net/http_client.hpp"
#include "support/run_task.hpp"

namespace livefair::bench {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

void require(const Result<std::int64_t>& result, const ledger::Database& database) {
    if (!result) throw std::runtime_error("the buyers can't be written: " + database.error_text());
}

std::string info_text(const std::string& socket, const std::string& section) {
    net::asio::io_context context;
    redis::Options options;
    options.socket = socket;
    redis::Client client(context.get_executor(), options);
    client.start();
    auto info = test::run_task(context, client.command({"INFO", section}));
    client.stop();
    if (!info) throw std::runtime_error("Redis does not answer INFO");
    return info->text;
}

std::string show_of(const std::string& sale) { return sale + "-show"; }
std::string offer_of(const std::string& sale) { return sale + "-offer"; }
std::string address_of(std::size_t buyer) { return "address-" + std::to_string(100'000 + buyer); }

}  // namespace

double redis_info(const std::string& socket, const std::string& section, const std::string& name) {
    const auto info = info_text(socket, section);
    const auto at = info.find("\n" + name + ":");
    if (at == info.npos) throw std::runtime_error("Redis has no " + name);
    return std::stod(info.substr(at + name.size() + 2));
}

std::map<std::string, std::int64_t> redis_calls(const std::string& socket) {
    std::map<std::string, std::int64_t> calls;
    std::istringstream lines(info_text(socket, "commandstats"));
    constexpr std::string_view prefix = "cmdstat_", counter = ":calls=";
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find(counter);
        if (line.starts_with(prefix) && at != line.npos) calls[line.substr(prefix.size(), at - prefix.size())] = std::stoll(line.substr(at + counter.size()));
    }
    return calls;
}

Market::Market(std::size_t buyers) : house_(settings()) { seed(buyers); }

test::House::Settings Market::settings() const {
    // Limits hold for each address, and all buyers come from this machine.
    std::string addresses;
    for (int i = 1; i <= 8; ++i) addresses += (i > 1 ? ",127.0.0." : "127.0.0.") + std::to_string(i);
    return {{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", addresses}, {"LIVEFAIR_LEDGER_PATH", folder_.file("ledger.sqlite3")}};
}

void Market::seed(std::size_t buyers) {
    auto opened = ledger::Database::open(folder_.file("ledger.sqlite3"), ledger::Database::Mode::read_write);
    if (!opened) throw std::runtime_error("the ledger can't be opened");
    auto& database = **opened;
    const auto now_ms = system_clock().unix_ms();
    if (!database.run_script("BEGIN IMMEDIATE")) throw std::runtime_error("the ledger is busy");
    for (std::size_t i = 0; i < buyers; ++i) {
        const auto account = random_hex(16);
        tokens_.push_back(auth::make_token());
        require(database.execute("INSERT INTO accounts (id, nickname, phone, created_ms) VALUES (?, ?, ?, ?)",
                                 {account, "买家" + std::to_string(i), std::to_string(13'900'000'000 + static_cast<std::int64_t>(i)), now_ms}),
                database);
        require(database.execute("INSERT INTO sessions (token_hash, id, account_id, user_agent, created_ms, seen_ms, expires_ms) VALUES (?, ?, ?, '', ?, ?, ?)",
                                 {auth::hash_token(tokens_.back()), random_hex(16), account, now_ms, now_ms, now_ms + day_ms}),
                database);
        require(database.execute("INSERT INTO addresses (id, account_id, recipient, phone, region_code, region_name, detail, created_ms) "
                                 "VALUES (?, ?, '王', '13800000001', '430100', '长沙', '1 号', ?)",
                                 {address_of(i), account, now_ms}),
                database);
    }
    if (!database.run_script("COMMIT")) throw std::runtime_error("the buyers can't be written: " + database.error_text());
}

void Market::add_sale(const std::string& name, std::int64_t boxes, std::int64_t limit_per_buyer) {
    const auto& token = house_.site_operator();
    const auto show = "/api/v1/shows/" + show_of(name);
    house_.call("POST", "/api/v1/shows", R"({"id":")" + show_of(name) + R"(","roomId":")" + name + R"(-room","title":"秒杀","startsMs":"1750000000000"})", token);
    house_.call("POST", show + "/stocks", R"({"id":")" + name + R"(-stock","productId":"product-a","total":")" + std::to_string(boxes) + "\"}", token);
    house_.call("POST", show + "/offers",
                R"({"id":")" + offer_of(name) + R"(","title":"冰糖橙 5 kg","kind":"OFFER_KIND_FLASH","priceFen":"2990","limitPerBuyer":")" + std::to_string(limit_per_buyer) +
                    R"(","holdMs":"900000","lines":[{"stockId":")" + name + R"(-stock","quantity":"1"}]})",
                token);
    house_.call("POST", show + "/state", R"({"state":"SHOW_STATE_LIVE"})", token);
}

void Market::open(const std::string& name) {
    house_.call("POST", "/api/v1/shows/" + show_of(name) + "/offers/" + offer_of(name) + "/open", "{}", house_.site_operator());
}

Door Market::door(std::size_t buyer) const {
    Door door{const_cast<Market*>(this)->house_.port(), "/ws", "livefair.v1.proto"};
    door.headers = "Authorization: Bearer " + tokens_.at(buyer) + "\r\n";
    return door;
}

std::string Market::order(const std::string& sale, std::size_t buyer, const std::string& id) const {
    v1::ClientMessage message;
    message.set_request_id(1);
    auto& order = *message.mutable_place_order();
    order.set_order_id(id);
    order.set_show_id(show_of(sale));
    order.set_offer_id(offer_of(sale));
    order.set_quantity(1);
    order.set_address_id(address_of(buyer));
    return message.SerializeAsString();
}

std::string Market::metrics() {
    const auto url = "http://127.0.0.1:" + std::to_string(house_.gateway().health_port()) + "/metrics";
    const auto answer = test::run_task(house_.context(), net::http_request("GET", url, {}, {}, std::chrono::seconds(10)));
    if (!answer) throw std::runtime_error("no metrics");
    return std::string(net::body_of(*answer));
}

std::int64_t Market::ledger_number(const std::string& sql) const {
    auto opened = ledger::Database::open(folder_.file("ledger.sqlite3"), ledger::Database::Mode::read_only);
    if (!opened) throw std::runtime_error("the ledger can't be read");
    const auto rows = (*opened)->query(sql);
    if (!rows || rows->empty()) throw std::runtime_error("the ledger can't be read: " + (*opened)->error_text());
    return rows->front().integer(0);
}

}  // namespace livefair::bench
