#include "record/replay.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "hls/playlist.hpp"

namespace livefair::record {
namespace {

namespace json = boost::json;

std::string seconds(std::int64_t us) {
    char text[32];
    std::snprintf(text, sizeof text, "%.5f", static_cast<double>(us) / 1e6);
    return text;
}

std::string render(const Recording& recording, SegmentRange range, std::string_view type, std::string_view start) {
    std::int64_t longest_us = 0;
    for (auto i = range.begin; i < range.end; ++i) longest_us = std::max(longest_us, recording.segments[i].duration_us);
    const auto& first = recording.segments[range.begin];
    const auto& last = recording.segments[range.end - 1];
    std::string out = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:" + std::to_string((longest_us + 500'000) / 1'000'000) +
                      "\n#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first.sequence) + "\n#EXT-X-PLAYLIST-TYPE:" + std::string(type) + "\n" + std::string(start);
    for (const auto& cue : recording.cues)
        if (cue.start_ms < last.end_ms() && cue.end_ms.value_or(last.end_ms()) > first.start_ms) out += hls::render_cue(cue) + "\n";
    for (auto i = range.begin; i < range.end; ++i) {
        const auto& segment = recording.segments[i];
        const bool is_first = i == range.begin;
        if (segment.discontinuity && !is_first) out += "#EXT-X-DISCONTINUITY\n";
        if (is_first || segment.init != recording.segments[i - 1].init) out += "#EXT-X-MAP:URI=\"" + hls::init_name(segment.init) + "\"\n";
        out += "#EXT-X-PROGRAM-DATE-TIME:" + hls::date_time(segment.start_ms) + "\n#EXTINF:" + seconds(segment.duration_us) + ",\n" +
               hls::segment_name(segment.sequence) + "\n";
    }
    return out;
}

const hls::Cue* find_cue(const Recording& recording, std::string_view id) {
    const auto found = std::find_if(recording.cues.begin(), recording.cues.end(), [&](const auto& cue) { return cue.id == id; });
    return found == recording.cues.end() ? nullptr : &*found;
}

}  // namespace

std::string render_replay(const Recording& recording) {
    auto playlist = render(recording, {0, recording.segments.size()}, recording.ended ? "VOD" : "EVENT", "");
    return recording.ended ? playlist + "#EXT-X-ENDLIST\n" : playlist;
}

std::optional<SegmentRange> clip_segments(const Recording& recording, std::string_view cue_id) {
    const auto* cue = find_cue(recording, cue_id);
    if (!cue || !cue->end_ms) return std::nullopt;
    const auto& segments = recording.segments;
    // What comes last is still being written as long as the recording has not ended.
    if (!recording.ended && recording.end_ms() < *cue->end_ms) return std::nullopt;
    const auto begin = std::find_if(segments.begin(), segments.end(), [&](const auto& segment) { return segment.end_ms() > cue->start_ms; });
    const auto end = std::find_if(begin, segments.end(), [&](const auto& segment) { return segment.start_ms >= *cue->end_ms; });
    if (begin == end) return std::nullopt;
    return SegmentRange{static_cast<std::size_t>(begin - segments.begin()), static_cast<std::size_t>(end - segments.begin())};
}

std::optional<std::string> render_clip(const Recording& recording, std::string_view cue_id) {
    const auto range = clip_segments(recording, cue_id);
    if (!range) return std::nullopt;
    const auto into_ms = std::max<std::int64_t>(find_cue(recording, cue_id)->start_ms - recording.segments[range->begin].start_ms, 0);
    const auto start = "#EXT-X-START:TIME-OFFSET=" + seconds(into_ms * 1000) + ",PRECISE=YES\n";
    return render(recording, *range, "VOD", start) + "#EXT-X-ENDLIST\n";
}

std::string list_json(const std::vector<ListedRecording>& recordings) {
    json::array list;
    for (auto each = recordings.rbegin(); each != recordings.rend(); ++each) {
        const auto& recording = *each->recording;
        list.push_back(json::object{{"id", recording.id}, {"startMs", recording.start_ms}, {"endMs", recording.end_ms()},
                                    {"durationMs", recording.duration_us() / 1000}, {"bytes", recording.bytes()}, {"lostMs", recording.lost_ms()},
                                    {"live", !recording.ended}, {"poster", each->has_poster}});
    }
    return json::serialize(list);
}

std::string clips_json(const Recording& recording) {
    json::array list;
    for (const auto& cue : recording.cues) {
        json::object clip = {{"id", cue.id}, {"kind", cue.kind == hls::Cue::Kind::pin ? "pin" : "sale"}, {"offerId", cue.offer_id},
                             {"title", cue.title}, {"priceFen", cue.price_fen}, {"startMs", cue.start_ms},
                             {"ready", clip_segments(recording, cue.id).has_value()}};
        if (cue.end_ms) clip["endMs"] = *cue.end_ms;
        list.push_back(std::move(clip));
    }
    return json::serialize(list);
}

}  // namespace livefair::record
