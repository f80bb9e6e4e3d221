#include "push/flv_writer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "rtmp/amf0.hpp"

namespace livefair::push {
namespace {

using codec::VideoKind;

constexpr std::uint64_t key_frame = 1, inter_frame = 2, codec_avc = 7;
constexpr std::uint64_t enhanced_bit = 0x80;
enum PacketType : std::uint64_t { sequence_start = 0, coded_frames = 1, coded_frames_x = 3 };
constexpr std::string_view aac_head("\xAF\x01", 2), aac_config_head("\xAF\x00", 2);  // 0xAF whatever the rate: E.4.2.1
constexpr double aac_id = 10;

/// A FourCC as the number that enhanced RTMP's metadata names a codec by.
double number_of(std::string_view four_cc) {
    std::uint32_t value = 0;
    for (const char c : four_cc) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

/// An object's bytes as an ECMA array, which is what servers expect of metadata.
std::string as_array(std::string object, std::size_t members) {
    constexpr std::uint64_t ecma_array = 8;
    ByteWriter head;
    head.big_endian(ecma_array, 1).big_endian(members, 4);
    return head.take() + object.substr(1);
}

}  // namespace

std::string_view four_cc_of(VideoKind kind) { return kind == VideoKind::hevc ? "hvc1" : kind == VideoKind::av1 ? "av01" : ""; }

std::string metadata_body(const stream::Tracks& tracks) {
    std::vector<std::pair<std::string_view, double>> numbers;
    if (const auto& video = tracks.video) {
        const auto four_cc = four_cc_of(video->kind);
        numbers = {{"width", video->width}, {"height", video->height}, {"videocodecid", four_cc.empty() ? codec_avc : number_of(four_cc)}};
        if (tracks.fps > 0) numbers.emplace_back("framerate", tracks.fps);
    }
    if (const auto& audio = tracks.audio) {
        numbers.emplace_back("audiocodecid", aac_id);
        numbers.emplace_back("audiosamplerate", audio->sample_rate);
        numbers.emplace_back("audiosamplesize", 16);
        numbers.emplace_back("audiochannels", audio->channels);
    }
    const std::vector<std::pair<std::string_view, std::string_view>> texts = {{"encoder", "Livefair"}};
    const auto count = numbers.size() + texts.size();
    return rtmp::AmfWriter().text("@setDataFrame").text("onMetaData").take() +
           as_array(rtmp::AmfWriter().object(texts, numbers).take(), count);
}

std::string video_config_body(const stream::Tracks& tracks) {
    const auto kind = tracks.video->kind;
    ByteWriter body;
    if (kind == VideoKind::avc)
        body.big_endian(key_frame << 4 | codec_avc, 1).big_endian(0, 4);  // sequence header, composition time 0
    else
        body.big_endian(enhanced_bit | key_frame << 4 | sequence_start, 1).append(four_cc_of(kind));
    return body.append(tracks.video->record).take();
}

std::string audio_config_body(const stream::Tracks& tracks) { return std::string(aac_config_head) + tracks.audio->record; }

std::string video_frame_head(VideoKind kind, const stream::Packet& packet) {
    const auto frame = packet.key ? key_frame : inter_frame;
    const auto composition_ms = static_cast<std::uint64_t>((packet.pts - packet.dts) * 1000 / stream::video_time_scale) & 0xFFFFFF;
    ByteWriter head;
    if (kind == VideoKind::avc) return head.big_endian(frame << 4 | codec_avc, 1).big_endian(1, 1).big_endian(composition_ms, 3).take();
    // AV1 has no composition time; HEVC leaves it out where it is 0.
    const bool is_timed = kind == VideoKind::hevc && composition_ms != 0;
    const auto type = is_timed || kind == VideoKind::av1 ? coded_frames : coded_frames_x;
    head.big_endian(enhanced_bit | frame << 4 | type, 1).append(four_cc_of(kind));
    if (is_timed) head.big_endian(composition_ms, 3);
    return head.take();
}

std::string_view audio_frame_head() { return aac_head; }

}  // namespace livefair::push
