#include "hls/playlist.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace livefair::hls {
namespace {

/// Appends like printf; one line of a playlist at the most.
[[gnu::format(printf, 2, 3)]] void line(std::string& out, const char* format, ...) {
    char buffer[512];
    va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    out.append(buffer, std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof buffer - 1));
    out += '\n';
}

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

void render_head(std::string& out, const Snapshot& snapshot, const Timing& timing) {
    const auto& first = **(snapshot.segments.end() - static_cast<std::ptrdiff_t>(snapshot.listed));
    line(out, "#EXTM3U");
    line(out, "#EXT-X-VERSION:9");
    line(out, "#EXT-X-TARGETDURATION:%lld", static_cast<long long>(timing.target_duration_s));
    line(out, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%.5f", 3 * seconds(timing.part_target_us));
    line(out, "#EXT-X-PART-INF:PART-TARGET=%.5f", seconds(timing.part_target_us));
    line(out, "#EXT-X-MEDIA-SEQUENCE:%llu", static_cast<unsigned long long>(first.sequence));
    // The value is that of the first segment before its own tag, which still stands in the list.
    const auto discontinuities = first.discontinuity_sequence - (first.discontinuity ? 1 : 0);
    line(out, "#EXT-X-DISCONTINUITY-SEQUENCE:%llu", static_cast<unsigned long long>(discontinuities));
}

/// Cues that the listed segments show some of, and those still to come or going on.
void render_cues(std::string& out, const Snapshot& snapshot) {
    if (!snapshot.cues) return;
    const auto first_ms = (*(snapshot.segments.end() - static_cast<std::ptrdiff_t>(snapshot.listed)))->program_time_ms;
    for (const auto& cue : *snapshot.cues)
        if (!cue.end_ms || *cue.end_ms > first_ms) out += render_cue(cue) + "\n";
}

void render_segment_head(std::string& out, const Segment& segment, const Segment* before) {
    if (segment.discontinuity) line(out, "#EXT-X-DISCONTINUITY");
    if (!before || before->init->id != segment.init->id) line(out, "#EXT-X-MAP:URI=\"%s\"", init_name(segment.init->id).c_str());
    line(out, "#EXT-X-PROGRAM-DATE-TIME:%s", date_time(segment.program_time_ms).c_str());
}

void render_parts(std::string& out, const Segment& segment, std::uint64_t session) {
    for (const auto& part : segment.parts)
        line(out, "#EXT-X-PART:DURATION=%.5f,URI=\"%s\"%s", seconds(part.duration_us),
             part_name(session, part.number).c_str(), part.independent ? ",INDEPENDENT=YES" : "");
}

/// Segments whose parts are still listed lie within three target durations of the end (RFC 8216bis 6.2.2).
std::uint64_t first_sequence_with_parts(const Snapshot& snapshot, const Timing& timing) {
    std::int64_t after_us = snapshot.open ? snapshot.open->duration_us : 0;
    auto first = snapshot.next_sequence;
    for (auto segment = snapshot.segments.rbegin(); segment != snapshot.segments.rend(); ++segment) {
        if (after_us > 3 * timing.target_duration_s * 1'000'000) break;
        after_us += (*segment)->duration_us;
        first = (*segment)->sequence;
    }
    return first;
}

}  // namespace

std::string part_name(std::uint64_t session, std::uint64_t number) {
    return "part_" + std::to_string(session) + "_" + std::to_string(number) + ".m4s";
}
std::string segment_name(std::uint64_t sequence) { return "seg_" + std::to_string(sequence) + ".m4s"; }
std::string init_name(std::uint64_t id) { return "init_" + std::to_string(id) + ".mp4"; }

std::string render_media_playlist(const Snapshot& snapshot, const Timing& timing) {
    std::string out;
    out.reserve(8192);
    render_head(out, snapshot, timing);
    render_cues(out, snapshot);
    const auto with_parts = first_sequence_with_parts(snapshot, timing);
    const Segment* before = nullptr;
    for (auto at = snapshot.segments.size() - snapshot.listed; at < snapshot.segments.size(); ++at) {
        const auto& segment = *snapshot.segments[at];
        render_segment_head(out, segment, before);
        if (segment.sequence >= with_parts && !snapshot.ended) render_parts(out, segment, snapshot.session);
        line(out, "#EXTINF:%.5f,", seconds(segment.duration_us));
        out += segment_name(segment.sequence) + "\n";
        before = &segment;
    }
    if (snapshot.ended) {
        line(out, "#EXT-X-ENDLIST");
        return out;
    }
    if (snapshot.open) {
        render_segment_head(out, *snapshot.open, before);
        render_parts(out, *snapshot.open, snapshot.session);
    }
    line(out, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%s\"", part_name(snapshot.session, snapshot.next_part).c_str());
    return out;
}

std::string render_multivariant_playlist(const Snapshot& snapshot, const stream::Tracks& tracks) {
    std::int64_t peak = 0, bits = 0, duration_us = 0;
    for (const auto& segment : snapshot.segments) {
        const auto size_bits = static_cast<std::int64_t>(segment->size) * 8;
        peak = std::max(peak, size_bits * 1'000'000 / std::max<std::int64_t>(segment->duration_us, 100'000));
        bits += size_bits;
        duration_us += segment->duration_us;
    }
    std::string codecs = tracks.video ? tracks.video->codec : "";
    if (tracks.audio) codecs += (codecs.empty() ? "" : ",") + tracks.audio->codec;
    std::string out = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(std::max<std::int64_t>(peak, 1)) +
                      ",AVERAGE-BANDWIDTH=" + std::to_string(bits * 1'000'000 / std::max<std::int64_t>(duration_us, 1)) +
                      ",CODECS=\"" + codecs + "\"";
    if (tracks.video) out += ",RESOLUTION=" + std::to_string(tracks.video->width) + "x" + std::to_string(tracks.video->height);
    if (tracks.video && tracks.fps > 0) {
        char rate[32];
        std::snprintf(rate, sizeof rate, ",FRAME-RATE=%.3f", tracks.fps);
        out += rate;
    }
    return out + "\nlive.m3u8\n";
}

}  // namespace livefair::hls
