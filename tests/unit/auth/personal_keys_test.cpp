#include "auth/personal_keys.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temporary_folder.hpp"

using namespace livefair;
using auth::PersonalKeys;

namespace {

const std::string old_key(64, '1'), new_key(64, '2');

std::shared_ptr<const PersonalKeys> keys_of(const test::TemporaryFolder& folder, const std::string& text) {
    const auto path = folder.file("keys");
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return PersonalKeys::load(path);
}

}  // namespace

TEST_CASE("the file of personal keys is made once, for its owner alone", "[auth]") {
    test::TemporaryFolder folder;
    const auto path = folder.file("made/personal.key");
    const auto sealed = PersonalKeys::load(path)->seal("13800001234");
    CHECK(PersonalKeys::load(path)->open(sealed).value() == "13800001234");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    ::chmod(path.c_str(), 0640);
    CHECK_THROWS_WITH(PersonalKeys::load(path), Catch::Contains("chmod 600"));
}

TEST_CASE("a damaged file of personal keys stops the start and is never replaced", "[auth]") {
    test::TemporaryFolder folder;
    for (const auto& text :
         {std::string(), std::string("\n"), old_key.substr(1), old_key + "\nxyz\n", std::string(64, 'g')})
        CHECK_THROWS_AS(keys_of(folder, text), std::runtime_error);
    std::string many;
    for (int i = 0; i < 17; ++i) many += old_key + "\n";
    CHECK_THROWS_AS(keys_of(folder, many), std::runtime_error);
}

TEST_CASE("what a personal key has sealed is opened by it, changed or cut never", "[auth]") {
    const auto keys = PersonalKeys::random();
    const auto sealed = keys->seal("五一大道1号");
    CHECK(sealed != keys->seal("五一大道1号"));
    CHECK(sealed.find("五一") == std::string::npos);
    CHECK(keys->open(sealed).value() == "五一大道1号");
    CHECK(keys->seal("").empty());
    CHECK(keys->open("in plain text").value() == "in plain text");
    CHECK(PersonalKeys::random()->open(sealed).error() == Errc::invalid_input);
    for (std::size_t i = 3; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK(keys->open(changed).has_error());
        CHECK(keys->open(sealed.substr(0, i)).has_error());
    }
}

TEST_CASE("after a change of keys the new one seals and the old one opens what it has sealed", "[auth]") {
    test::TemporaryFolder folder;
    const auto before = keys_of(folder, old_key + "\n");
    const auto sealed = before->seal("王小明");
    CHECK(before->is_newest(sealed));
    const auto after = keys_of(folder, new_key + "\n" + old_key + "\n");
    CHECK(after->open(sealed).value() == "王小明");
    CHECK_FALSE(after->is_newest(sealed));
    CHECK(after->is_newest(after->seal("王小明")));
    CHECK(before->open(after->seal("王小明")).has_error());
    const auto hashes = after->hashes("13800001234");
    REQUIRE(hashes.size() == 2);
    CHECK(hashes[1] == before->hashes("13800001234").front());
    CHECK(hashes[0] != hashes[1]);
    CHECK(PersonalKeys::is_hash(hashes[0]));
    CHECK(after->hashes("13800001235")[0] != hashes[0]);
}
