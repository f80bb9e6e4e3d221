// Two traps of our tools, looked for in every file.
//
// g++ 12 destroys the captures of a lambda twice when the lambda is written inside a co_await expression (GCC bug 99576).
// So every lambda with captures gets a name before the co_await. And CMake takes a semicolon in a name for the end of a list item.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;

/// Line numbers of the co_await expressions in `text` that hold a lambda with captures.
std::vector<std::ptrdiff_t> dangerous_lines(const std::string& text) {
    static const std::regex lambda_in_await(R"(co_await[^;{}]*[(,]\s*\[[^\]\s])");
    std::vector<std::ptrdiff_t> lines;
    for (std::sregex_iterator match(text.begin(), text.end(), lambda_in_await), end; match != end; ++match)
        lines.push_back(1 + std::count(text.begin(), text.begin() + match->position(), '\n'));
    return lines;
}

}  // namespace

TEST_CASE("no lambda with captures stands inside a co_await expression", "[house]") {
    for (const auto* tree : {"common", "server", "media", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(LIVEFAIR_SOURCE_DIR) / tree)) {
            const auto extension = entry.path().extension();
            if ((extension != ".cpp" && extension != ".hpp") || entry.path().filename() == "traps_test.cpp") continue;
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            for (const auto line : dangerous_lines(text.str())) {
                INFO(entry.path().generic_string() << ':' << line);
                CHECK(false);
            }
        }
    }
}

TEST_CASE("the test of awaits finds a planted lambda and leaves harmless ones alone", "[house]") {
    CHECK(dangerous_lines("\nauto x = co_await ledger.read(\n    [id](auto& db) { return f(db); });").size() == 1);
    CHECK(dangerous_lines("co_await ledger.read([=](auto& db) { return 1; });").size() == 1);
    CHECK(dangerous_lines("co_await ledger.read([](auto& db) { return 1; });").empty());
    CHECK(dangerous_lines("auto f = [id] { return id; };\nco_await run(std::move(f));").empty());
    CHECK(dangerous_lines("co_await run(list[i], other[j]);").empty());
}

TEST_CASE("no test's name holds a semicolon, which cuts it in two on its way to ctest", "[house]") {
    static const std::regex name(R"re(TEST_CASE\(\s*"[^"]*;)re");
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(LIVEFAIR_SOURCE_DIR) / "tests")) {
        if (entry.path().extension() != ".cpp") continue;
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        INFO(entry.path().generic_string());
        CHECK_FALSE(std::regex_search(text.str(), name));
    }
}
