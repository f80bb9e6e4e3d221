#include <openssl/evp.h>

#include <array>

#include "base/check.hpp"
#include "record/manifest.hpp"

namespace livefair::record {
namespace {

EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

// OpenSSL's uses the processor's SHA instructions, libsodium's does not.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    LF_CHECK(context_ && EVP_DigestInit_ex(context_of(context_), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_of(context_)); }

void Sha256::add(std::string_view bytes) { LF_CHECK(EVP_DigestUpdate(context_of(context_), bytes.data(), bytes.size()) == 1); }

std::string Sha256::take() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    LF_CHECK(EVP_DigestFinal_ex(context_of(context_), digest.data(), &length) == 1);
    LF_CHECK(EVP_DigestInit_ex(context_of(context_), EVP_sha256(), nullptr) == 1);
    std::string hex;
    for (unsigned i = 0; i < length; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

std::string sha256_of(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.take();
}

}  // namespace livefair::record
