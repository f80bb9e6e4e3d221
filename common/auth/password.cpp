#include "auth/password.hpp"

#include <sodium.h>

#include <array>

#include "auth/token.hpp"
#include "base/check.hpp"

namespace livefair::auth {
namespace {

std::string argon2id(std::string_view password) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    const int failed =
        crypto_pwhash_str_alg(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    return failed ? std::string() : std::string(text.data());
}

/// sodium_init() picks the fast code paths; it may be called from any thread, any number of times.
void init_once() {
    LF_CHECK(sodium_init() >= 0);
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
    if (password.size() < password_bytes_min || password.size() > password_bytes_max) return Errc::invalid_input;
    init_once();
    auto hash = argon2id(password);
    if (hash.empty()) return Errc::internal;
    return hash;
}

bool verify_password(std::string_view hash, std::string_view password) {
    init_once();
    if (password.size() > password_bytes_max) password = password.substr(0, password_bytes_max + 1);
    // The hash of a password that nobody knows, made once: an unknown user is checked against it, for the time it
    // takes.
    static const std::string nobody = argon2id(make_token());
    const bool known = !hash.empty();
    const std::string checked = known ? std::string(hash) : nobody;
    const bool matches = crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0;
    return known && matches;
}

}  // namespace livefair::auth
