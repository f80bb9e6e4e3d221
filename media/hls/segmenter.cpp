#include "hls/segmenter.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livefair::hls {
namespace {

constexpr std::size_t segment_bytes_max = 64u << 20;
/// Bound on what a publisher that comes and goes can make of short segments, beyond the window.
constexpr std::size_t extra_segments_max = 64;
/// A key frame this much early still ends the segment: 2 s GOPs come at 1,999 ms, too.
constexpr std::int64_t key_frame_slack_us = 100'000;
/// A segment's end can be this far behind its last part's, as timestamps waver; sound in between is no part of its own.
constexpr std::int64_t rest_us_max = 20'000;

}  // namespace

Timing timing_of(std::int64_t part_ms, std::int64_t segment_ms, std::int64_t window_segments) {
    const auto target_duration_s = (2 * segment_ms + 999) / 1000;
    const auto boundary_us = 6 * target_duration_s * 1'000'000;  // RFC 8216bis 4.4.3.8 allows no less
    return {part_ms * 1050, target_duration_s, window_segments * segment_ms * 1000 > boundary_us ? boundary_us : 0};
}

Segmenter::Segmenter(SegmenterOptions options, Publish publish)
    : options_(options),
      publish_(std::move(publish)),
      timing_(timing_of(options.part_ms, options.segment_ms, static_cast<std::int64_t>(options.window_segments))),
      next_sequence_(options.first_sequence),
      discontinuity_sequence_(options.first_discontinuity) {}

void Segmenter::on_run(const stream::Tracks& tracks) {
    if (open_) close_segment(end_us_);
    status_ = {};
    if (ended_) segments_.clear();
    ended_ = false;
    discontinuity_pending_ = next_sequence_ != options_.first_sequence;
    const bool same = muxer_ && tracks_->same_codecs(tracks);
    tracks_ = std::make_shared<const stream::Tracks>(tracks);
    if (same) return;
    auto muxer = Fmp4Muxer::create(tracks);
    if (!muxer) return fail(to_errc(muxer.error()));
    muxer_ = std::move(*muxer);
    init_ = std::make_shared<const Init>(Init{next_sequence_, share_bytes(muxer_->init()), tracks.video.has_value(), tracks.audio.has_value()});
}

void Segmenter::on_packet(const stream::Packet& packet) {
    if (!status_) return;
    if (open_ && cuts_segment(packet)) {
        const bool is_a_rest = !part_has_lead_ && packet.dts_us - part_start_us_ < rest_us_max;
        close_segment(packet.dts_us, is_a_rest ? Rest::goes_on : Rest::belongs);
    }
    if (!open_) {
        open_segment(packet);
    } else if (part_packets_ > 0 && cuts_part(leads(packet), packet.dts_us, packet.duration_us)) {
        close_part(packet.dts_us);
        publish();
    }
    if (const auto written = muxer_->write(packet); !written) return fail(to_errc(written.error()));
    ++part_packets_;
    open_->size += packet.data().size();
    if (open_->size > segment_bytes_max) return fail(Errc::too_large);
    part_independent_ = part_independent_ || (packet.key && leads(packet));
    if (leads(packet) || packet.dts_us > end_us_) end_us_ = std::max(end_us_, packet.dts_us + packet.duration_us);
    if (!leads(packet)) return;
    part_has_lead_ = true;
    // A part that has no room for another frame like this one is shown now, not when that frame comes; where frames come irregularly
    // nobody knows yet how long this one lasts.
    const auto duration_us = packet.duration_us;
    const bool is_regular = std::abs(duration_us - std::exchange(lead_duration_us_, duration_us)) * 4 <= duration_us;
    if (!is_regular || !cuts_part(true, packet.dts_us + duration_us, duration_us)) return;
    close_part(packet.dts_us + duration_us);
    publish();
}

/// Video sets the pace: an audio frame that begins inside a part may end a few milliseconds after it, as in any muxed stream.
/// A picture that would cross the target goes into the next part, unless this one would then be too short for the rule of 85 %
/// (irregular pictures); then it goes in, and ends after the part like such an audio frame.
/// While video stalls, audio cuts where it would begin too late.
bool Segmenter::cuts_part(bool leads, std::int64_t dts_us, std::int64_t duration_us) const {
    const auto elapsed = dts_us - part_start_us_;
    if (elapsed > timing_.part_target_us) return true;
    const bool crosses = elapsed + duration_us > timing_.part_target_us;
    return leads && crosses && elapsed * 100 >= timing_.part_target_us * 85;
}

bool Segmenter::cuts_segment(const stream::Packet& packet) const {
    const auto segment_us = options_.segment_ms * 1000;
    const auto elapsed = packet.dts_us - segment_start_us_;
    if (leads(packet) && packet.key && elapsed >= segment_us - key_frame_slack_us) return true;
    return elapsed + packet.duration_us > 2 * segment_us;
}

void Segmenter::open_segment(const stream::Packet& packet) {
    open_ = std::make_unique<Segment>();
    if (std::exchange(discontinuity_pending_, false)) {
        open_->discontinuity = true;
        ++discontinuity_sequence_;
    }
    open_->sequence = next_sequence_;
    open_->discontinuity_sequence = discontinuity_sequence_;
    open_->program_time_ms = packet.wall_ms;
    open_->init = init_;
    segment_start_us_ = part_start_us_ = packet.dts_us;
}

void Segmenter::close_part(std::int64_t boundary_us) {
    part_packets_ = 0;
    part_has_lead_ = false;
    // What a last frame reaches over the target is counted to the next part, so that the parts add up to their segment.
    const auto duration = std::clamp<std::int64_t>(boundary_us - part_start_us_, 1000, timing_.part_target_us);
    open_->parts.push_back({next_part_++, duration, std::exchange(part_independent_, false), share_bytes(muxer_->flush())});
    open_->duration_us = boundary_us - segment_start_us_;
    part_start_us_ += duration;
}

void Segmenter::close_segment(std::int64_t boundary_us, Rest rest) {
    if (part_packets_ > 0 && rest == Rest::belongs) close_part(boundary_us);
    if (!open_->parts.empty()) {
        open_->duration_us = std::clamp<std::int64_t>(boundary_us - segment_start_us_, 1000, 2 * options_.segment_ms * 1000);
        open_->size = 0;
        for (const auto& part : open_->parts) open_->size += part.bytes->size();
        open_->file = std::make_shared<SegmentFile>();
        segments_.push_back(std::shared_ptr<const Segment>(std::move(open_)));
        ++next_sequence_;
    }
    open_.reset();
    evict();
    publish();
}

/// The window; more where that is shorter than three target durations, which a live playlist may not be (RFC 8216bis 6.2.2).
std::size_t Segmenter::listed() const {
    std::int64_t length_us = 0;
    std::size_t count = 0;
    for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment, ++count) {
        const bool is_enough = count >= options_.window_segments && length_us >= 3 * timing_.target_duration_s * 1'000'000;
        if (is_enough || count >= options_.window_segments + extra_segments_max) break;
        length_us += (*segment)->duration_us;
    }
    return count;
}

/// Keeps what has left the playlist for three target durations of the stream.
void Segmenter::evict() {
    std::int64_t past_us = 0;
    const auto listed_from = segments_.size() - listed();
    auto kept_from = listed_from;
    while (kept_from > 0 && past_us < 3 * timing_.target_duration_s * 1'000'000 && listed_from - kept_from < extra_segments_max)
        past_us += segments_[--kept_from]->duration_us;
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(kept_from));
}

void Segmenter::on_run_end() {
    if (open_) close_segment(end_us_);
}

void Segmenter::end() {
    on_run_end();
    ended_ = true;
    publish();
}

void Segmenter::publish() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->session = options_.first_sequence;
    snapshot->next_part = next_part_;
    snapshot->next_sequence = next_sequence_;
    snapshot->ended = ended_;
    snapshot->cues = cues_;
    snapshot->segments = segments_;
    snapshot->listed = listed();
    snapshot->tracks = tracks_;
    if (open_) snapshot->open = std::make_shared<const Segment>(*open_);
    publish_(std::move(snapshot));
}

}  // namespace livefair::hls
