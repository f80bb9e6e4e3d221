#include "flv/enhanced.hpp"

#include "base/bytes.hpp"

namespace livefair::flv {
namespace {

/// Packet types; video and audio share the numbers of those that both have.
enum Packet : std::uint64_t { sequence_start = 0, coded_frames = 1, sequence_end = 2, coded_frames_x = 3, metadata = 4, ts_sequence_start = 5, mod_ex = 7 };
constexpr std::uint64_t video_multitrack = 6, audio_multitrack = 5, audio_channels = 4;

constexpr std::uint64_t four_cc(const char (&name)[5]) {
    std::uint64_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(name[i]);
    return value;
}

struct Header {
    std::uint64_t packet = 0;
    std::uint64_t codec = 0;  // FourCC
};

/// Skips ModEx: a size of one byte, or of two when that is full; data; then its type and the packet type that follows.
Result<std::uint64_t> skip_mod_ex(ByteReader& in, std::uint64_t packet) {
    while (packet == mod_ex) {
        auto size = in.big_endian(1);
        if (size && *size == 255) size = in.big_endian(2);
        const auto data = size ? in.take(*size + 1) : Result<std::string_view>(size.error());
        const auto next = data ? in.big_endian(1) : Result<std::uint64_t>(data.error());
        if (!next) return next.error();
        packet = *next & 15;
    }
    return packet;
}

/// From behind ModEx to behind the track id.
Result<Header> read_header(ByteReader& in, std::uint64_t packet, std::uint64_t multitrack) {
    Header header{packet, 0};
    const bool is_multitrack = packet == multitrack;
    if (is_multitrack) {
        constexpr std::uint64_t one_track = 0;
        const auto kind = in.big_endian(1);
        if (!kind) return kind.error();
        if (*kind >> 4 != one_track) return make_error_code(Errc::unsupported);
        header.packet = *kind & 15;
    }
    const auto codec = in.big_endian(4);
    if (!codec) return codec.error();
    header.codec = *codec;
    if (!is_multitrack) return header;
    const auto track = in.big_endian(1);
    if (!track) return track.error();
    if (*track != 0) return make_error_code(Errc::unsupported);
    return header;
}

Result<codec::VideoKind> kind_of(std::uint64_t codec) {
    if (codec == four_cc("avc1")) return codec::VideoKind::avc;
    if (codec == four_cc("hvc1")) return codec::VideoKind::hevc;
    if (codec == four_cc("av01")) return codec::VideoKind::av1;
    return make_error_code(Errc::unsupported);
}

}  // namespace

Result<VideoTag> parse_enhanced_video(std::string_view body) {
    ByteReader in(body);
    const auto head = in.big_endian(1);
    const auto packet = head ? skip_mod_ex(in, *head & 15) : head;
    if (!packet) return packet.error();
    VideoTag tag;
    const auto frame_type = static_cast<unsigned>(*head >> 4 & 7);
    if (frame_type == frame_command && *packet != metadata) return tag;
    const auto header = read_header(in, *packet, video_multitrack);
    if (!header) return header.error();
    const auto kind = kind_of(header->codec);
    if (!kind) return kind.error();
    tag.codec = *kind;
    tag.key = frame_type == frame_key;
    switch (header->packet) {
        case sequence_start:
            tag.kind = VideoTag::Kind::config;
            break;
        case coded_frames:
            tag.kind = VideoTag::Kind::frame;
            if (*kind != codec::VideoKind::av1) {
                const auto composition = in.big_endian(3);
                if (!composition) return composition.error();
                tag.composition_ms = signed_24(*composition);
            }
            break;
        case coded_frames_x:
            tag.kind = VideoTag::Kind::frame;
            break;
        case sequence_end:
        case metadata:
            break;
        case ts_sequence_start:
            return make_error_code(Errc::unsupported);
        default:
            return make_error_code(Errc::invalid_input);
    }
    tag.data = in.rest();
    // A sample in an MP4 file begins without a temporal delimiter (AV1 in ISOBMFF, 2.4); some encoders send it.
    constexpr std::string_view temporal_delimiter("\x12\x00", 2);
    const bool is_delimited = tag.codec == codec::VideoKind::av1 && tag.kind == VideoTag::Kind::frame && tag.data.starts_with(temporal_delimiter);
    if (is_delimited) tag.data.remove_prefix(temporal_delimiter.size());
    return tag;
}

Result<AudioTag> parse_enhanced_audio(std::string_view body) {
    ByteReader in(body);
    const auto head = in.big_endian(1);
    const auto packet = head ? skip_mod_ex(in, *head & 15) : head;
    if (!packet) return packet.error();
    const auto header = read_header(in, *packet, audio_multitrack);
    if (!header) return header.error();
    if (header->codec != four_cc("mp4a")) return make_error_code(Errc::unsupported);
    switch (header->packet) {
        case sequence_start:
            return AudioTag{AudioTag::Kind::config, in.rest()};
        case coded_frames:
            return AudioTag{AudioTag::Kind::frame, in.rest()};
        case sequence_end:
        case audio_channels:
            return AudioTag{AudioTag::Kind::nothing, {}};
        default:
            return make_error_code(Errc::invalid_input);
    }
}

}  // namespace livefair::flv
