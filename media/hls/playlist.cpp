#include "hls/playlist.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>

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
    std::string control = "CAN-BLOCK-RELOAD=YES";
    if (timing.skip_until_us > 0) control += ",CAN-SKIP-UNTIL=" + std::to_string(timing.skip_until_us / 1'000'000);
    line(out, "#EXT-X-SERVER-CONTROL:%s,PART-HOLD-BACK=%.5f", control.c_str(), 3 * seconds(timing.part_target_us));
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

void render_segment_head(std::string& out, const Segment& segment, const Segment* before, bool is_gap) {
    if (segment.discontinuity) line(out, "#EXT-X-DISCONTINUITY");
    if (is_gap) line(out, "#EXT-X-GAP");
    if (!is_gap && (!before || before->init->id != segment.init->id)) line(out, "#EXT-X-MAP:URI=\"%s\"", init_name(segment.init->id).c_str());
    line(out, "#EXT-X-PROGRAM-DATE-TIME:%s", date_time(segment.program_time_ms).c_str());
}

void render_parts(std::string& out, const Segment& segment, std::uint64_t session, bool audio_only) {
    const bool is_gap = audio_only && !segment.init->has_audio;
    for (const auto& part : segment.parts)
        line(out, "#EXT-X-PART:DURATION=%.5f,URI=\"%s\"%s%s", seconds(part.duration_us), part_name(session, part.number).c_str(),
             part.independent || audio_only ? ",INDEPENDENT=YES" : "", is_gap ? ",GAP=YES" : "");
}

/// How many of the listed segments a delta update leaves out: those that lie beyond the Skip Boundary whole.
std::size_t skippable(const Snapshot& snapshot, const Timing& timing) {
    if (timing.skip_until_us == 0 || snapshot.ended) return 0;
    std::int64_t after_us = snapshot.open ? snapshot.open->duration_us : 0;
    std::size_t kept = 0;
    for (auto segment = snapshot.segments.rbegin(); kept < snapshot.listed && after_us < timing.skip_until_us; ++segment, ++kept)
        after_us += (*segment)->duration_us;
    return snapshot.listed - kept;
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

RenditionReport report_of(const Snapshot& snapshot, std::string uri) {
    const auto& last = snapshot.open && !snapshot.open->parts.empty() ? *snapshot.open : *snapshot.segments.back();
    return {std::move(uri), last.sequence, last.parts.empty() ? 0 : last.parts.size() - 1};
}

std::string render_media_playlist(const Snapshot& snapshot, const Timing& timing, const MediaPlaylistForm& form) {
    std::string out;
    out.reserve(8192);
    render_head(out, snapshot, timing);
    render_cues(out, snapshot);
    const auto with_parts = first_sequence_with_parts(snapshot, timing);
    const auto skipped = form.delta ? skippable(snapshot, timing) : 0;
    if (skipped > 0) line(out, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%zu", skipped);
    // The first segment after a skip names its map again: no player need know which one the skipped segments had.
    const Segment* before = nullptr;
    for (auto at = snapshot.segments.size() - snapshot.listed + skipped; at < snapshot.segments.size(); ++at) {
        const auto& segment = *snapshot.segments[at];
        const bool is_gap = form.audio_only && !segment.init->has_audio;
        render_segment_head(out, segment, before, is_gap);
        if (segment.sequence >= with_parts && !snapshot.ended) render_parts(out, segment, snapshot.session, form.audio_only);
        line(out, "#EXTINF:%.5f,", seconds(segment.duration_us));
        out += segment_name(segment.sequence) + "\n";
        before = is_gap ? nullptr : &segment;
    }
    if (snapshot.ended) {
        line(out, "#EXT-X-ENDLIST");
        return out;
    }
    if (snapshot.open) {
        render_segment_head(out, *snapshot.open, before, form.audio_only && !snapshot.open->init->has_audio);
        render_parts(out, *snapshot.open, snapshot.session, form.audio_only);
    }
    line(out, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%s\"", part_name(snapshot.session, snapshot.next_part).c_str());
    for (const auto& report : form.reports)
        line(out, "#EXT-X-RENDITION-REPORT:URI=\"%s\",LAST-MSN=%llu,LAST-PART=%llu", report.uri.c_str(),
             static_cast<unsigned long long>(report.last_sequence), static_cast<unsigned long long>(report.last_part));
    return out;
}

}  // namespace livefair::hls
