#include "base/card_number.hpp"

#include <catch2/catch.hpp>
#include <string>

using livefair::has_card_number;

TEST_CASE("a card's number is found in one piece, in groups, in full width and inside other words", "[base]") {
    CHECK(has_card_number("4111111111111111"));
    CHECK(has_card_number("卡号4111 1111 1111 1111，谢谢"));
    CHECK(has_card_number("4111-1111-1111-1111"));
    CHECK(has_card_number("3782 822463 10005"));
    CHECK(has_card_number("6222021234567890128"));
    CHECK(has_card_number("６２２２０２１２３４５６７８９０１２８"));
    CHECK(has_card_number("13800001234 转 4111111111111111"));
}

TEST_CASE("telephone numbers, addresses, long numbers and wrong check digits are no card", "[base]") {
    CHECK_FALSE(has_card_number(""));
    CHECK_FALSE(has_card_number("13800001234"));
    CHECK_FALSE(has_card_number("0731-85551234 转 601"));
    CHECK_FALSE(has_card_number("五一大道1号2栋3单元404室"));
    CHECK_FALSE(has_card_number("4111111111111112"));
    CHECK_FALSE(has_card_number("411111111111"));            // 12
    CHECK_FALSE(has_card_number(std::string(20, '0')));      // 20
    CHECK_FALSE(has_card_number("4111  1111  1111  1111"));  // two spaces: four numbers
    CHECK_FALSE(has_card_number("41111 11111 111111"));
    CHECK_FALSE(has_card_number("\xEF\xBC"));
}
