#include <livefair/v1/socket.pb.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <queue>
#include <random>

#include "bench/fanout/measurements.hpp"
#include "bench/fanout/speaking.hpp"
#include "bench/many_descriptors.hpp"

namespace livefair::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double goal_s = 10;

/// What one viewer has seen of the room.
struct Seen {
    std::int64_t seq = 0;
    bool resumed = false;
    int attempts = 0;
};

/// Viewers that lose their gateway and come back as web/shared/backoff.ts does: full jitter, doubled from 500 ms on.
class Returning {
public:
    Returning(Livefair& gateway, Audience& audience, int port, std::size_t viewers) : gateway_(gateway), audience_(audience), port_(port), seen_(viewers) {
        audience_.on_hang_up([this](std::size_t viewer, int) { lost(viewer); });
        audience_.set_listener([this](std::size_t viewer, std::string_view message, Audience::Time) {
            if (viewer < seen_.size()) take(viewer, message);
        });
    }

    /// Lets back in who is due.
    void let_in() {
        while (!due_.empty() && due_.top().first <= Clock::now()) {
            const auto viewer = due_.top().second;
            due_.pop();
            ++joins_;
            auto door = gateway_.viewer_of("room-a", epoch_, seen_[viewer].seq);
            door.port = port_;
            audience_.enter_again(viewer, door);
        }
    }
    std::size_t resumed() const { return resumed_; }
    std::size_t gaps() const { return gaps_; }
    std::size_t joins() const { return joins_; }
    /// Whether everybody has all up to the newest.
    bool all_are_equal() const {
        return std::all_of(seen_.begin(), seen_.end(), [&](const Seen& each) { return each.seq == seen_.front().seq; });
    }

private:
    void lost(std::size_t viewer) {
        auto& seen = seen_[viewer];
        const double most_ms = std::min(15'000.0, 500.0 * static_cast<double>(1 << std::min(seen.attempts++, 5)));
        const auto wait = std::chrono::duration<double, std::milli>(std::uniform_real_distribution<double>(0, most_ms)(random_));
        due_.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(wait), viewer);
    }

    void take(std::size_t viewer, std::string_view message) {
        const auto& parsed = gateway_.parsed(message);
        auto& seen = seen_[viewer];
        if (parsed.has_snapshot()) {
            epoch_ = parsed.snapshot().epoch();
            if (seen.attempts > 0 && parsed.snapshot().recovered() && !std::exchange(seen.resumed, true)) ++resumed_;
            if (!parsed.snapshot().recovered()) seen.seq = parsed.snapshot().seq();
        }
        for (const auto& event : parsed.events().events()) {
            if (event.seq() == 0) continue;
            if (event.seq() != seen.seq + 1) ++gaps_;
            seen.seq = event.seq();
        }
    }

    Livefair& gateway_;
    Audience& audience_;
    const int port_;
    std::vector<Seen> seen_;
    std::string epoch_;
    std::mt19937 random_{1};
    std::priority_queue<std::pair<Clock::time_point, std::size_t>, std::vector<std::pair<Clock::time_point, std::size_t>>, std::greater<>> due_;
    std::size_t resumed_ = 0, gaps_ = 0, joins_ = 0;
};

}  // namespace

void measure_resume(const FanoutOptions& options) {
    allow_many_descriptors();
    const auto viewers = static_cast<std::size_t>(options.idle);
    Livefair gateway({});
    auto& first = gateway.house().add_gateway();
    auto& second = gateway.house().add_gateway();
    Audience audience([](std::size_t, std::string_view, Audience::Time) {});
    Returning crowd(gateway, audience, second.port(), viewers);
    auto door = gateway.viewer();
    door.port = first.port();
    while (audience.size() < viewers) audience.enter(door);
    gateway.speak_in("room-a", "HOST");
    const auto host = audience.enter(gateway.speaker());
    const auto speak_for = [&](std::chrono::milliseconds time, auto&& is_over) {
        const auto end = Clock::now() + time;
        for (auto next = Clock::now(); next < end && !is_over(); next += 100ms) {
            gateway.say(audience, host, "a line of the host");
            while (Clock::now() < next + 100ms) {
                crowd.let_in();
                audience.turn(1ms);
            }
        }
    };
    speak_for(3s, [] { return false; });
    const auto commands_before = gateway.redis_commands();
    const auto began = Clock::now();
    first.process().signal(SIGKILL);
    speak_for(30s, [&] { return crowd.resumed() == viewers; });
    const double took = std::chrono::duration<double>(Clock::now() - began).count();
    const auto commands_after = gateway.redis_commands();
    constexpr int quiet_seconds = 3;
    speak_for(std::chrono::seconds(quiet_seconds), [] { return false; });
    const auto usual = static_cast<double>(gateway.redis_commands() - commands_after) / quiet_seconds;
    audience.run_for(1s);
    const bool met = crowd.resumed() == viewers && crowd.gaps() == 0 && crowd.all_are_equal() && took <= goal_s;
    std::printf("\nReconnect storm: a gateway with %zu viewers is killed (SIGKILL); they come back to another one (back-off with full jitter from 500 ms on), while the host says 10 "
                "lines a second\n\n"
                "| resumed | in | goal | lines missing or double | joins | Redis commands a second | without a storm | |\n|---|---|---|---|---|---|---|---|\n"
                "| %zu of %zu | %.1f s | %.0f s | %zu | %zu | %.0f | %.0f | %s |\n",
                viewers, crowd.resumed(), viewers, took, goal_s, crowd.gaps(), crowd.joins(), static_cast<double>(commands_after - commands_before) / took, usual, met ? "met" : "NOT MET");
}

}  // namespace livefair::bench
