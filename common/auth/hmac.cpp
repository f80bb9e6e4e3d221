#include "auth/hmac.hpp"

#include <sodium.h>

#include "auth/token.hpp"

namespace livefair::auth {
namespace {

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

constexpr int signatures_max = 8;

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, as_bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, as_bytes(message), message.size());
    std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
    return mac;
}

std::string base64_encode(std::string_view bytes) {
    // The library writes a NUL behind the text.
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), as_bytes(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
}

Result<std::string> base64_decode(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                         text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL);
    if (failed || end != text.data() + text.size()) return Errc::invalid_input;
    bytes.resize(size);
    return bytes;
}

std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s, std::string_view body) {
    std::string signed_text(id);
    signed_text.append(".").append(std::to_string(timestamp_s)).append(".").append(body);
    return "v1," + base64_encode(hmac_sha256(key, signed_text));
}

bool is_webhook_signed(std::string_view key, std::string_view signature_header, std::string_view id,
                       std::int64_t timestamp_s, std::string_view body) {
    const auto ours = sign_webhook(key, id, timestamp_s, body);
    for (int count = 0; count < signatures_max && !signature_header.empty(); ++count) {
        const auto space = signature_header.find(' ');
        if (equal_in_constant_time(signature_header.substr(0, space), ours)) return true;
        signature_header.remove_prefix(space == std::string_view::npos ? signature_header.size() : space + 1);
    }
    return false;
}

}  // namespace livefair::auth
