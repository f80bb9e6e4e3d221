#include "base/random.hpp"

#include <sys/random.h>

#include <array>

#include "base/check.hpp"

namespace livefair {

std::string random_hex(std::size_t byte_count) {
    std::array<unsigned char, 64> bytes{};
    LF_CHECK(byte_count <= bytes.size());
    LF_CHECK(::getrandom(bytes.data(), byte_count, 0) == static_cast<ssize_t>(byte_count));
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(byte_count * 2);
    for (std::size_t i = 0; i < byte_count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace livefair
