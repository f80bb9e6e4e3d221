#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <string>

#include "commerce/pay_crypto.hpp"

namespace livefair::test {

/// A pair of keys that only this test run has ever seen, as PEM.
struct KeyPair {
    std::string private_pem, public_pem;
    commerce::RsaPrivateKey private_key() const { return commerce::RsaPrivateKey::from_pem(private_pem).value(); }
    commerce::RsaPublicKey public_key() const { return commerce::RsaPublicKey::from_pem(public_pem).value(); }
};

inline KeyPair to_pem(EVP_PKEY* key) {
    REQUIRE(key != nullptr);
    KeyPair pair;
    const auto write = [&](std::string& text, auto writer) {
        BIO* bio = BIO_new(BIO_s_mem());
        REQUIRE(writer(bio) == 1);
        char* bytes = nullptr;
        const auto size = BIO_get_mem_data(bio, &bytes);
        text.assign(bytes, static_cast<std::size_t>(size));
        BIO_free(bio);
    };
    write(pair.private_pem,
          [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
    write(pair.public_pem, [&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key); });
    EVP_PKEY_free(key);
    return pair;
}

inline KeyPair make_rsa_keys(unsigned bits = 2048) {
    return to_pem(EVP_RSA_gen(bits));
}
inline KeyPair make_ec_keys() {
    return to_pem(EVP_EC_gen("P-256"));
}

}  // namespace livefair::test
