#include "hls/segmenter.hpp"

#include <algorithm>
#include <utility>

#include "hls/playlist.hpp"

namespace livefair::hls {
namespace {

constexpr std::size_t segment_bytes_max = 64u << 20;
constexpr std::size_t kept_past_window = 3;
/// A key frame this much early still ends the segment: 2 s GOPs come at 1,999 ms, too.
constexpr std::int64_t key_frame_slack_us = 100'000;

}  // namespace

Timing timing_of(std::int64_t part_ms, std::int64_t segment_ms) {
    return {part_ms * 1050, (2 * segment_ms + 999) / 1000};
}

Segmenter::Segmenter(SegmenterOptions options, Publish publish)
    : options_(options),
      publish_(std::move(publish)),
      timing_(timing_of(options.part_ms, options.segment_ms)),
      next_sequence_(options.first_sequence),
      discontinuity_sequence_(options.first_discontinuity) {}

void Segmenter::on_run(const stream::Tracks& tracks) {
    if (open_) close_segment(end_us_);
    status_ = {};
    if (ended_) segments_.clear();
    ended_ = false;
    discontinuity_pending_ = next_sequence_ != options_.first_sequence;
    const bool same = muxer_ && tracks_.same_codecs(tracks);
    tracks_ = tracks;
    multivariant_.reset();
    if (same) return;
    auto muxer = Fmp4Muxer::create(tracks);
    if (!muxer) return fail(to_errc(muxer.error()));
    muxer_ = std::move(*muxer);
    init_ = std::make_shared<const Init>(Init{next_sequence_, share_bytes(muxer_->init())});
}

void Segmenter::on_packet(const stream::Packet& packet) {
    if (!status_) return;
    if (open_ && cuts_segment(packet)) close_segment(packet.dts_us);
    if (!open_) {
        open_segment(packet);
    } else if (part_packets_ > 0 && cuts_part(packet)) {
        close_part(packet.dts_us);
        publish();
    }
    if (const auto written = muxer_->write(packet); !written) return fail(to_errc(written.error()));
    ++part_packets_;
    open_->size += packet.data().size();
    if (open_->size > segment_bytes_max) return fail(Errc::too_large);
    part_independent_ = part_independent_ || (packet.key && leads(packet));
    if (leads(packet) || packet.dts_us > end_us_) end_us_ = std::max(end_us_, packet.dts_us + packet.duration_us);
}

/// Video sets the pace: an audio frame that begins inside a part may end a few milliseconds after it, as in any muxed stream.
/// A picture that would cross the target goes into the next part, unless this one would then be too short for the rule of 85 %
/// (irregular pictures); then it goes in, and ends after the part like such an audio frame.
/// While video stalls, audio cuts where it would begin too late.
bool Segmenter::cuts_part(const stream::Packet& packet) const {
    const auto elapsed = packet.dts_us - part_start_us_;
    if (elapsed > timing_.part_target_us) return true;
    const bool crosses = elapsed + packet.duration_us > timing_.part_target_us;
    return leads(packet) && crosses && elapsed * 100 >= timing_.part_target_us * 85;
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
    // What a last frame reaches over the target is counted to the next part, so that the parts add up to their segment.
    const auto duration = std::clamp<std::int64_t>(boundary_us - part_start_us_, 1000, timing_.part_target_us);
    open_->parts.push_back({next_part_++, duration, std::exchange(part_independent_, false), share_bytes(muxer_->flush())});
    open_->duration_us = boundary_us - segment_start_us_;
    part_start_us_ += duration;
}

void Segmenter::close_segment(std::int64_t boundary_us) {
    if (part_packets_ > 0) close_part(boundary_us);
    if (!open_->parts.empty()) {
        open_->duration_us = std::clamp<std::int64_t>(boundary_us - segment_start_us_, 1000, 2 * options_.segment_ms * 1000);
        open_->size = 0;
        for (const auto& part : open_->parts) open_->size += part.bytes->size();
        segments_.push_back(std::shared_ptr<const Segment>(std::move(open_)));
        ++next_sequence_;
    }
    open_.reset();
    evict();
    multivariant_.reset();
    publish();
}

void Segmenter::evict() {
    const auto kept = options_.window_segments + kept_past_window;
    if (segments_.size() > kept) segments_.erase(segments_.begin(), segments_.end() - static_cast<std::ptrdiff_t>(kept));
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
    snapshot->listed = std::min(segments_.size(), options_.window_segments);
    if (open_) snapshot->open = std::make_shared<const Segment>(*open_);
    if (!segments_.empty()) {
        if (!multivariant_) multivariant_ = share_bytes(render_multivariant_playlist(*snapshot, tracks_));
        snapshot->multivariant_playlist = multivariant_;
        snapshot->media_playlist = share_bytes(render_media_playlist(*snapshot, timing_));
    }
    publish_(std::move(snapshot));
}

}  // namespace livefair::hls
