#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair {

/// Immutable bytes that any number of shards may hold and send.
using SharedBytes = std::shared_ptr<const std::string>;

inline SharedBytes share_bytes(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

/// Reads big-endian values off a byte range that outlives it. Every read past the end is Errc::invalid_input and reads nothing.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
    std::size_t left() const { return rest_.size(); }
    std::string_view rest() const { return rest_; }

    Result<std::uint64_t> big_endian(std::size_t width) {
        if (width > 8 || rest_.size() < width) return make_error_code(Errc::invalid_input);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(width);
        return value;
    }
    Result<std::string_view> take(std::size_t count) {
        if (rest_.size() < count) return make_error_code(Errc::invalid_input);
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

private:
    std::string_view rest_;
};

/// Appends big-endian values to a string it owns.
class ByteWriter {
public:
    ByteWriter& big_endian(std::uint64_t value, std::size_t width) {
        for (std::size_t i = width; i-- > 0;) bytes_ += static_cast<char>(value >> (8 * i) & 255);
        return *this;
    }
    ByteWriter& append(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    const std::string& bytes() const { return bytes_; }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

}  // namespace livefair
