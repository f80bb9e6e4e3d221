#include <algorithm>
#include <cstdio>

#include "hls/audio_only.hpp"
#include "hls/playlist.hpp"

namespace livefair::hls {
namespace {

struct Bandwidth {
    std::int64_t peak_bps = 1;
    std::int64_t mean_bps = 1;
};

std::size_t size_of(const Segment& segment, bool audio_only) {
    if (!audio_only) return segment.size;
    std::size_t size = 0;
    for (const auto& part : segment.parts)
        if (const auto bytes = audio_only_part(*segment.init->bytes, *part.bytes)) size += bytes->size();
    return size;
}

Bandwidth measure(const Variant& variant) {
    std::int64_t peak = 1, bits = 0, duration_us = 0;
    for (const auto& segment : variant.snapshot->segments) {
        if (variant.audio_only && !segment->init->has_audio) continue;
        const auto size_bits = static_cast<std::int64_t>(size_of(*segment, variant.audio_only)) * 8;
        peak = std::max(peak, size_bits * 1'000'000 / std::max<std::int64_t>(segment->duration_us, 100'000));
        bits += size_bits;
        duration_us += segment->duration_us;
    }
    return {peak, std::max<std::int64_t>(bits * 1'000'000 / std::max<std::int64_t>(duration_us, 1), 1)};
}

std::string stream_inf(const Variant& variant) {
    const auto& tracks = *variant.snapshot->tracks;
    const auto bandwidth = measure(variant);
    const bool has_video = tracks.video && !variant.audio_only;
    std::string codecs = has_video ? tracks.video->codec : "";
    if (tracks.audio) codecs += (codecs.empty() ? "" : ",") + tracks.audio->codec;
    std::string out = "#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(bandwidth.peak_bps) +
                      ",AVERAGE-BANDWIDTH=" + std::to_string(bandwidth.mean_bps) + ",CODECS=\"" + codecs + "\"";
    if (has_video) out += ",RESOLUTION=" + std::to_string(tracks.video->width) + "x" + std::to_string(tracks.video->height);
    if (has_video && tracks.fps > 0) {
        char rate[32];
        std::snprintf(rate, sizeof rate, ",FRAME-RATE=%.3f", tracks.fps);
        out += rate;
    }
    return out + "\n" + variant.uri + "\n";
}

}  // namespace

std::string render_multivariant_playlist(const std::vector<Variant>& variants) {
    // Each segment begins with a key frame or says that its parts do not; so no EXT-X-INDEPENDENT-SEGMENTS here.
    std::string out = "#EXTM3U\n#EXT-X-VERSION:9\n";
    for (const auto& variant : variants) out += stream_inf(variant);
    return out;
}

}  // namespace livefair::hls
