#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "rtmp/amf0.hpp"

/// FLV tag bodies made by code. The records are real ones (libx264, 320x180 at 25 fps, baseline); the frames are valid chains of
/// NAL units that no decoder would take, which no part of livefair-media looks at.
namespace livefair::test {

inline std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return bytes;
}

inline std::string avc_record() {
    return from_hex("0142c00cffe100176742c00cda05067e7c0440000003004000000c83c50aa801000468ce0fc8");
}
/// The same stream with another picture parameter set: a codec change.
inline std::string other_avc_record() {
    return from_hex("0142c00cffe100176742c00cda05067e7c0440000003004000000c83c50aa801000468ce0fc9");
}
/// libx265 and SVT-AV1, 320x180.
inline std::string hevc_record() {
    return from_hex(
        "0101600000009000000000003cf000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003c95"
        "9009a10001002b42010101600000030090000003000003003ca00a080b9f796564924caf016808000003000800000300c840"
        "a2000100074401c172b46240");
}
inline std::string av1_record() { return from_hex("81000c000a0b000000043cfecc02f80040"); }
inline std::string aac_record(int sample_rate = 44'100) { return sample_rate == 48'000 ? std::string("\x11\x90") : std::string("\x12\x10"); }

inline std::string video_config_tag(const std::string& record) { return std::string("\x17\0\0\0\0", 5) + record; }
inline std::string video_tag(bool key, std::size_t bytes = 100, std::uint32_t composition_ms = 0) {
    ByteWriter out;
    out.append(key ? "\x17\x01" : "\x27\x01").big_endian(composition_ms & 0xFFFFFF, 3).big_endian(bytes, 4).append(std::string(bytes, '\x41'));
    return out.take();
}
inline std::string audio_config_tag(const std::string& record) { return std::string("\xAF\0", 2) + record; }
inline std::string audio_tag() { return "\xAF\x01" + std::string(40, '\x21'); }

inline std::string metadata(bool video, bool audio) {
    std::vector<std::pair<std::string_view, double>> numbers;
    if (video) numbers.emplace_back("videocodecid", 7);
    if (audio) numbers.emplace_back("audiocodecid", 10);
    return rtmp::AmfWriter().text("@setDataFrame").text("onMetaData").object({}, numbers).take();
}

}  // namespace livefair::test
