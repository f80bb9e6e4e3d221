#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::codec {

/// Reads bits, most significant first. Past the end it yields zeros and remembers it: check ok() once at the end.
class BitReader {
public:
    explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
    bool ok() const { return ok_; }

    /// `count` up to 32.
    std::uint32_t bits(unsigned count) {
        std::uint32_t value = 0;
        while (count-- > 0) value = value << 1 | bit();
        return value;
    }
    bool flag() { return bit() != 0; }
    /// Unsigned Exp-Golomb code (ITU-T H.264, 9.1).
    std::uint32_t golomb() {
        unsigned zeros = 0;
        while (ok_ && bit() == 0) {
            if (++zeros > 31) ok_ = false;
        }
        return ok_ ? ((1u << zeros) - 1) + bits(zeros) : 0;
    }
    std::int32_t signed_golomb() {
        const auto code = static_cast<std::int64_t>(golomb());
        return static_cast<std::int32_t>((code & 1) != 0 ? (code + 1) / 2 : -(code / 2));
    }

private:
    std::uint32_t bit() {
        if (at_ / 8 >= bytes_.size()) {
            ok_ = false;
            return 0;
        }
        const auto byte = static_cast<std::uint8_t>(bytes_[at_ / 8]);
        return byte >> (7 - at_++ % 8) & 1;
    }
    std::string_view bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace livefair::codec
