#include "gateway/word_list.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "text/fold.hpp"

using namespace livefair;
using gateway::WordList;

namespace {

bool refuses(const WordList& list, std::string_view line) { return list.refuses(text::fold(line)); }
bool holds(const WordList& list, std::string_view line) { return list.holds(text::squeeze(text::fold(line))); }
Errc error_of(std::string_view file) { return to_errc(WordList::parse(file, {}).error()); }

}  // namespace

TEST_CASE("a list has a word a line, with comments, marks and the editor's traces", "[words]") {
    const auto list = WordList::parse("\xEF\xBB\xBF# 名单\r\n假货\r\n\n  refuse: 骗子  \nhold:刷单\nhold: 代发\n#坏人\n", {"inline"}).value();
    CHECK(list.size() == 5);
    CHECK(refuses(list, "这是假货吗"));
    CHECK(refuses(list, "大骗子"));
    CHECK(refuses(list, "INLINE"));
    CHECK(holds(list, "招刷单的"));
    CHECK(holds(list, "代 发"));
    CHECK_FALSE(refuses(list, "刷单"));
    CHECK_FALSE(refuses(list, "坏人"));
}

TEST_CASE("words are plain text, whatever they look like", "[words]") {
    const auto list = WordList::parse("a.c(\n[x\n.*\n|\n\\d+\n", {}).value();
    CHECK(refuses(list, "an a.c( here"));
    CHECK_FALSE(refuses(list, "abc"));
    CHECK_FALSE(refuses(list, "12345 好"));
    CHECK_FALSE(refuses(list, "三号链接多少钱"));
}

TEST_CASE("a list without words finds nothing", "[words]") {
    for (const auto& list : {WordList(), WordList::parse("", {}).value(), WordList::parse("# a\nhold:\nrefuse:\n \n", {""}).value()}) {
        CHECK(list.size() == 0);
        CHECK_FALSE(refuses(list, "任何话"));
        CHECK_FALSE(holds(list, ""));
    }
}

TEST_CASE("a word is found among others that begin alike, lie around it, or end with it", "[words]") {
    const auto list = WordList::parse("假\n假货\n货架乙\n货架甲子\nab\nabc\nabd\nb\n", {}).value();
    CHECK(list.size() == 5);
    for (const char* line : {"假的", "x货架乙", "货架甲子", "货架货架乙", "xab", "xb"}) {
        INFO(line);
        CHECK(refuses(list, line));
    }
    for (const char* line : {"货架", "货架甲", "货架丙", "a", "x", "货", "\xE5\x81"}) {
        INFO(line);
        CHECK_FALSE(refuses(list, line));
    }
}

TEST_CASE("a list that is broken or too large is refused whole", "[words]") {
    CHECK(error_of("好\n\xC0\xAF\n") == Errc::invalid_input);
    CHECK(error_of(std::string(WordList::file_bytes_max + 1, '#')) == Errc::too_large);
    std::string many;
    for (std::size_t i = 0; i <= WordList::words_max; ++i) many += "w" + std::to_string(i) + "\n";
    CHECK(error_of(many) == Errc::too_large);
}

TEST_CASE("the largest list that is allowed works", "[words]") {
    std::string many;
    for (std::size_t i = 0; i < WordList::words_max; ++i) many += "违" + std::to_string(i) + "禁\n";
    const auto list = WordList::parse(many, {}).value();
    CHECK(list.size() == WordList::words_max);
    CHECK(refuses(list, "说了违49999禁的话"));
    CHECK_FALSE(refuses(list, "说了违50000禁的话"));
}
