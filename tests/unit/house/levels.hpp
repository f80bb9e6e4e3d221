#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace livefair::test {

/// Checks every #include of the .hpp and .cpp files under common/, server/ and media/ of `root` against the rules in
/// `levels_file` (tests/levels.txt explains them). Returns one line for each breach: "file:line: what is wrong".
/// A line of the rules that can't be read is a breach too.
std::vector<std::string> find_level_breaches(const std::filesystem::path& root, const std::filesystem::path& levels_file);

}  // namespace livefair::test
