#include "codec/nal.hpp"

#include "base/bytes.hpp"

namespace livefair::codec {

std::string to_rbsp(std::string_view nal) {
    std::string out;
    out.reserve(nal.size());
    int zeros = 0;
    for (const char c : nal) {
        if (zeros >= 2 && c == 3) {
            zeros = 0;
            continue;
        }
        zeros = c == 0 ? zeros + 1 : 0;
        out += c;
    }
    return out;
}

bool is_nal_chain(std::string_view frame, std::size_t nal_length_bytes) {
    ByteReader in(frame);
    bool is_first = true;
    while (in.left() > 0) {
        const auto length = in.big_endian(nal_length_bytes);
        if (!length) return false;
        const auto unit = in.take(*length);
        if (!unit) return false;
        // A frame that begins with an empty unit, or a unit with the forbidden bit: lengths read with the wrong width.
        if (unit->empty() ? is_first : (unit->front() & 0x80) != 0) return false;
        is_first = false;
    }
    return !frame.empty();
}

}  // namespace livefair::codec
