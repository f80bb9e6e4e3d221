#pragma once

#include <string>
#include <string_view>

namespace livefair::push {

/// What a platform said ("code: description"), fit to be shown: valid UTF-8, at most 200 bytes, without control characters, and
/// with every piece of `key` of four characters or more replaced by "***", for platforms that repeat it.
std::string shown_words(std::string_view code, std::string_view description, std::string_view key);

}  // namespace livefair::push
