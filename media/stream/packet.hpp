#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "codec/aac.hpp"
#include "codec/video.hpp"

namespace livefair::stream {

constexpr std::int64_t video_time_scale = 90'000;
constexpr std::int64_t aac_frame_samples = 1024;

enum class Track : std::uint8_t { video, audio };

/// What a run of packets consists of; at least one of the two.
struct Tracks {
    std::optional<codec::VideoConfig> video;
    std::optional<codec::AacConfig> audio;
    double fps = 0;  ///< From the VUI, else from onMetaData; 0 when unknown.

    /// Whether a decoder set up for one also plays the other.
    bool same_codecs(const Tracks& other) const {
        const auto record = [](const auto& config) { return config ? std::string_view(config->record) : std::string_view(); };
        return record(video) == record(other.video) && record(audio) == record(other.audio);
    }
};

/// One coded frame on the stream's own timeline: DTS rises strictly within a track, audio lies on the 1,024-sample grid.
/// The bytes are shared and immutable; a packet is cheap to copy.
struct Packet {
    Track track = Track::video;
    bool key = false;               ///< A video key frame; every audio frame.
    std::int64_t dts = 0;           ///< Video: 1/90,000 s; audio: samples.
    std::int64_t pts = 0;
    std::int64_t duration = 0;
    std::int64_t dts_us = 0;        ///< The same in microseconds, comparable between tracks.
    std::int64_t duration_us = 0;
    std::int64_t wall_ms = 0;       ///< The relay's clock (Unix) for this point of the timeline.
    SharedBytes bytes;
    std::size_t offset = 0;         ///< Where the frame begins in `bytes`, after the FLV tag's own header.

    std::string_view data() const { return std::string_view(*bytes).substr(offset); }
};

}  // namespace livefair::stream
