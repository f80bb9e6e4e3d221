#include "codec/av1.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>


#include "base/bytes.hpp"
#include "codec/bit_reader.hpp"
#include "codec/nal.hpp"

namespace livefair::codec {
namespace {

constexpr unsigned type_sequence_header = 1;

struct Obu {
    unsigned type = 0;
    std::string_view payload;
};

/// AV1, 4.10.5.
Result<std::uint64_t> read_leb128(ByteReader& in) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const auto byte = in.big_endian(1);
        if (!byte) return byte.error();
        value |= (*byte & 127) << (7 * i);
        if ((*byte & 128) == 0) return value;
    }
    return make_error_code(Errc::invalid_input);
}

/// AV1, 5.3: header, size, payload. An OBU without a size reaches to the end.
Result<Obu> read_obu(ByteReader& in) {
    constexpr std::uint64_t forbidden = 0x80, extension = 4, has_size = 2;
    const auto head = in.big_endian(1);
    if (!head || (*head & forbidden) != 0) return make_error_code(Errc::invalid_input);
    if ((*head & extension) != 0 && !in.take(1)) return make_error_code(Errc::invalid_input);
    const auto size = (*head & has_size) != 0 ? read_leb128(in) : Result<std::uint64_t>(in.left());
    const auto payload = size ? in.take(*size) : Result<std::string_view>(size.error());
    if (!payload) return payload.error();
    return Obu{static_cast<unsigned>(*head >> 3 & 15), *payload};
}

struct Timing {
    double fps = 0;
    bool has_decoder_model = false;
    unsigned buffer_delay_bits = 0;
};

/// AV1, 5.5.1, timing_info() and decoder_model_info().
Timing read_timing(BitReader& in) {
    Timing timing;
    if (!in.flag()) return timing;
    const double ticks = in.bits(32), scale = in.bits(32);
    if (in.flag() && ticks > 0) timing.fps = scale / ticks / (1.0 + in.golomb());
    if (timing.fps > 240) timing.fps = 0;
    timing.has_decoder_model = in.flag();
    if (!timing.has_decoder_model) return timing;
    timing.buffer_delay_bits = in.bits(5) + 1;
    in.bits(32);
    in.bits(10);
    return timing;
}

void skip_operating_points(BitReader& in, const Timing& timing) {
    const bool has_display_delay = in.flag();
    const auto count = in.bits(5) + 1;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        in.bits(12);
        if (in.bits(5) > 7) in.flag();
        if (timing.has_decoder_model && in.flag()) {
            in.bits(timing.buffer_delay_bits);
            in.bits(timing.buffer_delay_bits);
            in.flag();
        }
        if (has_display_delay && in.flag()) in.bits(4);
    }
}

/// AV1, 5.5.1, up to the frame size.
Result<> read_sequence_header(std::string_view payload, VideoConfig& config) {
    BitReader in(payload);
    in.bits(4);  // profile, still picture
    if (in.flag()) {
        in.bits(5);  // a reduced header: the level alone
    } else {
        const auto timing = read_timing(in);
        config.fps = timing.fps;
        skip_operating_points(in, timing);
    }
    const auto width_bits = in.bits(4) + 1, height_bits = in.bits(4) + 1;
    const auto width = in.bits(width_bits) + 1, height = in.bits(height_bits) + 1;
    constexpr std::uint32_t least = side_min, most = side_max;
    if (!in.ok() || std::min(width, height) < least || std::max(width, height) > most) return make_error_code(Errc::invalid_input);
    config.width = static_cast<int>(width);
    config.height = static_cast<int>(height);
    return {};
}

/// AV1 in ISOBMFF, 5: profile, level and tier, bit depth.
std::string codec_string(std::uint64_t head) {
    const auto field = [&](unsigned shift, unsigned mask) { return static_cast<unsigned>(head >> shift) & mask; };
    const bool high_depth = field(14, 1) != 0, twelve = field(13, 1) != 0;
    std::array<char, 48> name{};
    std::snprintf(name.data(), name.size(), "av01.%u.%02u%c.%02u", field(21, 7), field(16, 31), field(15, 1) != 0 ? 'H' : 'M',
                  !high_depth ? 8U : twelve ? 12U : 10U);
    return name.data();
}

}  // namespace

Result<VideoConfig> parse_av1_config(std::string_view record) {
    constexpr std::uint64_t marker_and_version = 0x81;
    ByteReader in(record);
    const auto head = in.big_endian(4);
    if (!head || *head >> 24 != marker_and_version) return make_error_code(Errc::invalid_input);
    VideoConfig config;
    config.kind = VideoKind::av1;
    while (in.left() > 0) {
        const auto obu = read_obu(in);
        if (!obu) return obu.error();
        if (obu->type != type_sequence_header || config.width > 0) continue;
        if (const auto read = read_sequence_header(obu->payload, config); !read) return read.error();
    }
    if (config.width == 0) return make_error_code(Errc::invalid_input);
    config.record = std::string(record);
    config.codec = codec_string(*head);
    return config;
}

bool is_obu_chain(std::string_view frame) {
    ByteReader in(frame);
    while (in.left() > 0)
        if (!read_obu(in)) return false;
    return !frame.empty();
}

}  // namespace livefair::codec
