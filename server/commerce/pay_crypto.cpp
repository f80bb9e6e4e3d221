#include "commerce/pay_crypto.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/hmac.hpp"
#include "base/check.hpp"

namespace livefair::commerce {

namespace {

constexpr int key_bits_min = 2048;
constexpr std::size_t aes_key_bytes = 32, nonce_bytes = 12, tag_bytes = 16;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Bio reader_of(std::string_view text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

/// Refuses other algorithms: the key says what may be verified with it, never the message.
Result<std::shared_ptr<EVP_PKEY>> checked(EVP_PKEY* raw) {
    std::shared_ptr<EVP_PKEY> key(raw, EVP_PKEY_free);
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_bits(key.get()) < key_bits_min)
        return make_error_code(Errc::invalid_input);
    return key;
}

/// No password prompt on a terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

}  // namespace

Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
    auto key = checked(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, no_password, nullptr));
    if (!key) return key.error();
    return RsaPrivateKey(std::move(*key));
}

std::string RsaPrivateKey::sign(std::string_view message) const {
    const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t size = 0;
    LF_CHECK(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    LF_CHECK(EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(message), message.size()) == 1);
    std::string signature(size, '\0');
    LF_CHECK(EVP_DigestSign(digest.get(), bytes_of(signature), &size, bytes_of(message), message.size()) == 1);
    signature.resize(size);
    return auth::base64_encode(signature);
}

Result<RsaPublicKey> RsaPublicKey::from_pem(std::string_view pem) {
    const auto reader = reader_of(pem);
    EVP_PKEY* raw = nullptr;
    if (pem.find("BEGIN CERTIFICATE") == std::string_view::npos) {
        raw = PEM_read_bio_PUBKEY(reader.get(), nullptr, no_password, nullptr);
    } else {
        const Certificate certificate(PEM_read_bio_X509(reader.get(), nullptr, no_password, nullptr), X509_free);
        if (certificate) raw = X509_get_pubkey(certificate.get());
    }
    auto key = checked(raw);
    if (!key) return key.error();
    return RsaPublicKey(std::move(*key));
}

bool RsaPublicKey::has_signed(std::string_view message, std::string_view signature) const {
    const auto bytes = auth::base64_decode(signature);
    if (!bytes || bytes->empty()) return false;
    const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1) return false;
    return EVP_DigestVerify(digest.get(), bytes_of(*bytes), bytes->size(), bytes_of(message), message.size()) == 1;
}

Result<std::string> open_aes_256_gcm(std::string_view key, std::string_view nonce, std::string_view associated,
                                     std::string_view sealed) {
    if (key.size() != aes_key_bytes || nonce.size() != nonce_bytes || sealed.size() < tag_bytes)
        return make_error_code(Errc::invalid_input);
    const auto body = sealed.substr(0, sealed.size() - tag_bytes);
    std::string tag(sealed.substr(body.size()));
    std::string text(body.size(), '\0');
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    const bool is_set =
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(associated), static_cast<int>(associated.size())) ==
            1 &&
        EVP_DecryptUpdate(cipher.get(), bytes_of(text), &size, bytes_of(body), static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1;
    unsigned char rest[tag_bytes];
    if (!is_set || EVP_DecryptFinal_ex(cipher.get(), rest, &size) != 1) return make_error_code(Errc::invalid_input);
    return text;
}

Result<std::string> seal_aes_256_gcm(std::string_view key, std::string_view nonce, std::string_view associated,
                                     std::string_view text) {
    if (key.size() != aes_key_bytes || nonce.size() != nonce_bytes) return make_error_code(Errc::invalid_input);
    std::string sealed(text.size(), '\0'), tag(tag_bytes, '\0');
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    unsigned char rest[tag_bytes];
    const bool is_sealed =
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(associated), static_cast<int>(associated.size())) ==
            1 &&
        EVP_EncryptUpdate(cipher.get(), bytes_of(sealed), &size, bytes_of(text), static_cast<int>(text.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), rest, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1;
    if (!is_sealed) return make_error_code(Errc::invalid_input);
    return sealed + tag;
}

}  // namespace livefair::commerce
