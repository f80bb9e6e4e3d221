#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <vector>

#include "bench/fanout/measurements.hpp"

int main(int argc, char** argv) {
    using namespace livefair::bench;
    const std::map<std::string, void (*)(const FanoutOptions&)> measurements = {{"events", measure_events}, {"memory", measure_memory}, {"room", measure_room}, {"words", measure_words},
                                                                                {"join", measure_join}, {"resume", measure_resume}, {"slow", measure_slow}, {"cycles", measure_cycles}};
    CLI::App app("Measures livefair-server's fan-out. Started by scripts/bench fanout and scripts/bench storm.");
    FanoutOptions options;
    std::vector<std::string> names;
    app.add_option("names", names, "What to measure, in this order")->required()->check(CLI::IsMember(&measurements));
    app.add_option("--rounds", options.rounds, "Rounds where processor time is compared")->capture_default_str();
    app.add_option("--seconds", options.seconds, "Length of one measurement")->capture_default_str();
    app.add_option("--viewers", options.viewers, "Viewers where processor time is compared")->capture_default_str();
    app.add_option("--idle", options.idle, "Viewers where memory is measured")->capture_default_str();
    app.add_option("--room", options.room, "Viewers of the large room")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    int status = 0;
    for (const auto& name : names) {
        try {
            measurements.at(name)(options);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
            status = 1;
        }
    }
    return status;
}
