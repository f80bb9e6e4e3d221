#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace livefair::redis {

/// One RESP2 value.
struct Reply {
    enum class Kind { nil, text, integer, array, error };
    Kind kind = Kind::nil;
    std::string text;         ///< Of text (status and bulk) and error.
    std::int64_t integer = 0;
    std::vector<Reply> items;  ///< Of an array.

    bool is_nil() const { return kind == Kind::nil; }
    bool is_error() const { return kind == Kind::error; }
};

}  // namespace livefair::redis
