#include "room/overload.hpp"

#include <catch2/catch.hpp>

using namespace livefair;
using namespace std::chrono_literals;
using room::Load;
using room::Overload;

namespace {

Config::Overload limits() {
    Config::Overload limits;
    limits.lag_ms = 1000;
    limits.memory_bytes = 1'000'000;
    limits.queued_bytes = 1'000'000;
    return limits;
}

/// A program of two shards, judged four times a second.
struct Program {
    void measure(std::chrono::milliseconds lag, std::int64_t memory_bytes = 0, std::int64_t queued_bytes = 0) {
        overload.report(0, lag, queued_bytes);
        overload.report(1, 0ms, 0);
        clock.advance(250ms);
        overload.judge(memory_bytes);
    }
    FakeClock clock;
    Overload overload{limits(), 2, clock};
};

}  // namespace

TEST_CASE("one bad moment sheds nothing and two in a row do", "[overload]") {
    Program program;
    program.measure(5000ms);
    CHECK(program.overload.load() == Load::normal);
    program.measure(10ms);
    program.measure(5000ms);
    CHECK(program.overload.load() == Load::normal);
    program.measure(600ms);
    CHECK(program.overload.load() == Load::shed_chat);
    program.measure(600ms);
    CHECK(program.overload.load() == Load::shed_chat);
    program.measure(800ms);
    program.measure(1200ms);
    CHECK(program.overload.load() == Load::shed_joins);
    program.measure(1200ms);
    CHECK(program.overload.load() == Load::refuse);
}

TEST_CASE("the highest of lag, memory and waiting bytes counts, and waiting bytes of all shards together", "[overload]") {
    for (const auto& [lag, memory, queued, expected] :
         {std::tuple(0ms, 499'999, 0, Load::normal), std::tuple(0ms, 500'000, 0, Load::shed_chat), std::tuple(100ms, 750'000, 100, Load::shed_joins),
          std::tuple(0ms, 0, 1'000'000, Load::refuse), std::tuple(499ms, 499'999, 499'999, Load::normal)}) {
        Program program;
        program.measure(lag, memory, queued);
        program.measure(lag, memory, queued);
        CHECK(program.overload.load() == expected);
    }
    Program program;
    for (int i = 0; i < 2; ++i) {
        program.overload.report(0, 0ms, 300'000);
        program.overload.report(1, 0ms, 300'000);
        program.overload.judge(0);
    }
    CHECK(program.overload.load() == Load::shed_chat);
}

TEST_CASE("a step down needs five calm seconds, and load that swings about a threshold changes nothing", "[overload]") {
    Program program;
    for (int i = 0; i < 2; ++i) program.measure(2000ms);
    REQUIRE(program.overload.load() == Load::refuse);
    // Calm for this step is below 800 ms.
    for (int i = 0; i < 100; ++i) program.measure(i % 4 == 0 ? 850ms : 10ms);
    CHECK(program.overload.load() == Load::refuse);
    for (int i = 0; i < 16; ++i) program.measure(700ms);
    CHECK(program.overload.load() == Load::refuse);
    for (int i = 0; i < 4; ++i) program.measure(700ms);
    CHECK(program.overload.load() == Load::shed_joins);
    for (int i = 0; i < 100; ++i) program.measure(700ms);
    CHECK(program.overload.load() == Load::shed_joins);
    for (int i = 0; i < 19; ++i) program.measure(0ms);
    CHECK(program.overload.load() == Load::shed_joins);
    program.measure(0ms);
    CHECK(program.overload.load() == Load::shed_chat);
    for (int i = 0; i < 20; ++i) program.measure(0ms);
    CHECK(program.overload.load() == Load::normal);
    for (int i = 0; i < 100; ++i) program.measure(0ms);
    CHECK(program.overload.load() == Load::normal);
}

TEST_CASE("without a limit of its own the memory's is three quarters of what the process may use", "[overload]") {
    auto own = limits();
    own.memory_bytes = 0;
    FakeClock clock;
    Overload overload(own, 1, clock);
    const auto usable = room::usable_memory_bytes();
    REQUIRE(usable > 0);
    CHECK(room::resident_bytes() > 0);
    CHECK(room::resident_bytes() < usable);
    for (int i = 0; i < 2; ++i) overload.judge(usable / 4 * 3 - 1);
    CHECK(overload.load() == Load::shed_joins);
    for (int i = 0; i < 2; ++i) overload.judge(usable / 4 * 3);
    CHECK(overload.load() == Load::refuse);
}
