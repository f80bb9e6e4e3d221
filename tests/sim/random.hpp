#pragma once

#include <cstdint>
#include <iterator>

namespace livefair::sim {

/// The one source of chance of a run (splitmix64): the same seed, the same run.
class Random {
public:
    /// The numbers of two seeds lie far apart in the one sequence there is: else a run could become that of its neighbour.
    explicit Random(std::uint64_t seed) : state_(mix(seed)) {}
    std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
    /// 0 to `count` - 1.
    std::int64_t below(std::int64_t count) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(count)); }
    /// `low` to `high`.
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
    bool one_in(std::int64_t count) { return below(count) == 0; }
    /// One of several, which are at least one.
    template <class Several>
    auto& pick(Several& several) {
        return *std::next(std::begin(several), below(static_cast<std::int64_t>(std::size(several))));
    }

private:
    static std::uint64_t mix(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

}  // namespace livefair::sim
