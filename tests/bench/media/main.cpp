#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <vector>

#include "bench/media/measurements.hpp"

int main(int argc, char** argv) {
    using namespace livefair::bench;
    const std::vector<std::pair<std::string, void (*)(const MediaOptions&)>> measurements = {
        {"cpu", measure_cpu},         {"memory", measure_memory},     {"delay", measure_delay},
        {"waiting", measure_waiting}, {"delivery", measure_delivery}, {"endurance", measure_endurance}};
    CLI::App app("Measures livefair-media: cpu, memory, delay, waiting, delivery, endurance. Started by scripts/bench media.");
    MediaOptions options;
    std::vector<std::string> names;
    std::vector<std::string> known;
    for (const auto& [name, measure] : measurements) known.push_back(name);
    app.add_option("names", names, "What to measure, in this order")->required()->check(CLI::IsMember(known));
    app.add_option("--clip-folder", options.clip_folder, "Where the clip is kept")->required();
    app.add_option("--rounds", options.rounds, "Rounds where processor time is compared")->capture_default_str();
    app.add_option("--seconds", options.seconds, "Length of one measurement")->capture_default_str();
    app.add_option("--streams", options.streams, "Publishers at once")->capture_default_str();
    app.add_option("--players", options.players, "Players that wait at once")->capture_default_str();
    app.add_option("--minutes", options.minutes, "Length of the endurance run")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    int status = 0;
    for (const auto& name : names) {
        try {
            for (const auto& [known_name, measure] : measurements)
                if (known_name == name) measure(options);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
            status = 1;
        }
    }
    return status;
}
