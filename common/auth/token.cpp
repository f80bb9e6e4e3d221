#include "auth/token.hpp"

#include <sodium.h>

#include <array>

#include "base/random.hpp"

namespace livefair::auth {

std::string make_token() {
    return random_hex(32);
}

std::string make_stream_key() {
    return random_hex(16);
}

std::string hash_token(std::string_view token) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
    std::array<char, hash.size() * 2 + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace livefair::auth
