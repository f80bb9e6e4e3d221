#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>

#include "base/log.hpp"
#include "bench/many_descriptors.hpp"
#include "chaos/rows.hpp"

namespace {

using namespace livefair;
using namespace livefair::chaos;

/// Exit status for ctest.
constexpr int all_skipped = 77;

/// The named rows, in the order of their names; all short ones when none is named.
std::vector<const Row*> choose(const std::vector<std::string>& ids) {
    std::vector<const Row*> chosen;
    for (const auto& row : rows())
        if (ids.empty() && row.is_short) chosen.push_back(&row);
    for (const auto& id : ids) {
        const auto found = std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.id == id; });
        if (found == rows().end()) throw std::runtime_error("there is no row " + id + "; see --list");
        chosen.push_back(&*found);
    }
    return chosen;
}

int run(const std::vector<const Row*>& chosen, std::uint64_t seed, int minutes, const std::string& keep) {
    std::filesystem::create_directories(keep);
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(minutes);
    std::vector<std::string> broken;
    std::size_t played = 0, skipped = 0;
    do {
        for (const auto* row : chosen) {
            const auto name = row->id + "-" + std::to_string(seed);
            ++played;
            const auto outcome = play(*row, seed, keep + "/" + name + ".jsonl");
            if (outcome == Outcome::broken) broken.push_back(name);
            if (outcome == Outcome::skipped) ++skipped;
        }
        ++seed;
    } while (std::chrono::steady_clock::now() < end);
    std::printf("\n%zu runs, %zu broken, %zu skipped\n", played, broken.size(), skipped);
    for (const auto& name : broken) std::printf("  %s (row-seed)\n", name.c_str());
    if (!broken.empty()) return 1;
    return skipped == played ? all_skipped : 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App command("livefair-chaos: plays faults in the middle of a sale with the real programs, heals them, and recounts from outside.");
    std::uint64_t seed = 0;
    int minutes = 0;
    std::vector<std::string> faults;
    std::string keep = "build/chaos";
    bool list = false;
    auto& seed_option = *command.add_option("--seed", seed, "chooses when faults strike and what buyers do; random when left out. The machine's own timing stays its own");
    command.add_option("--faults", faults, "rows of docs/faults.md, such as F1,F3; all short ones when left out")->delimiter(',');
    command.add_option("--minutes", minutes, "plays them again and again, seed by seed, for so long")->check(CLI::Range(0, 100'000));
    command.add_option("--keep", keep, "folder for the histories (JSON lines)");
    command.add_flag("--list", list, "prints the rows");
    CLI11_PARSE(command, argc, argv);
    if (list) {
        for (const auto& row : rows()) std::printf("%-5s %s%s\n", row.id.c_str(), row.title.c_str(), row.is_short ? "" : " (long)");
        return 0;
    }
    bench::allow_many_descriptors();
    if (seed_option.empty()) seed = std::random_device{}();
    log::start("livefair-chaos", "error");
    int status = 2;
    try {
        status = run(choose(faults), seed, minutes, keep);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "livefair-chaos: %s\n", exception.what());
    }
    log::stop();
    return status;
}
