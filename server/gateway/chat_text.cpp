#include "gateway/chat_text.hpp"

#include <algorithm>
#include <array>

namespace livefair::gateway {
namespace {

struct Range {
    char32_t first, last;
};

/// Code points that nobody sees and some abuse. Sorted.
constexpr std::array<Range, 13> invisible{{
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200F},    // zero-width space, joiners, direction marks
    {0x202A, 0x202E},    // direction embeddings and overrides
    {0x2060, 0x206F},    // word joiner, isolates, deprecated format characters
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // half-width Hangul filler
    {0xFFF9, 0xFFFB},    // interlinear annotations
    {0xE0000, 0xE007F},  // tags
}};

bool is_invisible(char32_t c) {
    return std::any_of(invisible.begin(), invisible.end(), [c](Range range) { return c >= range.first && c <= range.last; });
}

bool is_space(char32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

/// The length of the UTF-8 sequence that starts with `lead`; 0 when none does.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

/// Decodes the first code point of `text` and tells its bytes. Refuses overlong forms, surrogates and what lies beyond U+10FFFF.
Result<std::pair<char32_t, std::size_t>> first_code_point(std::string_view text) {
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    const auto length = sequence_length(lead);
    if (length == 0 || text.size() < length) return make_error_code(Errc::invalid_input);
    if (length == 1) return std::pair{static_cast<char32_t>(lead), length};
    char32_t c = lead & (0xFF >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) return make_error_code(Errc::invalid_input);
        c = c << 6 | (byte & 0x3F);
    }
    if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return make_error_code(Errc::invalid_input);
    return std::pair{c, length};
}

}  // namespace

Result<std::string> clean_chat_text(std::string_view text, std::int64_t characters_max) {
    std::string cleaned;
    std::int64_t characters = 0;
    bool space_before = false;
    while (!text.empty()) {
        const auto next = first_code_point(text);
        if (!next) return next.error();
        const auto [c, length] = *next;
        const auto bytes = text.substr(0, length);
        text.remove_prefix(length);
        if (is_space(c)) {
            space_before = !cleaned.empty();
        } else if (!is_control(c) && !is_invisible(c)) {
            if (space_before) cleaned += ' ';
            characters += space_before ? 2 : 1;
            space_before = false;
            cleaned += bytes;
        }
    }
    if (cleaned.empty()) return make_error_code(Errc::invalid_input);
    if (characters > characters_max) return make_error_code(Errc::too_large);
    return cleaned;
}

}  // namespace livefair::gateway
