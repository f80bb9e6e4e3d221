#include "bench/fanout/speaking.hpp"

namespace livefair::bench {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

Speaking::Speaking(Gateway& gateway, Audience& audience, Lines& lines)
    : gateway_(gateway), audience_(audience), lines_(lines), speaker_(audience.enter(gateway.speaker())) {
    audience_.set_listener([this](std::size_t viewer, std::string_view message, Audience::Time at) {
        if (viewer >= lines_.viewers()) return;
        if (look_) look_(viewer, message, at);
        for (const auto& line : gateway_.lines_in(message)) lines_.take(viewer, line, at);
    });
}

void Speaking::speak(double per_second, milliseconds time, const std::function<void(int)>& each_line) {
    const auto end = Clock::now() + time;
    const auto step = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
    int number = 0;
    for (auto next = Clock::now(); next < end; next += step) {
        while (Clock::now() < next) audience_.turn(std::chrono::ceil<milliseconds>(next - Clock::now()));
        gateway_.say(audience_, speaker_, lines_.make());
        if (each_line) each_line(number++);
    }
    while (Clock::now() < end) audience_.turn(std::chrono::ceil<milliseconds>(end - Clock::now()));
}

bool Speaking::wait_for_all() {
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (!lines_.all_came() && Clock::now() < end) audience_.turn(milliseconds(20));
    return lines_.all_came();
}

}  // namespace livefair::bench
