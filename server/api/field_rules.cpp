#include "api/field_rules.hpp"

#include <algorithm>

#include "api/checks.hpp"
#include "base/card_number.hpp"
#include "base/id.hpp"

namespace livefair::api::rules {

Found id_or_empty(std::string_view field, const std::string& text) {
    if (text.empty() || is_id_text(text)) return {};
    return bad_field(field, "只能用 1 到 64 个字母、数字、“-”、“_”",
                     "must be 1 to 64 letters, digits, dashes or underscores");
}

Found id(std::string_view field, const std::string& text) {
    if (text.empty()) return bad_field(field, "不能为空", "must not be empty");
    return id_or_empty(field, text);
}

Found text_or_empty(std::string_view field, const std::string& value, std::size_t chars_max) {
    if (is_shown_text(value, chars_max)) return {};
    const auto most = std::to_string(chars_max);
    return bad_field(field, "最多 " + most + " 个字，不能有控制字符",
                     "may have at most " + most + " characters and no control characters");
}

Found text(std::string_view field, const std::string& value, std::size_t chars_max) {
    if (value.find_first_not_of(' ') == std::string::npos) return bad_field(field, "不能为空", "must not be empty");
    return text_or_empty(field, value, chars_max);
}

Found free_text(std::string_view field, const std::string& value, std::size_t chars_max) {
    if (has_card_number(value))
        return bad_field(field, "里有像银行卡号的数字，请删去：本站从不收集银行卡号",
                         "has what looks like a card number; remove it, this site never keeps card numbers");
    return text(field, value, chars_max);
}

Found between(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return {};
    const auto low = std::to_string(least), high = std::to_string(most);
    return bad_field(field, "必须在 " + low + " 到 " + high + " 之间", "must be from " + low + " to " + high);
}

Found region(std::string_view field, const std::string& code) {
    if (is_region_code(code)) return {};
    return bad_field(field, "必须是六位行政区划代码", "must be a region code of six digits");
}

Found phone(std::string_view field, const std::string& number) {
    if (is_phone(number)) return {};
    return bad_field(field, "必须是 11 位手机号", "must be a mobile number of 11 digits");
}

Found picture(std::string_view field, const std::string& url) {
    const bool is_plain = url.size() <= 200 && std::all_of(url.begin(), url.end(), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                     c == '/' || c == '.' || c == '_' || c == '-';
                          });
    if (url.empty() ||
        (is_plain && url.front() == '/' && !url.starts_with("//") && url.find("..") == std::string::npos))
        return {};
    return bad_field(field, "必须是本站的路径", "must be a path on this site");
}

Found first_of(std::initializer_list<Found> rules) {
    for (const auto& found : rules)
        if (found) return found;
    return {};
}

}  // namespace livefair::api::rules
