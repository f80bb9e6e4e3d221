// docs/journeys.md must stay true: each named file exists, and each file is tied to the next one.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Step {
    std::string journey;
    std::string file;
    std::string tie_kind;  ///< include, call or message; empty for the last step.
    std::string tie_name;
};

std::string read_file(const fs::path& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// Rows look like: | `server/room/bus.cpp` | call `room_publish_v1` | what happens |
std::vector<Step> parse_journeys(const std::string& markdown) {
    static const std::regex heading(R"(^## (.+)$)");
    static const std::regex row(R"(^\| `([^`]+)` \| (?:(include|call|message) `([^`]+)`|end) \|.*$)");
    std::vector<Step> steps;
    std::string journey;
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, heading)) journey = match[1];
        else if (std::regex_match(line, match, row)) steps.push_back({journey, match[1], match[2], match[3]});
    }
    return steps;
}

bool has_word(const std::string& text, const std::string& word) {
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
    }
    return false;
}

std::string stem(const std::string& path) { return fs::path(path).replace_extension().generic_string(); }

/// Whether module `from` (its .cpp or its .hpp; a page's .ts or .tsx) includes or imports `name`, and `to` is of the module that `name` names.
bool includes(const fs::path& root, const std::string& from, const std::string& to, const std::string& name) {
    const auto is_to = [&](const std::string& path) { return stem(to).ends_with(path); };
    const auto in_module = [&](const std::string& text) {
        return read_file(root / from).find(text) != std::string::npos || read_file(root / (stem(from) + ".hpp")).find(text) != std::string::npos;
    };
    if (name.ends_with(".hpp")) return is_to(stem(name)) && in_module("#include \"" + name + "\"");
    return is_to(fs::path(name).filename().generic_string()) && in_module("from '" + name + "'");
}

std::vector<std::string> faults(const fs::path& root, const std::vector<Step>& steps) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& step = steps[i];
        if (!fs::is_regular_file(root / step.file)) found.push_back(step.journey + ": no file " + step.file);
        if (step.tie_kind.empty()) continue;
        if (i + 1 == steps.size() || steps[i + 1].journey != step.journey) {
            found.push_back(step.journey + ": nothing follows " + step.file);
            continue;
        }
        const auto& next = steps[i + 1];
        const bool tied = step.tie_kind == "include"
                              ? includes(root, step.file, next.file, step.tie_name) || includes(root, next.file, step.file, step.tie_name)
                              : has_word(read_file(root / step.file), step.tie_name) && has_word(read_file(root / next.file), step.tie_name);
        if (!tied) found.push_back(step.journey + ": " + step.file + " and " + next.file + " are not tied by " + step.tie_kind + " " + step.tie_name);
    }
    return found;
}

}  // namespace

TEST_CASE("every file of docs/journeys.md exists and is tied to the next one", "[docs]") {
    const fs::path root = LIVEFAIR_SOURCE_DIR;
    const auto steps = parse_journeys(read_file(root / "docs/journeys.md"));
    CHECK(steps.size() >= 30);
    for (const auto& fault : faults(root, steps)) FAIL_CHECK(fault);
}

TEST_CASE("the journeys test finds a missing file, a missing include, a missing word and a journey without an end", "[docs]") {
    const fs::path root = LIVEFAIR_SOURCE_DIR;
    const auto found = [&](const std::string& rows) { return faults(root, parse_journeys("## J\n" + rows)).size(); };
    CHECK(found("| `common/base/errc.cpp` | include `base/errc.hpp` | x |\n| `common/base/errc.hpp` | end | x |\n") == 0);
    CHECK(found("| `common/base/none.cpp` | end | x |\n") == 1);
    CHECK(found("| `common/base/errc.cpp` | include `base/id.hpp` | x |\n| `common/base/id.hpp` | end | x |\n") == 1);
    CHECK(found("| `common/base/errc.cpp` | call `no_such_name` | x |\n| `common/base/errc.hpp` | end | x |\n") == 1);
    CHECK(found("| `common/base/errc.cpp` | call `to_string` | x |\n") == 1);
}
