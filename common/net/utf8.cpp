#include "net/utf8.hpp"

#include <cstddef>

namespace livefair::net {
namespace {

struct Lead {
    std::size_t length;
    unsigned char second_min, second_max;
};

/// What a sequence that begins with `byte` looks like; length 0 when none does (RFC 3629 §4).
Lead classify(unsigned char byte) {
    if (byte < 0x80) return {1, 0, 0};
    if (byte < 0xC2) return {0, 0, 0};
    if (byte < 0xE0) return {2, 0x80, 0xBF};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte < 0xF0) return {3, 0x80, 0xBF};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte < 0xF4) return {4, 0x80, 0xBF};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = classify(static_cast<unsigned char>(text[at]));
        if (lead.length == 0 || text.size() - at < lead.length) return false;
        for (std::size_t i = 1; i < lead.length; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            const bool is_second = i == 1;
            if (byte < (is_second ? lead.second_min : 0x80) || byte > (is_second ? lead.second_max : 0xBF)) return false;
        }
        at += lead.length;
    }
    return true;
}

}  // namespace livefair::net
