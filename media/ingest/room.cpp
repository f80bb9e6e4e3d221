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

Role other_of(Role role) { return role == Role::main ? Role::backup : Role::main; }

}  // namespace

Room::Room(net::Shard& shard, RoomId id, const Config& config, const Clock& clock, hls::Publications& publications,
           std::uint64_t first_discontinuity, Taps taps, Events events)
    : id_(std::move(id)),
      clock_(clock),
      publications_(publications),
      events_(std::move(events)),
      grace_(config.media.grace_ms),
      backup_after_(config.media.backup_after_ms),
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

std::uint64_t Room::begin(Role role, std::string key_hash, std::function<void()> hang_up) {
    auto& seat = seat_of(role);
    const bool is_shown = !has_publisher() || on_air_ == role;
    const auto hang_up_old = std::exchange(seat.hang_up, {});
    seat = {};
    seat.number = ++publishers_seen_;
    seat.key_hash = std::move(key_hash);
    seat.hang_up = std::move(hang_up);
    seat.last_media = clock_.steady();  // it has backup_after_ to begin
    const auto number = seat.number;
    if (is_shown) go_on_air(role);
    if (hang_up_old) hang_up_old();
    return number;
}

void Room::go_on_air(Role role) {
    timer_.cancel();
    on_air_ = role;
    if (status_ == Status::live) set_status(Status::reconnecting);
    stream_.begin_run();
    // A header that is broken is dropped here, and the frames after it with it.
    for (auto& message : seat_of(role).preamble()) static_cast<void>(show(std::move(message)));
}

bool Room::takes_over(const Seat& standby) const {
    const auto now = clock_.steady();
    return now - on_air().last_media >= backup_after_ && standby.is_ready(now, backup_after_);
}

Result<> Room::on_media(std::uint64_t number, rtmp::Media media) {
    const auto role = seat_of(Role::main).number == number ? Role::main : Role::backup;
    auto& seat = seat_of(role);
    if (seat.number != number) return make_error_code(Errc::closed);
    seat.remember(media, clock_.steady());
    if (role != on_air_) {
        if (!takes_over(seat)) return {};
        go_on_air(role);
    }
    return show(std::move(media));
}

Result<> Room::show(rtmp::Media media) {
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
    const auto role = seat_of(Role::main).number == number ? Role::main : Role::backup;
    auto& seat = seat_of(role);
    if (number == 0 || seat.number != number) return;
    seat = {};
    if (role != on_air_) return;
    if (seat_of(other_of(role)).is_taken()) return go_on_air(other_of(role));
    stream_.end_run();
    wait_for_publisher();
}

void Room::give_back() {
    if (is_on_backup() && seat_of(Role::main).is_ready(clock_.steady(), backup_after_)) go_on_air(Role::main);
}

void Room::hang_up() {
    const auto was = std::exchange(seats_, {});
    if (!was[0].is_taken() && !was[1].is_taken()) return;
    stream_.end_run();
    wait_for_publisher();
    for (const auto& seat : was)
        if (seat.hang_up) seat.hang_up();
}

void Room::hang_up(const std::string& key_hash) {
    for (auto& seat : seats_) {
        if (!seat.is_taken() || seat.key_hash != key_hash) continue;
        const auto hang_up = seat.hang_up;
        end(seat.number);
        hang_up();
    }
}

std::vector<std::string> Room::key_hashes() const {
    std::vector<std::string> hashes;
    for (const auto& seat : seats_)
        if (seat.is_taken()) hashes.push_back(seat.key_hash);
    return hashes;
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
    state.set_on_backup(is_on_backup());
    state.set_backup_ready(on_air_ == Role::main && seat_of(Role::backup).is_ready(clock_.steady(), backup_after_));
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
