#include "ingest/room.hpp"

#include <livefair/v1/media.pb.h>

#include <utility>

namespace livefair::ingest {
namespace {

/// How long an ended playlist can still be loaded.
constexpr std::chrono::minutes ended_kept{5};

/// Rises by at most one a second, as sequence numbers do by segments of a second or more; so it never goes back over a restart.
std::uint64_t first_sequence(const Clock& clock, std::int64_t segment_ms) {
    return static_cast<std::uint64_t>(clock.unix_ms() * 2 / segment_ms);
}

hls::SegmenterOptions segmenter_options(const Config::Media& media, const Clock& clock, std::uint64_t first_discontinuity) {
    return {media.part_ms, media.segment_ms, static_cast<std::size_t>(media.window_segments),
            first_sequence(clock, media.segment_ms), first_discontinuity};
}

v1::StreamAdvice advice_of(stream::Advice advice) {
    using stream::Advice;
    switch (advice) {
        case Advice::no_video: return v1::STREAM_ADVICE_NO_VIDEO;
        case Advice::uplink_weak: return v1::STREAM_ADVICE_UPLINK_WEAK;
        case Advice::no_audio: return v1::STREAM_ADVICE_NO_AUDIO;
        case Advice::av_skew: return v1::STREAM_ADVICE_AV_SKEW;
        case Advice::timestamps: return v1::STREAM_ADVICE_TIMESTAMPS;
        case Advice::drops: return v1::STREAM_ADVICE_DROPS;
        case Advice::key_frames_far: return v1::STREAM_ADVICE_KEY_FRAMES_FAR;
        case Advice::fps_low: return v1::STREAM_ADVICE_FPS_LOW;
        case Advice::bitrate_low: return v1::STREAM_ADVICE_BITRATE_LOW;
        case Advice::bitrate_high: return v1::STREAM_ADVICE_BITRATE_HIGH;
    }
    return v1::STREAM_ADVICE_UNSPECIFIED;
}

void describe_health(v1::StreamState& state, stream::Stream& stream) {
    const auto vitals = stream.vitals();
    state.set_bitrate_bps(vitals.reading.bitrate_bps);
    state.set_fps(vitals.reading.fps);
    state.set_key_frame_interval_ms(vitals.reading.key_frame_interval_ms);
    state.set_av_skew_ms(vitals.reading.av_skew_ms);
    state.set_packet_age_ms(vitals.reading.packet_age_ms);
    state.set_repaired_timestamps(static_cast<std::int64_t>(vitals.repaired_timestamps));
    state.set_dropped_frames(static_cast<std::int64_t>(vitals.dropped_frames));
    for (const auto advice : stream.advice(vitals)) state.add_advice(advice_of(advice));
}

}  // namespace

Room::Room(net::Shard& shard, RoomId id, const Config& config, const Clock& clock, hls::Publications& publications,
           std::uint64_t first_discontinuity, Taps taps, Events events)
    : id_(std::move(id)),
      clock_(clock),
      publications_(publications),
      events_(std::move(events)),
      grace_(config.media.grace_ms),
      taps_(std::move(taps)),
      segmenter_(segmenter_options(config.media, clock, first_discontinuity),
                 [this](auto snapshot) { show(std::move(snapshot)); }),
      stream_(clock, hls::timing_of(config.media.part_ms, config.media.segment_ms, config.media.window_segments).part_target_us),
      timer_(shard.context()),
      since_ms_(clock.unix_ms()) {
    stream_.add_reader(segmenter_);
    for (const auto& tap : taps_)
        if (auto* reader = tap->reader()) stream_.add_reader(*reader);
}

void Room::show(std::shared_ptr<const hls::Snapshot> snapshot) {
    publications_.publish(id_, snapshot);
    for (const auto& tap : taps_) tap->on_snapshot(snapshot);
}

std::uint64_t Room::begin(std::string key_hash, std::function<void()> hang_up) {
    this->hang_up();
    timer_.cancel();
    publisher_ = ++publishers_seen_;
    key_hash_ = std::move(key_hash);
    hang_up_ = std::move(hang_up);
    stream_.begin_run();
    return publisher_;
}

Result<> Room::on_media(std::uint64_t number, rtmp::Media media) {
    if (number != publisher_) return make_error_code(Errc::closed);
    Result<> done;
    if (media.kind == rtmp::Media::Kind::video) {
        done = stream_.on_video(media.timestamp_ms, std::move(media.payload));
    } else if (media.kind == rtmp::Media::Kind::audio) {
        done = stream_.on_audio(media.timestamp_ms, std::move(media.payload));
    } else {
        stream_.on_data(media.payload);
    }
    if (done) done = segmenter_.status();
    if (done && stream_.is_running()) set_status(Status::live);
    return done;
}

void Room::end(std::uint64_t number) {
    if (number != publisher_) return;
    publisher_ = 0;
    hang_up_ = {};
    stream_.end_run();
    wait_for_publisher();
}

void Room::hang_up() {
    if (publisher_ == 0) return;
    const auto hang_up = std::exchange(hang_up_, {});
    publisher_ = 0;
    stream_.end_run();
    wait_for_publisher();
    hang_up();
}

void Room::wait_for_publisher() {
    if (status_ == Status::offline) return after(ended_kept, &Room::forget);
    set_status(Status::reconnecting);
    after(grace_, &Room::end_show);
}

void Room::after(std::chrono::milliseconds delay, void (Room::*then)()) {
    timer_.expires_after(delay);
    timer_.async_wait([weak = weak_from_this(), then](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self && !self->has_publisher()) ((*self).*then)();
    });
}

void Room::end_show() {
    segmenter_.end();
    for (const auto& tap : taps_) tap->on_show_end();
    set_status(Status::offline);
    after(ended_kept, &Room::forget);
}

void Room::forget() {
    publications_.remove(id_);
    events_.on_forgotten(*this);
}

void Room::set_status(Status status) {
    if (status == status_) return;
    status_ = status;
    since_ms_ = clock_.unix_ms();
    events_.on_change(*this);
}

void Room::describe(v1::StreamState& state) {
    state.set_room_id(id_.str());
    state.set_status(status_ == Status::live           ? v1::STREAM_STATUS_LIVE
                     : status_ == Status::reconnecting ? v1::STREAM_STATUS_RECONNECTING
                                                       : v1::STREAM_STATUS_OFFLINE);
    state.set_since_ms(since_ms_);
    state.set_at_ms(clock_.unix_ms());
    for (const auto& tap : taps_) tap->describe(state);
    if (status_ != Status::live) return;
    describe_health(state, stream_);
    if (const auto& video = stream_.tracks().video) {
        state.set_width(video->width);
        state.set_height(video->height);
        state.set_video_codec(video->codec);
    }
    if (const auto& audio = stream_.tracks().audio) state.set_audio_codec(audio->codec);
}

}  // namespace livefair::ingest
