#include "flv/tag.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "flv/enhanced.hpp"
#include "rtmp/amf0.hpp"

namespace livefair::flv {
namespace {

constexpr unsigned codec_avc = 7, codec_hevc = 12;
constexpr unsigned format_enhanced = 9, format_aac = 10;
constexpr unsigned enhanced_bit = 0x80;

}  // namespace

Result<VideoTag> parse_video(std::string_view body) {
    ByteReader in(body);
    const auto head = in.big_endian(1);
    if (!head) return head.error();
    if ((*head & enhanced_bit) != 0) return parse_enhanced_video(body);
    VideoTag tag;
    const auto frame_type = static_cast<unsigned>(*head >> 4);
    const auto codec = *head & 15;
    if (codec != codec_avc && codec != codec_hevc) return make_error_code(Errc::unsupported);
    if (frame_type == frame_command) return tag;
    tag.codec = codec == codec_avc ? codec::VideoKind::avc : codec::VideoKind::hevc;
    const auto packet_type = in.big_endian(1);
    const auto composition = in.big_endian(3);
    if (!packet_type || !composition) return make_error_code(Errc::invalid_input);
    tag.key = frame_type == frame_key;
    tag.composition_ms = signed_24(*composition);
    tag.data = in.rest();
    if (*packet_type > 2) return make_error_code(Errc::invalid_input);
    tag.kind = *packet_type == 0   ? VideoTag::Kind::config
               : *packet_type == 1 ? VideoTag::Kind::frame
                                   : VideoTag::Kind::nothing;
    return tag;
}

Result<AudioTag> parse_audio(std::string_view body) {
    ByteReader in(body);
    const auto head = in.big_endian(1);
    if (!head) return head.error();
    if (*head >> 4 == format_enhanced) return parse_enhanced_audio(body);
    if (*head >> 4 != format_aac) return make_error_code(Errc::unsupported);
    const auto packet_type = in.big_endian(1);
    if (!packet_type || *packet_type > 1) return make_error_code(Errc::invalid_input);
    return AudioTag{*packet_type == 0 ? AudioTag::Kind::config : AudioTag::Kind::frame, in.rest()};
}

Result<Metadata> parse_metadata(std::string_view body) {
    const auto values = rtmp::read_amf0(body);
    if (!values) return values.error();
    auto at = values->begin();
    const auto is_text = [&](std::string_view text) { return at != values->end() && at->text == text; };
    if (is_text("@setDataFrame")) ++at;
    if (!is_text("onMetaData")) return make_error_code(Errc::not_found);
    if (++at == values->end()) return make_error_code(Errc::invalid_input);
    Metadata metadata;
    metadata.has_video = at->find("videocodecid") != nullptr || at->find("width") != nullptr;
    metadata.has_audio = at->find("audiocodecid") != nullptr;
    metadata.fps = std::clamp(at->number_of("framerate", at->number_of("videoframerate", 0)), 0.0, 240.0);
    return metadata;
}

}  // namespace livefair::flv
