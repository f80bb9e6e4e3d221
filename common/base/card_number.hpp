#pragma once

#include <string_view>

namespace livefair {

/// Whether `text` has what looks like a payment card's number: 13 to 19 digits (half or full width), in one piece or in
/// groups as on a card, whose check digit is right (ISO/IEC 7812-1, Luhn). Such a text must not be kept: card numbers
/// never come into this system. Of other long numbers one in ten looks so too.
bool has_card_number(std::string_view text);

}  // namespace livefair
