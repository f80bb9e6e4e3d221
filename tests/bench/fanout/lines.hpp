#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/media/process_figures.hpp"

namespace livefair::bench {

/// Lines that say when they were sent and which they are, so that who gets them can tell how long they took and whether one is missing.
class Lines {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `bytes`: of each line, at least 24.
    Lines(std::size_t viewers, std::size_t bytes) : next_(viewers, 0), bytes_(bytes) {}

    std::string make();
    /// A viewer got a line. Throws std::runtime_error when it is not the next one. Viewers that came later than others skip what was before.
    void take(std::size_t viewer, std::string_view line, Time at);

    /// Forgets all times and counts; the lines to come are those that count.
    void begin();
    /// That the lines are counted of: the audience's first ones.
    std::size_t viewers() const { return next_.size(); }
    std::uint64_t sent() const { return made_ - first_; }
    std::uint64_t got() const { return got_; }
    bool all_came() const { return got_ == sent() * next_.size(); }
    const Readings& ms() const { return ms_; }

private:
    std::vector<std::uint64_t> next_;  ///< By viewer.
    std::size_t bytes_;
    std::uint64_t made_ = 0, first_ = 0, got_ = 0;
    Readings ms_;
};

}  // namespace livefair::bench
