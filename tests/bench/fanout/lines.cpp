#include "bench/fanout/lines.hpp"

#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace livefair::bench {
namespace {

std::uint64_t hex(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (ec != std::errc() || end != text.data() + text.size()) throw std::runtime_error("a viewer got another line than was sent");
    return number;
}

std::int64_t nanoseconds(Lines::Time time) { return time.time_since_epoch().count(); }

}  // namespace

std::string Lines::make() {
    char head[25];
    std::snprintf(head, sizeof head, "%016llx%08llx", static_cast<unsigned long long>(nanoseconds(std::chrono::steady_clock::now())),
                  static_cast<unsigned long long>(made_++));
    std::string line(head);
    line.resize(bytes_, 'x');
    return line;
}

void Lines::take(std::size_t viewer, std::string_view line, Time at) {
    const auto number = hex(line.substr(16, 8));
    auto& next = next_.at(viewer);
    if (next != 0 && number != next) throw std::runtime_error("viewer " + std::to_string(viewer) + " got line " + std::to_string(number) + " for " + std::to_string(next));
    next = number + 1;
    if (number < first_) return;
    ++got_;
    ms_.values.push_back(static_cast<double>(nanoseconds(at) - static_cast<std::int64_t>(hex(line.substr(0, 16)))) / 1e6);
}

void Lines::begin() {
    first_ = made_;
    got_ = 0;
    ms_.values.clear();
}

}  // namespace livefair::bench
