#include "auth/password.hpp"

#include <catch2/catch.hpp>
#include <chrono>

using namespace livefair;

TEST_CASE("a password is stored as Argon2id with a salt of its own", "[auth]") {
    const auto first = auth::hash_password("correct horse").value(),
               second = auth::hash_password("correct horse").value();
    CHECK(first.starts_with("$argon2id$"));
    CHECK(first != second);
    CHECK(auth::verify_password(first, "correct horse"));
    CHECK_FALSE(auth::verify_password(first, "correct horsf"));
    CHECK_FALSE(auth::verify_password(first, ""));
}

TEST_CASE("passwords too short or too long are refused before any work", "[auth]") {
    CHECK(auth::hash_password("short").error() == Errc::invalid_input);
    CHECK(auth::hash_password(std::string(129, 'a')).error() == Errc::invalid_input);
}

TEST_CASE("an unknown user costs the work of a known one and is never let in", "[auth]") {
    const auto known = auth::hash_password("correct horse").value();
    (void)auth::verify_password("", "warm up");
    const auto cost = [](const std::string& hash) {
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(auth::verify_password(hash, "wrong horse!"));
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    // Machines are noisy: only that both do the hashing is checked.
    CHECK(cost("") > cost(known) / 5);
    CHECK_FALSE(auth::verify_password("not a hash", "correct horse"));
}
