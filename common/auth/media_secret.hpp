#pragma once

#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::auth {

/// The secret that livefair-server and livefair-media share: 32 random bytes, kept in a file of 64 hex characters.
/// Makes the file (mode 0600) and its folder when there is none; when both programs start at once, both get the same bytes.
/// For start-up alone: throws std::runtime_error with what to do when the file can't be made or read, may be read by others, or
/// holds anything else.
std::string load_media_secret(const std::string& path);

/// A key of 32 bytes for one purpose ("seal", "media token"): what leaks of one use says nothing about another.
/// BLAKE2b of `purpose` under `secret`, which has 32 bytes.
std::string derive_key(std::string_view secret, std::string_view purpose);

/// Encrypts and authenticates `text` under `secret` (XSalsa20-Poly1305, random nonce); base64url without padding.
/// Sealing the same text twice gives different results.
std::string seal(std::string_view secret, std::string_view text);
/// Errors: Errc::invalid_input - not base64url, cut, changed, or sealed under another secret.
Result<std::string> unseal(std::string_view secret, std::string_view sealed);

}  // namespace livefair::auth
