#include "base/money.hpp"

#include <cstdio>

namespace livefair {

std::string to_yuan_text(Fen fen) {
    const auto value = fen.value();
    const auto magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    char text[40];
    std::snprintf(text, sizeof text, "%s¥%llu.%02llu", value < 0 ? "-" : "", static_cast<unsigned long long>(magnitude / 100),
                  static_cast<unsigned long long>(magnitude % 100));
    return text;
}

}  // namespace livefair
