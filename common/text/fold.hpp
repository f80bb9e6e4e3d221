#pragma once

#include <string>
#include <string_view>

/// Texts as people read them, for comparing what they say; never for showing. All take UTF-8 and give UTF-8; bytes that are none become
/// U+FFFD. O(length); thread-safe.
namespace livefair::text {

/// The same for texts that look the same but for case, width, font, accents and characters that nobody sees: NFKC casefold
/// (UAX #31, Unicode 15), decomposed (NFD), without combining marks. "Ｖ\u200bＸ̶" is "vx".
std::string fold(std::string_view text);

/// A folded text without what was put between the letters of a word to hide it: symbols always ("加-微*信"), spaces and the marks between
/// sentences only between single letters ("加 微 信"), so that two words that stand beside each other never make a third.
std::string join_spaced(std::string_view folded);

/// A folded text with nothing but its letters, digits and "+".
std::string squeeze(std::string_view folded);

/// Equal for texts whose letters are mistaken for each other, in any script (UTS #39 skeleton), once squeezed and folded.
std::string skeleton(std::string_view text);

}  // namespace livefair::text
