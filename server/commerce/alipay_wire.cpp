#include "commerce/alipay_wire.hpp"

#include <algorithm>
#include <ctime>

#include "commerce/sandbox_notify.hpp"
#include "net/utf8.hpp"

namespace livefair::commerce {

namespace {

constexpr std::size_t fields_max = 100;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

std::string encode(std::string_view text) {
    constexpr std::string_view plain = "-._~", hex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter || is_digit(c) || plain.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        (encoded += '%') += hex[byte >> 4];
        encoded += hex[byte & 15];
    }
    return encoded;
}

std::string joined(const AlipayFields& fields, std::initializer_list<std::string_view> without) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (value.empty() || std::find(without.begin(), without.end(), name) != without.end()) continue;
        text += (text.empty() ? "" : "&") + name + "=" + value;
    }
    return text;
}

std::string field(const AlipayFields& fields, const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

std::string time_text(std::int64_t unix_ms) {
    const std::time_t east_8 = unix_ms / 1000 + 8 * 3600;
    std::tm parts{};
    gmtime_r(&east_8, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

/// The object that begins at `begin`, to its closing brace; empty when it does not end.
std::string_view object_at(std::string_view body, std::size_t begin) {
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = begin; i < body.size(); ++i) {
        if (in_text) {
            if (body[i] == '\\')
                ++i;
            else if (body[i] == '"')
                in_text = false;
            continue;
        }
        if (body[i] == '"') in_text = true;
        if (body[i] == '{') ++depth;
        if (body[i] == '}' && --depth == 0) return body.substr(begin, i + 1 - begin);
    }
    return {};
}

Verified::Kind kind_of(const std::string& status) {
    if (status == "TRADE_SUCCESS" || status == "TRADE_FINISHED") return Verified::Kind::paid;
    // Said of unpaid trades that time out and of paid ones given back in full; a settled payment stays settled.
    if (status == "TRADE_CLOSED") return Verified::Kind::closed;
    return Verified::Kind::other;
}

}  // namespace

std::optional<std::int64_t> fen_of_yuan(std::string_view text) {
    const auto point = text.find('.');
    const auto yuan = text.substr(0, point);
    auto fraction = point == std::string_view::npos ? std::string_view("00") : text.substr(point + 1);
    if (fraction.empty() || fraction.size() > 2 ||
        !std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) ||
        !std::all_of(fraction.begin(), fraction.end(), is_digit))
        return std::nullopt;
    const auto whole = whole_number(yuan);
    const auto rest = whole_number(fraction);
    std::int64_t fen = 0;
    if (!whole || !rest || __builtin_mul_overflow(*whole, 100, &fen) ||
        __builtin_add_overflow(fen, fraction.size() == 1 ? *rest * 10 : *rest, &fen))
        return std::nullopt;
    return fen;
}

std::string yuan_of_fen(std::int64_t fen) {
    const auto rest = std::to_string(fen % 100);
    return std::to_string(fen / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
}

std::optional<AlipayFields> parse_form(std::string_view body) {
    AlipayFields fields;
    while (!body.empty()) {
        const auto end = std::min(body.find('&'), body.size());
        const auto pair = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) return std::nullopt;
        auto name = decode(pair.substr(0, equals));
        auto value = decode(pair.substr(equals + 1));
        if (!name || !value || !net::is_utf8(*name) || !net::is_utf8(*value)) return std::nullopt;
        if (!fields.emplace(std::move(*name), std::move(*value)).second || fields.size() > fields_max)
            return std::nullopt;
    }
    return fields;
}

std::string to_form(const AlipayFields& fields) {
    std::string form;
    for (const auto& [name, value] : fields) form += (form.empty() ? "" : "&") + encode(name) + "=" + encode(value);
    return form;
}

std::string sign_alipay_request(const AlipayKeys& keys, AlipayFields fields, const std::string& method,
                                const std::string& content, std::int64_t now_ms) {
    fields["app_id"] = keys.app_id;
    fields["method"] = method;
    fields["format"] = "JSON";
    fields["charset"] = "utf-8";
    fields["sign_type"] = "RSA2";
    fields["timestamp"] = time_text(now_ms);
    fields["version"] = "1.0";
    fields["biz_content"] = content;
    fields["sign"] = keys.app_key.sign(joined(fields, {"sign"}));
    return to_form(fields);
}

std::string alipay_signed_text(const AlipayFields& fields) {
    return joined(fields, {"sign", "sign_type"});
}

NotifyVerdict parse_alipay_notify(const AlipayKeys& keys, const std::string& body) {
    if (body.size() > notify_bytes_max) return NotifyRefusal::too_large;
    // The signature is over the decoded fields, so the form has to be taken apart first; nothing in it is believed yet.
    const auto fields = parse_form(body);
    if (!fields || field(*fields, "sign").empty()) return NotifyRefusal::malformed;
    if (field(*fields, "sign_type") != "RSA2") return NotifyRefusal::bad_signature;
    if (!keys.alipay_key.has_signed(alipay_signed_text(*fields), field(*fields, "sign")))
        return NotifyRefusal::bad_signature;
    if (field(*fields, "app_id") != keys.app_id || field(*fields, "seller_id") != keys.seller_id)
        return NotifyRefusal::other_merchant;
    Verified verified;
    verified.event_id = field(*fields, "notify_id");
    verified.kind = kind_of(field(*fields, "trade_status"));
    verified.fact.payment = PaymentId(field(*fields, "out_trade_no"));
    verified.fact.transaction_id = field(*fields, "trade_no");
    const auto amount = fen_of_yuan(field(*fields, "total_amount"));
    if (!is_id_text(verified.event_id) || !is_id_text(verified.fact.payment.str()) ||
        !is_id_text(verified.fact.transaction_id) || !amount)
        return NotifyRefusal::malformed;
    verified.fact.amount_fen = *amount;
    // Alipay names the currency where it is not the renminbi.
    const auto currency = field(*fields, "trans_currency");
    verified.fact.currency = currency.empty() ? "CNY" : currency;
    return verified;
}

Result<std::string> open_alipay_answer(const AlipayKeys& keys, std::string_view body, const std::string& method) {
    std::string name = method + "_response";
    std::replace(name.begin(), name.end(), '.', '_');
    const auto at = body.find("\"" + name + "\":");
    if (body.size() > notify_bytes_max || at == std::string_view::npos) return make_error_code(Errc::internal);
    const auto begin = at + name.size() + 3;
    const auto object = begin < body.size() && body[begin] == '{' ? object_at(body, begin) : std::string_view();
    const std::string_view sign_key = "\"sign\":\"";
    const auto sign = body.rfind(sign_key);
    // The signature stands beside the object, not in it.
    const bool is_beside = sign != std::string_view::npos && (sign < at || sign >= begin + object.size());
    if (object.empty() || !is_beside) return make_error_code(Errc::internal);
    const auto rest = body.substr(sign + sign_key.size());
    auto signature = std::string(rest.substr(0, rest.find('"')));
    std::erase(signature, '\\');  // JSON may write "/" as "\/"
    if (!keys.alipay_key.has_signed(object, signature)) return make_error_code(Errc::internal);
    return std::string(object);
}

}  // namespace livefair::commerce
