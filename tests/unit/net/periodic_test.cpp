#include "net/periodic.hpp"

#include <boost/asio/io_context.hpp>
#include <memory>

#include "support/catch.hpp"

using namespace livefair;
using namespace std::chrono_literals;
using net::Periodic;

namespace {

/// A task of a short period, by a clock that stands still. Its looks at the clock are as short.
struct Scene {
    net::asio::io_context io;
    FakeClock clock;
    Periodic periodic{io.get_executor(), clock, 5ms, "test"};
    int rounds = 0;

    static net::Task<> count(int& rounds) {
        ++rounds;
        co_return;
    }
    void start() {
        periodic.start([this] { return count(rounds); });
    }
    /// Lets the task look at the clock some times.
    void look() {
        for (int i = 0; i < 4; ++i) {
            io.restart();
            io.run_one_for(1s);
        }
    }
};

}  // namespace

TEST_CASE("a periodic task has its first round at once and the next when the period is over, by its clock", "[net]") {
    Scene scene;
    scene.start();
    scene.look();
    REQUIRE(scene.rounds == 1);
    scene.clock.advance(4ms);
    scene.look();
    REQUIRE(scene.rounds == 1);
    scene.clock.advance(1ms);
    scene.look();
    REQUIRE(scene.rounds == 2);
    // Rounds that were missed are not caught up with.
    scene.clock.advance(1h);
    scene.look();
    REQUIRE(scene.rounds == 3);
}

TEST_CASE("the period begins when a round has ended", "[net]") {
    Scene scene;
    scene.periodic.start([&scene] {
        scene.clock.advance(10ms);
        return Scene::count(scene.rounds);
    });
    scene.look();
    REQUIRE(scene.rounds == 1);
    scene.clock.advance(5ms);
    scene.look();
    REQUIRE(scene.rounds == 2);
}

TEST_CASE("a stopped periodic task has no more rounds, lets go of what it kept, and can be started again", "[net]") {
    Scene scene;
    auto kept = std::make_shared<int>();
    scene.periodic.stop();
    scene.periodic.start([&scene, kept] { return Scene::count(scene.rounds); });
    scene.look();
    scene.periodic.stop();
    scene.periodic.stop();
    scene.clock.advance(1h);
    scene.io.restart();
    scene.io.run();
    REQUIRE(scene.rounds == 1);
    REQUIRE(kept.use_count() == 1);
    scene.start();
    scene.look();
    REQUIRE(scene.rounds == 2);
    scene.periodic.stop();
    scene.io.restart();
    scene.io.run();
}

TEST_CASE("a periodic task ends with its owner", "[net]") {
    net::asio::io_context io;
    FakeClock clock;
    int rounds = 0;
    {
        Periodic periodic(io.get_executor(), clock, 5ms, "test");
        periodic.start([&rounds] { return Scene::count(rounds); });
    }
    io.run();
    REQUIRE(rounds == 0);
}
