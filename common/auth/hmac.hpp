#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::auth {

/// HMAC-SHA256 (RFC 2104), 32 raw bytes. `key` may have any length.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// Standard base64 with padding (RFC 4648 section 4).
std::string base64_encode(std::string_view bytes);
/// Errors: Errc::invalid_input - a character outside the alphabet, or wrong padding.
Result<std::string> base64_decode(std::string_view text);

/// One signature of a Standard-Webhooks message, "v1,BASE64", over "id.timestamp.body". `key` is the raw secret.
std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s, std::string_view body);

/// Whether one of the signatures in the header `webhook-signature` (separated by spaces, at most 8 are looked at) is
/// ours. The timestamp's age is the caller's to check.
bool is_webhook_signed(std::string_view key, std::string_view signature_header, std::string_view id,
                       std::int64_t timestamp_s, std::string_view body);

}  // namespace livefair::auth
