#pragma once

#include <cstdint>
#include <string_view>

namespace livefair::net {

/// What a Range header (RFC 9110 14.2) means for a body of a known length.
struct ByteRange {
    enum class Kind {
        none,           ///< No header, another unit, several ranges or a syntax error: the whole body, which is always allowed.
        satisfiable,    ///< `offset` and `length`, within the body.
        unsatisfiable,  ///< Well-formed, but nothing of it lies in the body: 416.
    };
    Kind kind = Kind::none;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// "bytes=0-99", "bytes=100-", "bytes=-50"; spaces around are allowed. O(length of `header`).
ByteRange parse_range(std::string_view header, std::uint64_t body_length);

}  // namespace livefair::net
