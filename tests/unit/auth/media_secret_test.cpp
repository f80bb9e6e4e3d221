#include "auth/media_secret.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace livefair;

TEST_CASE("the secret's file is made once, for its owner alone, and read again", "[auth]") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("made/media.secret");
    const auto secret = auth::load_media_secret(path);
    CHECK(secret.size() == 32);
    CHECK(auth::load_media_secret(path) == secret);
    CHECK(auth::load_media_secret(folder.file("other.secret")) != secret);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path() / "made"), {}) == 1);
}

TEST_CASE("programs that start at once agree on the secret", "[auth]") {
    const test::TemporaryFolder folder;
    std::vector<std::string> secrets(8);
    std::vector<std::thread> starting;
    for (auto& secret : secrets)
        starting.emplace_back([&folder, &secret] { secret = auth::load_media_secret(folder.file("media.secret")); });
    for (auto& thread : starting) thread.join();
    CHECK(std::set<std::string>(secrets.begin(), secrets.end()).size() == 1);
}

TEST_CASE("a secret that others may read, or that is damaged, stops the start", "[auth]") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("media.secret");
    static_cast<void>(auth::load_media_secret(path));
    ::chmod(path.c_str(), 0640);
    CHECK_THROWS_WITH(auth::load_media_secret(path), Catch::Contains("chmod 600"));
    ::chmod(path.c_str(), 0600);
    for (const auto& damaged : {std::string(), std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'g'), std::string(32, '\0')}) {
        test::write_file(path, damaged);
        CHECK_THROWS_WITH(auth::load_media_secret(path), Catch::Contains("64 hex characters"));
    }
    CHECK_THROWS_AS(auth::load_media_secret("/proc/none/media.secret"), std::runtime_error);
}

TEST_CASE("what is sealed comes back whole, and under no other secret", "[auth]") {
    const std::string secret(32, 's'), other(32, 't');
    for (const auto& text : {std::string(), std::string("rtmp key"), std::string(5000, '\xff')}) {
        const auto sealed = auth::seal(secret, text);
        CHECK(auth::unseal(secret, sealed).value() == text);
        CHECK(auth::unseal(other, sealed).error() == Errc::invalid_input);
        CHECK(auth::seal(secret, text) != sealed);
        if (!text.empty()) CHECK(sealed.find(text) == std::string::npos);
    }
}

TEST_CASE("a sealed text that was touched anywhere is refused", "[auth]") {
    const std::string secret(32, 's');
    const auto sealed = auth::seal(secret, "{\"key\":\"abc\"}");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto changed = sealed;
        // Never only the spare bits of the last character.
        changed[at] = changed[at] == 'A' ? 'w' : 'A';
        if (changed != sealed) CHECK(auth::unseal(secret, changed).has_error());
        CHECK(auth::unseal(secret, sealed.substr(0, at)).has_error());
    }
    CHECK(auth::unseal(secret, sealed + "A").has_error());
    CHECK(auth::unseal(secret, "not base64 at all!").has_error());
}

TEST_CASE("keys for different purposes differ", "[auth]") {
    const std::string secret(32, 's');
    CHECK(auth::derive_key(secret, "seal").size() == 32);
    CHECK(auth::derive_key(secret, "seal") == auth::derive_key(secret, "seal"));
    CHECK(auth::derive_key(secret, "seal") != auth::derive_key(secret, "media token"));
}
