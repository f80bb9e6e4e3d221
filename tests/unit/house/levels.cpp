#include "unit/house/levels.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

namespace livefair::test {
namespace {

namespace fs = std::filesystem;

struct Rules {
    std::map<std::string, int> level_of;                   ///< By folder: "common/net".
    std::set<std::pair<std::string, std::string>> edges;   ///< Allowed inside a level.
    std::vector<std::string> heavy;                        ///< Parts of header names that may not stand in a .hpp.
    std::vector<std::string> unreadable;
};

void read_rule(const std::string& line, Rules& rules) {
    static const std::regex edge(R"((\S+) -> (\S+)  (\S.*))");
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (std::smatch match; std::regex_match(line, match, edge)) {
        rules.edges.emplace(match[1], match[2]);
    } else if (int level = 0; first == "level" && words >> level) {
        for (std::string folder; words >> folder;) rules.level_of[folder] = level;
    } else if (std::string part; first == "heavy" && words >> part) {
        rules.heavy.push_back(part);
    } else {
        rules.unreadable.push_back(line);
    }
}

Rules read_rules(const fs::path& file) {
    Rules rules;
    std::ifstream lines(file);
    if (!lines) rules.unreadable.push_back("cannot open " + file.string());
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line.front() != '#') read_rule(line, rules);
    return rules;
}

/// "server/room" for server/room/hub.hpp, "server" for server/main.cpp.
std::string folder_of(const fs::path& relative) { return relative.parent_path().generic_string(); }

/// The folder that "room/hub.hpp" means in a file of `tree` (server): a module of the own tree, of common, or, which is a
/// breach, of the other tree. Empty for a header without a folder: it is the includer's own or generated.
std::optional<std::string> resolve(const std::string& included, const std::string& tree, const Rules& rules) {
    const auto slash = included.find('/');
    if (slash == std::string::npos) return std::string();
    const auto module = included.substr(0, slash);
    for (const auto& candidate : {tree, std::string("common"), std::string("server"), std::string("media")})
        if (rules.level_of.count(candidate + '/' + module)) return candidate + '/' + module;
    return std::nullopt;
}

std::string tree_of(const std::string& folder) { return folder.substr(0, folder.find('/')); }

/// What is wrong with `from` including `included`; empty when nothing is.
std::string judge_own(const std::string& from, const std::string& included, const Rules& rules) {
    const auto to = resolve(included, tree_of(from), rules);
    if (!to) return "includes \"" + included + "\" of a folder that tests/levels.txt does not know";
    if (to->empty() || *to == from) return {};
    const auto arrow = from + " -> " + *to;
    if (tree_of(*to) != "common" && tree_of(*to) != tree_of(from)) return arrow + " goes across the trees";
    const int from_level = rules.level_of.at(from), to_level = rules.level_of.at(*to);
    if (to_level > from_level) return arrow + " goes up";
    if (to_level == from_level && !rules.edges.count({from, *to})) return arrow + " is sideways and not listed in tests/levels.txt";
    return {};
}

std::string judge_heavy(const std::string& included, const Rules& rules) {
    const bool is_heavy = std::any_of(rules.heavy.begin(), rules.heavy.end(),
                                      [&](const auto& part) { return included.find(part) != std::string::npos; });
    return is_heavy ? "a header includes " + included + ": move it to the .cpp file" : std::string();
}

void check_file(const fs::path& root, const fs::path& file, const Rules& rules, std::vector<std::string>& breaches) {
    static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">].*)re");
    const auto relative = file.lexically_relative(root);
    const auto folder = folder_of(relative);
    const auto report = [&](int line, const std::string& what) {
        if (!what.empty()) breaches.push_back(relative.generic_string() + ':' + std::to_string(line) + ": " + what);
    };
    if (!rules.level_of.count(folder)) return report(0, "its folder is not in tests/levels.txt");
    std::ifstream text(file);
    int number = 0;
    for (std::string line; std::getline(text, line);) {
        ++number;
        std::smatch match;
        if (!std::regex_match(line, match, include)) continue;
        if (match[1] == "\"") report(number, judge_own(folder, match[2], rules));
        if (file.extension() == ".hpp") report(number, judge_heavy(match[2], rules));
    }
}

}  // namespace

std::vector<std::string> find_level_breaches(const fs::path& root, const fs::path& levels_file) {
    const auto rules = read_rules(levels_file);
    std::vector<std::string> breaches;
    for (const auto& line : rules.unreadable) breaches.push_back("tests/levels.txt: unreadable rule: " + line);
    for (const auto* tree : {"common", "server", "media"}) {
        if (!fs::exists(root / tree)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / tree)) {
            const auto extension = entry.path().extension();
            if (extension == ".hpp" || extension == ".cpp") check_file(root, entry.path(), rules, breaches);
        }
    }
    std::sort(breaches.begin(), breaches.end());
    return breaches;
}

}  // namespace livefair::test
