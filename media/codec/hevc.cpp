#include "codec/hevc.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "base/bytes.hpp"
#include "codec/bit_reader.hpp"
#include "codec/nal.hpp"

namespace livefair::codec {
namespace {

constexpr std::uint64_t type_vps = 32, type_sps = 33, type_pps = 34;
constexpr std::size_t arrays_max = 16, nals_max = 64;

struct Size {
    std::int64_t width = 0;
    std::int64_t height = 0;
};

/// ITU-T H.265, 7.3.3, after the general part: what the sub-layers add.
void skip_sub_layers(BitReader& in, std::uint32_t count) {
    std::array<bool, 8> profile{}, level{};
    for (std::uint32_t i = 0; i < count; ++i) {
        profile[i] = in.flag();
        level[i] = in.flag();
    }
    if (count > 0) in.bits(2 * (8 - count));
    for (std::uint32_t i = 0; i < count; ++i) {
        if (profile[i])
            for (int byte = 0; byte < 11; ++byte) in.bits(8);
        if (level[i]) in.bits(8);
    }
}

/// ITU-T H.265, 7.3.2.2.1, up to the conformance window. `nal` includes its two header bytes.
Result<Size> parse_sps(std::string_view nal) {
    const auto rbsp = to_rbsp(nal.substr(std::min<std::size_t>(2, nal.size())));
    BitReader in(rbsp);
    in.bits(4);
    const auto sub_layers = in.bits(3);
    in.flag();
    for (int byte = 0; byte < 12; ++byte) in.bits(8);  // general profile, tier and level
    skip_sub_layers(in, sub_layers);
    in.golomb();
    const auto chroma = in.golomb();
    const bool planes_apart = chroma == 3 && in.flag();
    Size size;
    size.width = in.golomb();
    size.height = in.golomb();
    if (in.flag()) {
        const std::int64_t unit_x = !planes_apart && (chroma == 1 || chroma == 2) ? 2 : 1;
        const std::int64_t unit_y = !planes_apart && chroma == 1 ? 2 : 1;
        size.width -= in.golomb() * unit_x;
        size.width -= in.golomb() * unit_x;
        size.height -= in.golomb() * unit_y;
        size.height -= in.golomb() * unit_y;
    }
    const bool fits = std::min(size.width, size.height) >= side_min && std::max(size.width, size.height) <= side_max;
    if (!in.ok() || !fits) return make_error_code(Errc::invalid_input);
    return size;
}

/// ISO/IEC 14496-15, Annex E.3: profile, compatibility flags in reverse order, tier and level, constraint bytes without the zeros at the end.
std::string codec_string(std::string_view record) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(record[at])); };
    std::uint32_t reversed = 0;
    for (unsigned bit = 0; bit < 32; ++bit)
        if ((byte(2 + bit / 8) >> (7 - bit % 8) & 1) != 0) reversed |= 1u << bit;
    const auto space = byte(1) >> 6;
    const std::string prefix = space == 0 ? "" : std::string(1, "ABC"[space - 1]);
    std::array<char, 48> name{};
    std::snprintf(name.data(), name.size(), "hvc1.%s%u.%X.%c%u", prefix.c_str(), byte(1) & 31, static_cast<unsigned>(reversed),
                  (byte(1) & 32) != 0 ? 'H' : 'L', byte(12));
    std::string out = name.data();
    std::size_t constraints = 6;
    while (constraints > 0 && byte(6 + constraints - 1) == 0) --constraints;
    for (std::size_t i = 0; i < constraints; ++i) {
        std::snprintf(name.data(), name.size(), ".%X", byte(6 + i));
        out += name.data();
    }
    return out;
}

/// Walks the record's NAL unit arrays. Returns the first SPS's size.
Result<Size> read_parameter_sets(ByteReader& in) {
    const auto arrays = in.big_endian(1);
    if (!arrays || *arrays > arrays_max) return make_error_code(Errc::invalid_input);
    bool has_vps = false, has_pps = false;
    Result<Size> size = make_error_code(Errc::invalid_input);
    for (std::uint64_t i = 0; i < *arrays; ++i) {
        const auto type = in.big_endian(1);
        const auto count = in.big_endian(2);
        if (!count || *count > nals_max) return make_error_code(Errc::invalid_input);
        for (std::uint64_t nal_index = 0; nal_index < *count; ++nal_index) {
            const auto length = in.big_endian(2);
            const auto nal = length ? in.take(*length) : Result<std::string_view>(length.error());
            if (!nal) return nal.error();
            has_vps |= (*type & 63) == type_vps;
            has_pps |= (*type & 63) == type_pps;
            if ((*type & 63) == type_sps && !size) {
                size = parse_sps(*nal);
                if (!size) return size.error();
            }
        }
    }
    if (!has_vps || !has_pps) return make_error_code(Errc::invalid_input);
    return size;
}

}  // namespace

Result<VideoConfig> parse_hevc_config(std::string_view record) {
    constexpr std::size_t head_bytes = 22;  // before the number of arrays
    ByteReader in(record);
    const auto head = in.take(head_bytes);
    if (!head || head->front() != 1) return make_error_code(Errc::invalid_input);
    const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(record[at])); };
    VideoConfig config;
    config.kind = VideoKind::hevc;
    config.nal_length_bytes = (byte(21) & 3) + 1;
    if (config.nal_length_bytes == 3) return make_error_code(Errc::invalid_input);
    const auto size = read_parameter_sets(in);
    if (!size) return size.error();
    config.record = std::string(record);
    config.codec = codec_string(record);
    config.width = static_cast<int>(size->width);
    config.height = static_cast<int>(size->height);
    const double fps = (byte(19) << 8 | byte(20)) / 256.0;  // avgFrameRate counts frames in 256 s
    config.fps = fps <= 240 ? fps : 0;
    return config;
}

}  // namespace livefair::codec
