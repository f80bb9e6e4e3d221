#include "codec/avc.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/bytes.hpp"
#include "codec/bit_reader.hpp"
#include "codec/nal.hpp"

namespace livefair::codec {
namespace {

struct Sps {
    int width = 0;
    int height = 0;
    double fps = 0;
};

bool has_chroma_fields(std::uint32_t profile) {
    constexpr std::array<std::uint32_t, 13> profiles = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return std::find(profiles.begin(), profiles.end(), profile) != profiles.end();
}

void skip_scaling_list(BitReader& in, int size) {
    int last = 8, next = 8;
    for (int i = 0; i < size && in.ok(); ++i) {
        // Modulo 256, as the standard says (7.3.2.1.1.1), whatever the delta: unsigned sums wrap.
        if (next != 0) next = static_cast<int>((static_cast<unsigned>(last) + static_cast<unsigned>(in.signed_golomb())) & 255U);
        last = next == 0 ? last : next;
    }
}

/// Returns chroma_format_idc; 1 (4:2:0) where the profile has none.
std::uint32_t read_chroma(BitReader& in, std::uint32_t profile) {
    if (!has_chroma_fields(profile)) return 1;
    const auto chroma = in.golomb();
    if (chroma == 3) in.flag();
    in.golomb();
    in.golomb();
    in.flag();
    if (in.flag())
        for (int i = 0; i < (chroma == 3 ? 12 : 8) && in.ok(); ++i)
            if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
    return chroma;
}

void skip_picture_order(BitReader& in) {
    const auto type = in.golomb();
    if (type == 0) in.golomb();
    if (type != 1) return;
    in.flag();
    in.signed_golomb();
    in.signed_golomb();
    const auto count = in.golomb();
    for (std::uint32_t i = 0; i < count && i < 256 && in.ok(); ++i) in.signed_golomb();
}

/// The frame rate of the VUI (Annex E.1.1), 0 when it names none.
double read_vui_fps(BitReader& in) {
    constexpr std::uint32_t extended_sar = 255;
    if (in.flag() && in.bits(8) == extended_sar) in.bits(32);
    if (in.flag()) in.flag();  // overscan
    if (in.flag()) {           // video signal type
        in.bits(4);
        if (in.flag()) in.bits(24);
    }
    if (in.flag()) {  // chroma location
        in.golomb();
        in.golomb();
    }
    if (!in.flag()) return 0;
    const double ticks = in.bits(32), scale = in.bits(32);
    if (!in.ok() || ticks == 0) return 0;
    const auto fps = scale / (2 * ticks);  // two fields a frame
    return fps > 0 && fps <= 240 ? fps : 0;
}

/// ITU-T H.264, 7.3.2.1.1. `nal` includes its header byte.
Result<Sps> parse_sps(std::string_view nal) {
    const auto rbsp = to_rbsp(nal.substr(std::min<std::size_t>(1, nal.size())));
    BitReader in(rbsp);
    const auto profile = in.bits(8);
    in.bits(16);
    in.golomb();
    const auto chroma = read_chroma(in, profile);
    in.golomb();
    skip_picture_order(in);
    in.golomb();
    in.flag();
    const std::int64_t columns = std::int64_t{in.golomb()} + 1, rows = std::int64_t{in.golomb()} + 1;
    const bool frames_only = in.flag();
    if (!frames_only) in.flag();
    in.flag();
    std::int64_t left = 0, right = 0, top = 0, bottom = 0;
    if (in.flag()) {
        left = in.golomb();
        right = in.golomb();
        top = in.golomb();
        bottom = in.golomb();
    }
    Sps sps;
    const bool has_vui = in.flag();
    if (!in.ok()) return make_error_code(Errc::invalid_input);
    if (has_vui) sps.fps = read_vui_fps(in);
    const std::int64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
    const std::int64_t unit_y = (chroma == 1 ? 2 : 1) * (frames_only ? 1 : 2);
    const auto width = columns * 16 - (left + right) * unit_x;
    const auto height = rows * 16 * (frames_only ? 1 : 2) - (top + bottom) * unit_y;
    if (width < side_min || height < side_min || width > side_max || height > side_max)
        return make_error_code(Errc::invalid_input);
    sps.width = static_cast<int>(width);
    sps.height = static_cast<int>(height);
    return sps;
}

}  // namespace

Result<VideoConfig> parse_avc_config(std::string_view record) {
    ByteReader in(record);
    const auto version = in.big_endian(1);
    const auto profile = in.big_endian(3);
    const auto length_size = in.big_endian(1);
    const auto sps_count = in.big_endian(1);
    if (!sps_count || *version != 1 || (*sps_count & 31) == 0) return make_error_code(Errc::invalid_input);
    VideoConfig config;
    config.nal_length_bytes = (*length_size & 3) + 1;
    if (config.nal_length_bytes == 3) return make_error_code(Errc::invalid_input);
    Result<Sps> sps = make_error_code(Errc::invalid_input);
    for (std::uint64_t i = 0; i < (*sps_count & 31); ++i) {
        const auto length = in.big_endian(2);
        const auto nal = length ? in.take(*length) : Result<std::string_view>(length.error());
        if (!nal) return nal.error();
        if (i == 0) sps = parse_sps(*nal);
    }
    if (!sps) return sps.error();
    const auto pps_count = in.big_endian(1);
    const auto pps_length = in.big_endian(2);
    if (!pps_length || *pps_count == 0 || *pps_length == 0 || in.left() < *pps_length) return make_error_code(Errc::invalid_input);
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "avc1.%06x", static_cast<unsigned>(*profile));
    config.record = std::string(record);
    config.codec = name.data();
    config.width = sps->width;
    config.height = sps->height;
    config.fps = sps->fps;
    return config;
}

}  // namespace livefair::codec
