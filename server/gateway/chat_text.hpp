#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/errc.hpp"

namespace livefair::gateway {

/// What may be shown of a chat line: control, zero-width and direction characters taken out (they hide banned words and turn
/// other people's text around), white space at the ends and runs of it inside reduced to one space.
/// Errors: invalid_input - not UTF-8, or nothing is left; too_large - more than `characters_max` code points.
Result<std::string> clean_chat_text(std::string_view text, std::int64_t characters_max);

}  // namespace livefair::gateway
