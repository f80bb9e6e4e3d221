#pragma once

#include <chrono>

#include "bench/fanout/gateways.hpp"
#include "bench/fanout/lines.hpp"

namespace livefair::bench {

/// Says lines at a steady rate while the audience reads.
class Speaking {
public:
    /// The speaker is the audience's next viewer; its own copies of the lines are not counted.
    Speaking(Gateway& gateway, Audience& audience, Lines& lines);
    /// `each_line(number)` is called after each line.
    void speak(double per_second, std::chrono::milliseconds time, const std::function<void(int)>& each_line = {});
    /// Is shown every message of the viewers before its lines are counted.
    void look(Audience::Listener listener) { look_ = std::move(listener); }
    /// Until every viewer has every line; false after 10 s.
    bool wait_for_all();

private:
    Gateway& gateway_;
    Audience& audience_;
    Lines& lines_;
    std::size_t speaker_;
    Audience::Listener look_;
};

}  // namespace livefair::bench
