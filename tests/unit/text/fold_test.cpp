#include "text/fold.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace livefair;

TEST_CASE("texts that look alike but for their dress fold to the same", "[text]") {
    for (const char* each : {"vx", "VX", "Ｖ\u200bＸ̶", "𝓥𝐱", "ⓥⓍ", "v\u00adx", "V\ufe0fX", "v\u0301x\u20dd"}) {
        INFO(each);
        CHECK(text::fold(each) == "vx");
    }
    CHECK(text::fold("１３８①③⑧") == "138138");
    CHECK(text::fold("⽅") == "方");
    CHECK(text::fold("Straße") == "strasse");
    CHECK(text::fold("三号链接") == "三号链接");
    CHECK(text::fold("") == "");
}

TEST_CASE("bytes that are no UTF-8 fold to replacement characters", "[text]") {
    for (const std::string bad : {"\xFF", "a\xC0\xAF", "\xED\xA0\x80", "\xE4\xBD"}) {
        INFO(bad);
        CHECK(text::fold(bad).find("\uFFFD") != std::string::npos);
    }
}

TEST_CASE("joining sees through symbols inside words and spaces between single letters", "[text]") {
    CHECK(text::join_spaced("加 微 信") == "加微信");
    CHECK(text::join_spaced("加-v-信") == "加v信");
    CHECK(text::join_spaced("f.u. c，k") == "fuck");
    CHECK(text::join_spaced("假*货 很好") == "假货 很好");
    CHECK(text::join_spaced("不假，货好") == "不假，货好");
    CHECK(text::join_spaced("a bc d") == "a bc d");
    CHECK(text::join_spaced("**好**") == "好");
    CHECK(text::join_spaced("，。") == "，。");
    CHECK(text::join_spaced("") == "");
}

TEST_CASE("squeezing leaves letters, digits and plus signs", "[text]") {
    CHECK(text::squeeze("加 微-信：a_1＋") == "加微信a1");
    CHECK(text::squeeze("+v ➕v") == "+v+v");
    CHECK(text::squeeze("👍 ！") == "");
}

TEST_CASE("letters that are mistaken for each other have one skeleton", "[text]") {
    CHECK(text::skeleton("аdmіn") == text::skeleton("Admin"));
    CHECK(text::skeleton("0fficial") == text::skeleton("OFFICIAL"));
    CHECK(text::skeleton("官 ⽅") == text::skeleton("官方"));
    CHECK(text::skeleton("主持人") != text::skeleton("主持"));
}
