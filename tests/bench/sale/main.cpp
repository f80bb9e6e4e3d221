#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <vector>

#include "bench/sale/measurements.hpp"

int main(int argc, char** argv) {
    using namespace livefair::bench;
    const std::map<std::string, void (*)(const SaleBenchOptions&)> measurements = {{"orders", measure_orders}, {"boxes", measure_boxes}, {"memory", measure_memory}, {"pace", measure_pace}};
    CLI::App app("Measures the sale. Started by scripts/bench sale.");
    SaleBenchOptions options;
    std::vector<std::string> names;
    app.add_option("names", names, "What to measure, in this order")->required()->check(CLI::IsMember(&measurements));
    app.add_option("--rounds", options.rounds, "Rounds where rates are compared or answers timed")->capture_default_str();
    app.add_option("--seconds", options.seconds, "Length of one measurement")->capture_default_str();
    app.add_option("--at-once", options.at_once, "Orders under way where rates are compared")->capture_default_str();
    app.add_option("--crowd", options.crowd, "Buyers, each with a WebSocket and one order under way at most")->capture_default_str();
    app.add_option("--boxes", options.boxes, "Stock of the flash sale")->capture_default_str();
    app.add_option("--pace", options.pace, "Orders a second where answer times are measured")->capture_default_str();
    app.add_option("--peer", options.peer, "Lua library with the Function place3, the yardstick; without it there are no ratios");
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
