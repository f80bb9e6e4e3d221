#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/errc.hpp"

namespace livefair {

namespace detail {
inline Result<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) return make_error_code(Errc::too_large);
    return sum;
}
inline Result<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return make_error_code(Errc::too_large);
    return product;
}
}  // namespace detail

/// An integer amount that can't be mixed with another unit. Sums and products that overflow are Errc::too_large.
template <class Unit>
class Amount {
public:
    constexpr Amount() = default;
    constexpr explicit Amount(std::int64_t value) : value_(value) {}
    constexpr std::int64_t value() const { return value_; }
    Result<Amount> plus(Amount other) const { return wrap(detail::checked_add(value_, other.value_)); }
    Result<Amount> times(std::int64_t count) const { return wrap(detail::checked_multiply(value_, count)); }
    auto operator<=>(const Amount&) const = default;

private:
    static Result<Amount> wrap(Result<std::int64_t> value) {
        if (!value) return value.error();
        return Amount(*value);
    }
    std::int64_t value_ = 0;
};

using Fen = Amount<struct FenUnit>;      ///< Money: 1/100 yuan.
using Grams = Amount<struct GramsUnit>;  ///< Net weight.

/// "¥12.34", "-¥0.05".
std::string to_yuan_text(Fen fen);

}  // namespace livefair
