#include "ledger/order_text.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "ledger/placed_orders.hpp"

using namespace livefair;
using ledger::OrderText;
using ledger::StreamId;

TEST_CASE("an order's text is read and written without loss", "[ledger]") {
    const std::string text =
        "paid|b1|box|2|a1|9900|19800|1750000000000|1750000600000|7|s1:1,s2:3,$fund:300|v4|1750000000000-0|1750000000001-2|p1=paid@"
        "1750000000001-2";
    const auto order = OrderText::parse(text);
    REQUIRE(order.has_value());
    REQUIRE(order->state == ledger::OrderState::paid);
    REQUIRE(order->amount_fen == 19800);
    REQUIRE(order->lines.size() == 3);
    REQUIRE(order->version == 4);
    REQUIRE(order->lines[1].units == 3);
    REQUIRE(order->text() == text);
}

TEST_CASE("an order's text that is cut anywhere before its last field, or has a wrong field, is refused", "[ledger]") {
    const std::string text = "reserved|b1|box|2|a1|9900|19800|1|2|7|s1:1|v12|1-0|1-0|";
    REQUIRE(OrderText::parse(text).has_value());
    for (std::size_t length = 0; length < text.size(); ++length)
        REQUIRE(OrderText::parse(text.substr(0, length)).has_error());
    for (const auto* wrong :
         {"sold|b1|box|2|a1|9900|19800|1|2|7|s1:1|1-0|1-0|", "reserved|b1|box|two|a1|9900|19800|1|2|7|s1:1|1-0|1-0|",
          "reserved|b1|box|-2|a1|9900|19800|1|2|7|s1:1|1-0|1-0|", "reserved|b1|box|2|a1|9900|19800|1|2|7||1-0|1-0|",
          "reserved|b1|box|2|a1|9900|99999999999999999999|1|2|7|s1:1|1-0|1-0|",
          "reserved|b1|box|2|a1|9900|19800|1|2|7|s1|1-0|1-0|", "reserved|b1|box|2|a1|9900|19800|1|2|7|s1:1|v|1-0|1-0|",
          "reserved|b1|box|2|a1|9900|19800|1|2|7|s1:1|12|1-0|1-0|"}) {
        INFO(wrong);
        REQUIRE(OrderText::parse(wrong).has_error());
    }
}

TEST_CASE("an order that was placed before offers had versions is read, as of none", "[ledger]") {
    const auto order = OrderText::parse("reserved|b1|box|2|a1|9900|19800|1|2|7|s1:1|1-0|1-5|");
    REQUIRE(order.has_value());
    REQUIRE(order->version == 0);
    REQUIRE(order->last_id == "1-5");
    REQUIRE(OrderText::parse(order->text())->last_id == "1-5");
}

TEST_CASE("stream ids are ordered by time and then by number, not as texts", "[ledger]") {
    REQUIRE(StreamId::parse("9-1") < StreamId::parse("10-0"));
    REQUIRE(StreamId::parse("10-9") < StreamId::parse("10-10"));
    REQUIRE(StreamId::parse("") < StreamId::parse("0-1"));
    REQUIRE(StreamId::parse("10-10").text() == "10-10");
    REQUIRE(StreamId::parse("x-1") == StreamId());
}

TEST_CASE("units of one stock are summed over lines", "[ledger]") {
    const auto lines = ledger::parse_stock_units("s1:2,s2:1,s1:3");
    REQUIRE(lines.has_value());
    const auto sums = ledger::sum_units(*lines, 2);
    REQUIRE(sums.size() == 2);
    REQUIRE(sums[0].stock == "s1");
    REQUIRE(sums[0].units == 10);
    REQUIRE(sums[1].units == 2);
}

TEST_CASE("money split by shares adds up to the fen, the remainder on the last line", "[ledger]") {
    REQUIRE(ledger::split_amount(10001, {5000, 5001}) == std::vector<std::int64_t>{5000, 5001});
    REQUIRE(ledger::split_amount(100, {1, 1, 1}) == std::vector<std::int64_t>{33, 33, 34});
    REQUIRE(ledger::split_amount(7, {0, 0}) == std::vector<std::int64_t>{0, 7});
    REQUIRE(ledger::split_amount(5, {9}) == std::vector<std::int64_t>{5});
    REQUIRE(ledger::split_amount(9900, {5000, 100}) == std::vector<std::int64_t>{9705, 195});
    REQUIRE(ledger::split_amount(1, {1, 1}) == std::vector<std::int64_t>{0, 1});
    REQUIRE(ledger::split_amount(INT64_MAX, {INT64_MAX, INT64_MAX}) == std::vector<std::int64_t>{INT64_MAX / 2, INT64_MAX / 2 + 1});
    std::mt19937_64 random(7);
    for (int i = 0; i < 2000; ++i) {
        std::vector<std::int64_t> shares(1 + random() % 8);
        for (auto& share : shares) share = static_cast<std::int64_t>(random() % 10'000'000'000);
        const auto amount = static_cast<std::int64_t>(random() % 990'000'000'000);
        const auto parts = ledger::split_amount(amount, shares);
        REQUIRE(parts.size() == shares.size());
        REQUIRE(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == amount);
        REQUIRE(std::all_of(parts.begin(), parts.end(), [](auto part) { return part >= 0; }));
    }
}
