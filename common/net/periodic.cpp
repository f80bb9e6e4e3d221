#include "net/periodic.hpp"

#include <algorithm>

namespace livefair::net {

Periodic::Periodic(asio::any_io_executor executor, const Clock& clock, std::chrono::milliseconds period, std::string what)
    : executor_(std::move(executor)), clock_(clock), period_(period), what_(std::move(what)) {}

Periodic::~Periodic() {
    stop();
}

void Periodic::start(Round round) {
    stop();
    is_on_ = std::make_shared<bool>(true);
    spawn(executor_, run(is_on_, clock_, period_, std::move(round)), what_);
}

void Periodic::stop() {
    if (is_on_) *is_on_ = false;
}

Task<> Periodic::run(std::shared_ptr<const bool> is_on, const Clock& clock, std::chrono::milliseconds period, Round round) {
    auto next = clock.steady();
    while (*is_on) {
        if (clock.steady() >= next) {
            co_await round();
            next = clock.steady() + period;
            continue;
        }
        co_await sleep_for(std::min(period, look_period));
    }
}

}  // namespace livefair::net
