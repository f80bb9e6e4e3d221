#include "gateway/contact_hints.hpp"

#include <re2/re2.h>

#include <array>
#include <string>
#include <utility>

namespace livefair::gateway {
namespace {

using re2::RE2;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

bool has_address(const std::string& text) {
    static const RE2 address(
        R"(https?://|www\.|(^|[^0-9.])\d{1,3}(\.\d{1,3}){3}([^0-9.]|$)|)"
        R"([a-z0-9-]+\.(com|cn|net|org|top|xyz|shop|store|vip|cc|me|io|co|info|link|ltd|site|online|club|live|app|ru|tk|tv|中国|公司|网络|网址))"
        R"(([^a-z0-9.]|\.?$|\.[a-z]{2}\b))");
    return RE2::PartialMatch(text, address);
}

/// Names of the messengers, as they are written to be understood and not to be found.
constexpr std::string_view messenger = "(微信|微芯|薇信|薇芯|徽信|威信|卫星号|v信|w信|微号|薇号|威我|weixin|wechat|vx|wx|qq|扣扣|企鹅号?|telegram|whatsapp)";

const RE2& asking() {
    static const RE2 pattern("(加|\\+|私|留|发|扫|搜|找|联系|添加).{0,4}?" + std::string(messenger) +
                             // "加V" and "加q", but not the "vip" and the "qr" of "加vip".
                             R"(|(加|\+)(我|个|一下|下|你|主播|店主)?((v|w|q)([^a-z]|$)|(微|薇|威)(我|吧|聊|号|$)))");
    return pattern;
}

const RE2& account() {
    static const RE2 pattern(R"((^|[^a-z]))" + std::string(messenger) + R"((号码?|群|是|为)*([a-z][a-z0-9]{5,19}|\d{6,12})([^0-9]|$)|)"
                             R"((^|[^0-9])1[3-9]\d{9}([^0-9]|$)|(^|[^a-z0-9])[qvw]\d{6,12}([^0-9]|$))");
    return pattern;
}

/// Paying and looking things up by WeChat is no way off the platform.
void take_out_innocent_uses(std::string& text) {
    static const RE2 innocent("(微信|wechat|weixin)(支付|付款|付钱|付|钱包|零钱|转账|小程序|登录|分享|朋友圈|pay)");
    RE2::GlobalReplace(&text, innocent, "");
}

std::string with_digits(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 26> numerals{{
        {"零", "0"}, {"〇", "0"}, {"洞", "0"}, {"一", "1"}, {"壹", "1"}, {"幺", "1"}, {"二", "2"}, {"贰", "2"}, {"两", "2"},
        {"三", "3"}, {"叁", "3"}, {"四", "4"}, {"肆", "4"}, {"五", "5"}, {"伍", "5"}, {"六", "6"}, {"陆", "6"}, {"七", "7"},
        {"柒", "7"}, {"拐", "7"}, {"八", "8"}, {"捌", "8"}, {"九", "9"}, {"玖", "9"}, {"勾", "9"}, {"○", "0"},
    }};
    std::string digits(text);
    for (const auto& [numeral, digit] : numerals) replace_all(digits, numeral, digit);
    return digits;
}

}  // namespace

bool has_link(std::string_view folded) {
    std::string text(folded);
    replace_all(text, "。", ".");
    static const RE2 spelt_dot("([a-z0-9])(点|dot)(com|cn|net|top|vip|cc)");
    RE2::GlobalReplace(&text, spelt_dot, R"(\1.\3)");
    if (has_address(text)) return true;
    replace_all(text, " ", "");
    return has_address(text);
}

bool has_contact(std::string_view squeezed) {
    if (RE2::PartialMatch(with_digits(squeezed), account())) return true;
    std::string text(squeezed);
    take_out_innocent_uses(text);
    return RE2::PartialMatch(text, asking());
}

}  // namespace livefair::gateway
