// livefair-sim: runs the sale under a seeded simulator. See --help.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/check.hpp"
#include "base/log.hpp"
#include "sim/simulation.hpp"
#include "sim/virtual_time.hpp"

namespace {

using namespace livefair;

struct Arguments {
    std::uint64_t from = 1;
    std::uint64_t seeds = 200;
    std::int64_t steps = 1000;
    std::uint64_t jobs = 1;
    std::string plant;
    std::string list;
    bool is_traced = false;
    bool wants_coverage = false;
    bool keeps_going = false;
};

/// What a batch of runs came to.
struct Outcome {
    std::uint64_t runs = 0;
    std::int64_t steps = 0;
    std::uint64_t violations = 0;
    sim::Coverage coverage;

    std::string save() const {
        std::ostringstream text;
        text << runs << ' ' << steps << ' ' << violations << '\n' << coverage.save();
        return text.str();
    }
    void add(std::istream& text) {
        std::uint64_t more_runs = 0, more_violations = 0;
        std::int64_t more_steps = 0;
        text >> more_runs >> more_steps >> more_violations;
        text.ignore();
        runs += more_runs;
        steps += more_steps;
        violations += more_violations;
        coverage.load(std::string(std::istreambuf_iterator<char>(text), {}));
    }
};

/// How far one process is; the others see it.
struct Progress {
    std::atomic<std::uint64_t> seed, runs, violations;
};

/// All processes' progress, in memory that they share. Whoever runs share 0 tells of it, now and then.
class Board {
public:
    Board(std::uint64_t shares, std::uint64_t seeds) : shares_(shares), seeds_(seeds) {
        void* memory = ::mmap(nullptr, shares * sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        LF_CHECK(memory != MAP_FAILED);
        progress_ = static_cast<Progress*>(memory);
    }
    Board(const Board&) = delete;
    Progress& of(std::uint64_t share) { return progress_[share]; }
    void tell() {
        const auto now_us = sim::real_us();
        if (now_us - told_us_ < period_us) return;
        told_us_ = now_us;
        std::uint64_t runs = 0, violations = 0;
        for (std::uint64_t i = 0; i < shares_; ++i) {
            runs += progress_[i].runs;
            violations += progress_[i].violations;
        }
        std::printf("%.0f s: %llu of %llu seeds, %llu violations\n", static_cast<double>(now_us - begun_us_) / 1e6,
                    static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seeds_),
                    static_cast<unsigned long long>(violations));
        std::fflush(stdout);
    }

private:
    static constexpr std::int64_t period_us = 10'000'000;
    std::uint64_t shares_, seeds_;
    Progress* progress_;
    std::int64_t begun_us_ = sim::real_us();
    std::int64_t told_us_ = begun_us_;
};

std::vector<std::uint64_t> seeds_of(const Arguments& arguments) {
    std::vector<std::uint64_t> seeds;
    if (arguments.list.empty()) {
        for (std::uint64_t i = 0; i < arguments.seeds; ++i) seeds.push_back(arguments.from + i);
        return seeds;
    }
    std::ifstream file(arguments.list);
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] >= '0' && line[0] <= '9') seeds.push_back(std::stoull(line));
    }
    return seeds;
}

/// Every `jobs`-th seed from number `first` on.
Outcome run_share(const Arguments& arguments, sim::Plant plant, std::uint64_t first, Board& board) {
    sim::LuaLibrary library;
    library.load(sim::till_library_with(plant));
    const auto database = sim::make_database();
    Outcome outcome;
    const auto seeds = seeds_of(arguments);
    auto& progress = board.of(first);
    for (auto i = first; i < seeds.size(); i += arguments.jobs) {
        progress.seed = seeds[i];
        progress.runs = outcome.runs;
        progress.violations = outcome.violations;
        if (first == 0) board.tell();
        sim::Simulation simulation({seeds[i], arguments.steps, plant, arguments.is_traced}, library, *database, outcome.coverage);
        const auto failure = simulation.run();
        outcome.steps += simulation.steps();
        ++outcome.runs;
        if (failure.empty()) continue;
        ++outcome.violations;
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seeds[i]), failure.c_str());
        std::fflush(stdout);
        if (!arguments.keeps_going) break;
    }
    return outcome;
}

/// Each share in a process of its own: a simulation has the clocks of its whole process.
Outcome run_shares(const Arguments& arguments, sim::Plant plant, Board& board) {
    std::vector<std::pair<pid_t, std::FILE*>> children;
    for (std::uint64_t i = 0; i < arguments.jobs; ++i) {
        std::FILE* results = std::tmpfile();
        const pid_t child = results == nullptr ? -1 : ::fork();
        if (child < 0) {
            std::fprintf(stderr, "can't start another process\n");
            std::exit(2);
        }
        if (child == 0) {
            const auto text = run_share(arguments, plant, i, board).save();
            const bool is_written = std::fwrite(text.data(), 1, text.size(), results) == text.size() && std::fflush(results) == 0;
            ::_exit(is_written ? 0 : 2);
        }
        children.emplace_back(child, results);
    }
    Outcome all;
    for (std::uint64_t i = 0; i < children.size(); ++i) {
        const auto& [child, results] = children[i];
        int status = 0;
        if (::waitpid(child, &status, 0) != child || status != 0) {
            std::printf("a simulator died at seed %llu: status %d\n", static_cast<unsigned long long>(board.of(i).seed.load()), status);
            ++all.violations;
            continue;
        }
        std::rewind(results);
        std::string text;
        char part[4096];
        for (std::size_t size; (size = std::fread(part, 1, sizeof part, results)) > 0;) text.append(part, size);
        std::fclose(results);
        std::istringstream stream(text);
        all.add(stream);
    }
    return all;
}

int report(const Arguments& arguments, sim::Plant plant, const Outcome& outcome, double seconds) {
    std::printf("%llu seeds, %lld steps in %.1f s (%.0f a second), %llu violations\n", static_cast<unsigned long long>(outcome.runs),
                static_cast<long long>(outcome.steps), seconds, static_cast<double>(outcome.steps) / seconds,
                static_cast<unsigned long long>(outcome.violations));
    if (plant != sim::Plant::none) {
        std::printf("the planted fault was %s\n", outcome.violations > 0 ? "found" : "NOT found");
        return outcome.violations > 0 ? 0 : 1;
    }
    if (outcome.violations > 0) std::printf("to see all that happens in a run: --seed N --trace; keep the seed in tests/sim/seeds.txt\n");
    if (!arguments.wants_coverage) return outcome.violations > 0 ? 1 : 0;
    std::printf("%s", outcome.coverage.table().c_str());
    const auto never = outcome.coverage.never_hit();
    for (const auto& each : never) std::printf("never taken: %s\n", each.c_str());
    return outcome.violations > 0 || !never.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    std::uint64_t one_seed = 0;
    CLI::App app(
        "Runs the sale under a simulator: the product's own code on a model of Redis, SQLite in memory and virtual time. "
        "Exit status 0: no rule was broken (with --plant: the fault was found).");
    app.add_option("--seed", one_seed, "Run this seed alone");
    app.add_option("--from", arguments.from, "First seed (1)");
    app.add_option("--seeds", arguments.seeds, "How many seeds (200)");
    app.add_option("--list", arguments.list, "Run the seeds of this file, one a line");
    app.add_option("--steps", arguments.steps, "Steps of chaos in each run; repairing comes on top (1000)");
    app.add_option("--jobs", arguments.jobs, "Processes that share the seeds (1)")->check(CLI::Range(1, 64));
    app.add_option("--plant", arguments.plant, "Plant this fault; a name that is none lists them");
    app.add_flag("--trace", arguments.is_traced, "Print all that happens");
    app.add_flag("--keep-going", arguments.keeps_going, "Run the other seeds, too, when one has failed");
    app.add_flag("--coverage", arguments.wants_coverage, "Print how often each transition was taken; one that never was is a failure");
    CLI11_PARSE(app, argc, argv);
    if (one_seed != 0) {
        arguments.from = one_seed;
        arguments.seeds = 1;
    }
    auto plant = sim::Plant::none;
    for (const auto& known : sim::plant_names()) {
        if (arguments.plant == known.name) plant = known.plant;
    }
    if (!arguments.plant.empty() && plant == sim::Plant::none) {
        std::fprintf(stderr, "no such fault; there are:\n");
        for (const auto& known : sim::plant_names()) std::fprintf(stderr, "  %-24s %s\n", known.name, known.what);
        return 2;
    }
    if (arguments.is_traced) livefair::log::start("sim", "warn");
    const auto begun_us = sim::real_us();
    Board board(arguments.jobs, seeds_of(arguments).size());
    const auto outcome = arguments.jobs == 1 ? run_share(arguments, plant, 0, board) : run_shares(arguments, plant, board);
    const int status = report(arguments, plant, outcome, static_cast<double>(sim::real_us() - begun_us) / 1e6);
    if (arguments.is_traced) livefair::log::stop();
    return status;
}
