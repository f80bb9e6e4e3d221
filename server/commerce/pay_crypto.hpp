#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/errc.hpp"

struct evp_pkey_st;

/// What payment providers sign and encrypt with; OpenSSL behind it. Keys are immutable and may be shared.
namespace livefair::commerce {

/// SHA256 with RSA (PKCS #1 v1.5), a key of at least 2048 bits.
class RsaPrivateKey {
public:
    /// Errors: invalid_input - not a PEM private key, not RSA, or too short.
    static Result<RsaPrivateKey> from_pem(std::string_view pem);
    /// Base64.
    std::string sign(std::string_view message) const;

private:
    explicit RsaPrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
    std::shared_ptr<evp_pkey_st> key_;
};

class RsaPublicKey {
public:
    /// A public key or a certificate. Errors: as RsaPrivateKey::from_pem().
    static Result<RsaPublicKey> from_pem(std::string_view pem);
    /// `signature` is base64; one that is not is no signature.
    bool has_signed(std::string_view message, std::string_view signature) const;

private:
    explicit RsaPublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
    std::shared_ptr<evp_pkey_st> key_;
};

/// AEAD_AES_256_GCM: 32 bytes of key, 12 of nonce; the last 16 bytes of `sealed` are the tag.
/// Errors: invalid_input - a length is wrong, or the text, its nonce or `associated` is not what was sealed.
Result<std::string> open_aes_256_gcm(std::string_view key, std::string_view nonce, std::string_view associated,
                                     std::string_view sealed);
/// The other way. Errors: invalid_input.
Result<std::string> seal_aes_256_gcm(std::string_view key, std::string_view nonce, std::string_view associated,
                                     std::string_view text);

}  // namespace livefair::commerce
