#include "ingest/seat.hpp"

#include "flv/tag.hpp"

namespace livefair::ingest {
namespace {

constexpr std::size_t kept_bytes_max = 64 * 1024;

bool is_video_config(const std::string& body) {
    const auto tag = flv::parse_video(body);
    return tag && tag->kind == flv::VideoTag::Kind::config;
}

bool is_audio_config(const std::string& body) {
    const auto tag = flv::parse_audio(body);
    return tag && tag->kind == flv::AudioTag::Kind::config;
}

}  // namespace

bool Seat::is_ready(Time now, std::chrono::milliseconds within) const {
    return is_taken() && !(video_config.empty() && audio_config.empty()) && now - last_media <= within;
}

void Seat::remember(const rtmp::Media& media, Time now) {
    using Kind = rtmp::Media::Kind;
    if (media.kind != Kind::data) last_media = now;
    if (media.payload.size() > kept_bytes_max) return;
    if (media.kind == Kind::video && is_video_config(media.payload)) video_config = media.payload;
    if (media.kind == Kind::audio && is_audio_config(media.payload)) audio_config = media.payload;
    if (media.kind == Kind::data && flv::parse_metadata(media.payload)) metadata = media.payload;
}

std::vector<rtmp::Media> Seat::preamble() const {
    using Kind = rtmp::Media::Kind;
    std::vector<rtmp::Media> messages;
    if (!metadata.empty()) messages.push_back({Kind::data, 0, metadata});
    if (!video_config.empty()) messages.push_back({Kind::video, 0, video_config});
    if (!audio_config.empty()) messages.push_back({Kind::audio, 0, audio_config});
    return messages;
}

}  // namespace livefair::ingest
