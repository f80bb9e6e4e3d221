#include "bench/fanout/lines.hpp"

#include <stdexcept>

namespace livefair::bench {
namespace {

// Hexadecimal digits as the letters a to p: the chat filter holds a line whose digits look like a telephone number.
void append_letters(std::string& line, std::uint64_t number, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) line += static_cast<char>('a' + (number >> shift & 15));
}

std::uint64_t number_in(std::string_view letters) {
    std::uint64_t number = 0;
    for (const char letter : letters) {
        if (letter < 'a' || letter > 'p') throw std::runtime_error("a viewer got another line than was sent");
        number = number << 4 | static_cast<std::uint64_t>(letter - 'a');
    }
    return number;
}

std::int64_t nanoseconds(Lines::Time time) { return time.time_since_epoch().count(); }

}  // namespace

std::string Lines::make() {
    std::string line;
    append_letters(line, static_cast<std::uint64_t>(nanoseconds(std::chrono::steady_clock::now())), 16);
    append_letters(line, made_++, 8);
    line.resize(bytes_, 'x');
    return line;
}

void Lines::take(std::size_t viewer, std::string_view line, Time at) {
    const auto number = number_in(line.substr(16, 8));
    auto& next = next_.at(viewer);
    if (next != 0 && number != next) throw std::runtime_error("viewer " + std::to_string(viewer) + " got line " + std::to_string(number) + " for " + std::to_string(next));
    next = number + 1;
    if (number < first_) return;
    ++got_;
    ms_.values.push_back(static_cast<double>(nanoseconds(at) - static_cast<std::int64_t>(number_in(line.substr(0, 16)))) / 1e6);
}

void Lines::begin() {
    first_ = made_;
    got_ = 0;
    ms_.values.clear();
}

}  // namespace livefair::bench
