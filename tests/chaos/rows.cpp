#include "chaos/rows.hpp"

#include <cstdio>
#include <exception>
#include <map>

namespace livefair::chaos {
namespace {

/// How many asked, and what they were told at the end.
std::string sum_up(const std::vector<Event>& history) {
    std::map<std::string, std::size_t> counts;
    for (const auto& event : history)
        if (event.what == "place") ++counts[event.reason.empty() ? event.outcome : event.reason];
    std::string text;
    for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
    return text;
}

void print(const Verdict& verdict) { std::printf("  %-8s %s: %s\n", verdict.holds ? "ok" : "BROKEN", verdict.name.c_str(), verdict.detail.c_str()); }

std::vector<Verdict> run(const Row& row, std::uint64_t seed, History& history) {
    std::vector<Verdict> verdicts;
    Scene scene(row.plan, history, seed);
    try {
        scene.begin();
        row.play(scene, verdicts);
        const bool ended = scene.end();
        verdicts.push_back({"progress after the repair", ended, ended ? "every order has its final answer" : "some never got one"});
        for (auto& verdict : check(scene)) verdicts.push_back(std::move(verdict));
    } catch (const std::exception& exception) {
        verdicts.push_back({"the run", false, std::string(exception.what()) + "\n" + scene.logs()});
    }
    return verdicts;
}

}  // namespace

const std::vector<Row>& rows() {
    static const std::vector<Row> all = [] {
        std::vector<Row> list;
        for (const auto& part : {clock_rows, crash_rows, crowd_rows, failover_rows, power_rows, wire_rows})
            for (auto& row : part()) list.push_back(std::move(row));
        return list;
    }();
    return all;
}

Outcome play(const Row& row, std::uint64_t seed, const std::string& history_file) {
    std::printf("\n%s %s (seed %llu)\n", row.id.c_str(), row.title.c_str(), static_cast<unsigned long long>(seed));
    if (row.plan.redis == Plan::Redis::machines) {
        if (const auto why = test::Namespaces::why_not(); !why.empty()) {
            std::printf("%s SKIPPED: this machine has no network namespaces for it: %s\n", row.id.c_str(), why.c_str());
            return Outcome::skipped;
        }
    }
    if (row.plan.postgres && !test::PostgresServer::is_installed()) {
        std::printf("%s SKIPPED: PostgreSQL is not installed\n", row.id.c_str());
        return Outcome::skipped;
    }
    bool holds = true;
    try {
        History history(history_file);
        const auto verdicts = run(row, seed, history);
        std::printf("  answers: %s\n", sum_up(history.events()).c_str());
        for (const auto& verdict : verdicts) {
            print(verdict);
            holds &= verdict.holds;
        }
    } catch (const std::exception& exception) {
        print({"the run", false, exception.what()});
        holds = false;
    }
    std::printf("  history: %s\n%s %s\n", history_file.c_str(), row.id.c_str(), holds ? "holds" : "BROKEN");
    std::fflush(stdout);
    return holds ? Outcome::holds : Outcome::broken;
}

Verdict within(const std::string& name, std::chrono::milliseconds took, std::chrono::milliseconds limit) {
    return {name, took <= limit, std::to_string(took.count()) + " ms, limit " + std::to_string(limit.count()) + " ms"};
}

}  // namespace livefair::chaos
