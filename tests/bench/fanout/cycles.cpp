#include <cstdio>

#include "bench/fanout/gateways.hpp"
#include "bench/fanout/measurements.hpp"
#include "bench/many_descriptors.hpp"
#include "bench/media/process_figures.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;

constexpr int cycles = 20;
constexpr double goal = 1.2;

/// Lets `count` viewers in and lets them all go again; returns the server's memory after that.
double cycle(Livefair& gateway, int count) {
    {
        Audience audience([](std::size_t, std::string_view, Audience::Time) {});
        for (int i = 0; i < count; ++i) audience.enter(gateway.viewer());
        audience.run_for(1s);
    }
    Audience nobody([](std::size_t, std::string_view, Audience::Time) {});
    nobody.run_for(1s);
    return pss_bytes(gateway.pid());
}

}  // namespace

void measure_cycles(const FanoutOptions& options) {
    allow_many_descriptors();
    Livefair gateway({});
    const double fresh = pss_bytes(gateway.pid()), first = cycle(gateway, options.idle);
    double last = first;
    for (int i = 1; i < cycles; ++i) last = cycle(gateway, options.idle);
    constexpr double mib = 1 << 20;
    std::printf("\nMemory after mass disconnects: %d viewers join and leave, %d times\n\n"
                "| fresh | after the first time | after the last | last to first | goal | |\n|---|---|---|---|---|---|\n"
                "| %.1f MiB | %.1f MiB | %.1f MiB | %.2f | %.1f | %s |\n",
                options.idle, cycles, fresh / mib, first / mib, last / mib, last / first, goal, last <= goal * first ? "met" : "NOT MET");
}

}  // namespace livefair::bench
