#include "gateway/chat_filter.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <string>

#include "support/temporary_folder.hpp"
#include "text/fold.hpp"

using namespace livefair;
using gateway::ChatFilter;
using gateway::Verdict;
using gateway::WordList;

namespace {

Verdict judge(std::string_view line) {
    static const auto list = WordList::parse("假货\n骗子\nfuck\nhold:刷单\n", {}).value();
    return gateway::judge(list, line);
}

/// A list in a file, changed so that the change shows.
struct WordFile {
    void write(const std::string& text) {
        std::ofstream(path) << text;
        std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(++changes));
    }
    test::TemporaryFolder folder;
    std::string path = folder.file("words.txt");
    int changes = 0;
};

Config::Room config_of(const std::string& path) {
    Config::Room room;
    room.word_list_file = path;
    room.banned_words = {"盗版"};
    return room;
}

}  // namespace

TEST_CASE("a refused word is found however it is dressed", "[filter]") {
    for (const char* line : {"这是假货吗", "假\u200b货", "假 货", "假-货", "卖假*货的", "假。货", "假~~货", "假\u0336货\u0336", "大⻣骗\u00AD子", "ＦＵＣＫ", "f u c k",
                             "f.u.c.k", "𝓯𝓾𝓬𝓴 you", "ⓕⓤⓒⓚ", "Fück", "F\u200dU\u2060C\ufeffK", "骗\U000e0041子", "假➕货"}) {
        INFO(line);
        CHECK(judge(line) == Verdict::refuse);
    }
}

TEST_CASE("two words that stand beside each other are no third one", "[filter]") {
    for (const char* line : {"真不假，货很好", "绝对不假 货到付款吗", "行骗 子虚乌有"}) {
        INFO(line);
        CHECK(judge(line) == Verdict::show);
    }
}

TEST_CASE("hints at another platform are held", "[filter]") {
    for (const char* line :
         {"加微信", "加 微 信", "加-V-信", "加V信", "加我微信聊", "＋Ｖ", "+V", "➕v", "加v", "加薇", "加威❤信", "加一下我的微信", "vx fruit888", "VX:abc_12345", "微信号abc12345",
          "微信：orange-2020", "qq12345678", "QQ 1 2 3 4 5 6 7 8", "扣扣 一二三四五六七八", "q 87654321", "13812345678", "138 1234 5678", "１３８１２３４５６７８", "138-1234-5678",
          "一三八一二三四五六七八", "壹叁捌12345678", "幺三八 1234 五六七八", "①③⑧①②③④⑤⑥⑦⑧", "联系我微信", "私聊我VX", "telegram @seller 找我 telegram"}) {
        INFO(line);
        CHECK(judge(line) == Verdict::hold_contact);
    }
}

TEST_CASE("links are held", "[filter]") {
    for (const char* line : {"https://evil.example/x", "看 www.taobao.com", "taobao.com", "ＴＡＯＢＡＯ．ＣＯＭ", "t.cn/abc", "tao bao . com", "baidu。com", "baidu点com", "http://1.2.3.4",
                             "192.168.1.1", "me@qq.com", "shop.xyz买", "a\u200bb.top"}) {
        INFO(line);
        CHECK(judge(line) == Verdict::hold_link);
    }
    CHECK(judge("招刷-单") == Verdict::hold_word);
}

TEST_CASE("ordinary lines of a sale are shown", "[filter]") {
    for (const char* line :
         {"三号链接多少钱？", "微信支付可以吗", "能用微信付款吗", "微信支付宝都行", "5斤装29.9元", "5-6斤一箱", "发什么快递？几天到长沙", "冰糖橙甜不甜", "加1", "+1", "111111", "666666666",
          "加油主播！", "加购了", "加一箱", "VIP有优惠吗", "加vip吗", "买2送1，3斤+2斤", "13.9元一斤", "2024.10.1上市的吗", "1.5kg多少钱", "订单号2026112300012345678什么时候发",
          "8点开始吗", "两箱多少钱", "一二三四五六七八九十", "湖南怀化的橙子", "主播声音小", "微辣有吗", "加微辣可以吗", "q弹的粉丝", "qq糖多少钱", "what is the price", "OK.thanks", "好吃...再来",
          "13号发货吗", "满100减15", "2.5L的油", "a.b", "扫码付款失败", "威信县的特产", "产地：大荔610523", "👍👍👍", "こんにちは", "감사합니다", "спасибо"}) {
        INFO(line);
        CHECK(judge(line) == Verdict::show);
    }
}

TEST_CASE("a changed file is read again, and one with a fault changes nothing", "[filter]") {
    WordFile file;
    ChatFilter filter(config_of(file.path));
    CHECK(filter.judge("假货") == Verdict::show);
    CHECK(filter.judge("盗版") == Verdict::refuse);
    file.write("假货\n");
    filter.refresh();
    CHECK(filter.judge("假货") == Verdict::refuse);
    CHECK(filter.judge("盗版") == Verdict::refuse);
    file.write("骗子\n\xFF\n");
    filter.refresh();
    CHECK(filter.judge("假货") == Verdict::refuse);
    CHECK(filter.judge("骗子") == Verdict::show);
    std::filesystem::remove(file.path);
    filter.refresh();
    CHECK(filter.words_count() == 2);
    file.write("骗子\n");
    filter.refresh();
    CHECK(filter.judge("假货") == Verdict::show);
    CHECK(filter.judge("骗子") == Verdict::refuse);
}
