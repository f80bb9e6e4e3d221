#include <cstdio>
#include <set>
#include <stdexcept>

#include "bench/fanout/gateways.hpp"
#include "bench/fanout/measurements.hpp"
#include "bench/many_descriptors.hpp"
#include "bench/media/process_figures.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;

constexpr double goal_kib = 1;

double kib_per_viewer(Gateway& gateway, int count) {
    std::set<std::size_t> welcomed;
    Audience audience([&](std::size_t viewer, std::string_view message, Audience::Time) {
        if (gateway.is_welcome(message)) welcomed.insert(viewer);
    });
    // The first ones bring in what is there once: the room, code that had not run.
    constexpr std::size_t first = 50;
    while (audience.size() < first) audience.enter(gateway.viewer());
    audience.run_for(2s);
    const double before = pss_bytes(gateway.pid());
    for (int i = 0; i < count; ++i) audience.enter(gateway.viewer());
    audience.run_for(3s);
    if (gateway.welcomes() && welcomed.size() < audience.size()) throw std::runtime_error("not every viewer has joined");
    return (pss_bytes(gateway.pid()) - before) / 1024 / count;
}

}  // namespace

void measure_memory(const FanoutOptions& options) {
    allow_many_descriptors();
    std::printf("\nMemory of the server (PSS growth) for each of %d viewers that have joined one room and wait\n\n", options.idle);
    Livefair ours({});
    const double kib = kib_per_viewer(ours, options.idle);
    Nchan peer;
    const double peer_kib = kib_per_viewer(peer, options.idle);
    std::printf("| server | KiB per viewer | goal | |\n|---|---|---|---|\n| Nchan | %.2f | | |\n| Livefair | %.2f | %.0f | %s |\n", peer_kib, kib, goal_kib,
                kib <= goal_kib ? "met" : "NOT MET");
}

}  // namespace livefair::bench
