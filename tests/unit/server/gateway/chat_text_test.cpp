#include "gateway/chat_text.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace livefair;
using gateway::clean_chat_text;

TEST_CASE("a chat line keeps its words in any script", "[chat_text]") {
    CHECK(clean_chat_text("三号链接多少钱？", 200).value() == "三号链接多少钱？");
    CHECK(clean_chat_text("👍 great", 200).value() == "👍 great");
    CHECK(clean_chat_text("  two \t\n words\u3000", 200).value() == "two words");
}

TEST_CASE("characters that nobody sees are taken out of a chat line", "[chat_text]") {
    CHECK(clean_chat_text("假\u200b货", 200).value() == "假货");
    CHECK(clean_chat_text("\u202eabc\u202c", 200).value() == "abc");
    CHECK(clean_chat_text("a\u0007b\u0085c", 200).value() == "abc");
    CHECK(clean_chat_text("\ufeffx\U000e0041", 200).value() == "x");
}

TEST_CASE("a chat line without anything to show is refused", "[chat_text]") {
    CHECK(to_errc(clean_chat_text("", 200).error()) == Errc::invalid_input);
    CHECK(to_errc(clean_chat_text(" \u200b\u202e\n", 200).error()) == Errc::invalid_input);
}

TEST_CASE("the length of a chat line is counted in characters, not bytes", "[chat_text]") {
    std::string line;
    for (int i = 0; i < 200; ++i) line += "米";
    CHECK(clean_chat_text(line, 200).has_value());
    CHECK(to_errc(clean_chat_text(line + "米", 200).error()) == Errc::too_large);
    CHECK(clean_chat_text(line + "\u200b", 200).has_value());
}

TEST_CASE("bytes that are not UTF-8 are refused", "[chat_text]") {
    for (const std::string bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xBD", "\x80", "\xFF", "ok\xC2"})
        CHECK(to_errc(clean_chat_text(bad, 200).error()) == Errc::invalid_input);
}
