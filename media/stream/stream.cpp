#include "stream/stream.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace livefair::stream {
namespace {

/// How long a run waits for the second track's sequence header when onMetaData doesn't say that there is none.
constexpr std::chrono::milliseconds second_track_wait{1000};
constexpr int changes_max = 32;        // codec changes in one run
constexpr int broken_in_a_row_max = 150;  // about 5 s of video
constexpr int composition_ms_max = 5000;
constexpr int decoder_delay_ms_max = 250;  // of encoders that leave it out of their composition times
constexpr std::int64_t frame_us_min = 4'000, frame_us_max = 1'000'000;

}  // namespace

void Stream::begin_run() {
    end_run();
    timeline_.begin_run();
    wall_.begin_run();
    meter_.begin_run(clock_.steady());
    adviser_ = Adviser();
    dropped_before_ = dropped_;
    repaired_before_ = timeline_.repairs();
    upcoming_ = {};
    metadata_.reset();
    run_begun_ = clock_.steady();
    changes_ = broken_in_a_row_ = 0;
    last_video_us_ = -1;
    decoder_delay_ms_ = 0;
}

Vitals Stream::vitals() {
    return {meter_.read(clock_.steady()), timeline_.repairs() - repaired_before_, dropped_ - dropped_before_};
}

void Stream::end_run() {
    if (!running_) return;
    deliver(true);
    running_ = false;
    for (auto* reader : readers_) reader->on_run_end();
}

Result<> Stream::on_video(std::uint32_t timestamp_ms, std::string body) {
    meter_.add_packet(Track::video, timestamp_ms, body.size(), clock_.steady());
    const auto tag = flv::parse_video(body);
    if (!tag) return tag.error();
    if (tag->kind == flv::VideoTag::Kind::config) return on_video_config(tag->codec, tag->data);
    if (tag->kind == flv::VideoTag::Kind::nothing) return {};
    if (!upcoming_.video || upcoming_.video->kind != tag->codec) return drop_frame(false);
    if (!codec::is_video_frame(*upcoming_.video, tag->data)) return drop_frame(true);
    if (may_start(tag->key)) start_run();
    if (!running_ || !tracks_.video || tracks_.video->record != upcoming_.video->record) return drop_frame(false);
    broken_in_a_row_ = 0;

    Packet packet;
    packet.key = tag->key;
    // Some encoders stamp a picture to be shown before it is decoded (PTS < DTS): they forgot their own delay. Decoding the whole
    // stream that much earlier keeps every picture's time, and so the order of pictures and the sound with them.
    const auto composition_ms = std::abs(tag->composition_ms) > composition_ms_max ? 0 : tag->composition_ms;
    decoder_delay_ms_ = std::max(decoder_delay_ms_, std::min(-composition_ms, decoder_delay_ms_max));
    const auto point = timeline_.map(Track::video, timestamp_ms - static_cast<std::uint32_t>(decoder_delay_ms_), frame_us_);
    packet.dts_us = point.dts_us;
    if (last_video_us_ >= 0) frame_us_ = std::clamp(packet.dts_us - last_video_us_, frame_us_min, frame_us_max);
    last_video_us_ = packet.dts_us;
    packet.duration_us = frame_us_;
    packet.dts = packet.dts_us * video_time_scale / 1'000'000;
    packet.duration = packet.duration_us * video_time_scale / 1'000'000;
    const auto shown_us = point.said_us + (composition_ms + decoder_delay_ms_) * std::int64_t{1000};
    packet.pts = std::max(packet.dts, shown_us * video_time_scale / 1'000'000);
    packet.offset = static_cast<std::size_t>(tag->data.data() - body.data());
    packet.bytes = share_bytes(std::move(body));
    meter_.add_video_frame(packet.key, packet.dts_us);
    emit(std::move(packet));
    return {};
}

Result<> Stream::on_audio(std::uint32_t timestamp_ms, std::string body) {
    meter_.add_packet(Track::audio, timestamp_ms, body.size(), clock_.steady());
    const auto tag = flv::parse_audio(body);
    if (!tag) return tag.error();
    if (tag->kind == flv::AudioTag::Kind::config) return on_audio_config(tag->data);
    if (tag->kind == flv::AudioTag::Kind::nothing || tag->data.empty()) return {};
    if (!upcoming_.audio) return drop_frame(false);
    if (!upcoming_.video && may_start(true)) start_run();
    if (!running_ || !tracks_.audio || tracks_.audio->record != upcoming_.audio->record) return drop_frame(false);

    const auto rate = tracks_.audio->sample_rate;
    const auto frame_us = aac_frame_samples * 1'000'000 / rate;
    const auto dts = grid_->place(timeline_.map(Track::audio, timestamp_ms, frame_us).dts_us);
    if (!dts) return drop_frame(false);
    Packet packet;
    packet.track = Track::audio;
    packet.key = true;
    packet.dts = packet.pts = *dts;
    packet.duration = aac_frame_samples;
    packet.dts_us = *dts * 1'000'000 / rate;
    packet.duration_us = frame_us;
    packet.offset = static_cast<std::size_t>(tag->data.data() - body.data());
    packet.bytes = share_bytes(std::move(body));
    emit(std::move(packet));
    return {};
}

void Stream::on_data(std::string_view body) {
    const auto metadata = flv::parse_metadata(body);
    if (metadata) metadata_ = *metadata;
}

Result<> Stream::on_video_config(codec::VideoKind kind, std::string_view record) {
    // Many encoders repeat the same header at each key frame; that changes nothing.
    if (upcoming_.video && upcoming_.video->kind == kind && upcoming_.video->record == record) return {};
    auto config = codec::parse_video_config(kind, record);
    if (!config) return config.error();
    upcoming_.video = std::move(*config);
    return note_change();
}

Result<> Stream::on_audio_config(std::string_view record) {
    if (upcoming_.audio && upcoming_.audio->record == record) return {};
    auto config = codec::parse_aac_config(record);
    if (!config) return config.error();
    upcoming_.audio = std::move(*config);
    return note_change();
}

/// A change takes effect at the next key frame: until then the old pictures go on.
Result<> Stream::note_change() {
    if (++changes_ > changes_max) return make_error_code(Errc::invalid_input);
    return {};
}

bool Stream::may_start(bool at_key_frame) {
    if (!at_key_frame) return false;
    if (running_) return !tracks_.same_codecs(upcoming_);
    const bool wants_video = !metadata_ || metadata_->has_video;
    const bool wants_audio = !metadata_ || metadata_->has_audio;
    const bool complete = (upcoming_.video || !wants_video) && (upcoming_.audio || !wants_audio);
    return complete || clock_.steady() - run_begun_ >= second_track_wait;
}

void Stream::start_run() {
    deliver(true);
    tracks_ = upcoming_;
    tracks_.fps = tracks_.video && tracks_.video->fps > 0 ? tracks_.video->fps : metadata_ ? metadata_->fps : 0;
    if (tracks_.fps > 0)
        // Bounded before it is a whole number: a publisher may name any rate above nothing.
        frame_us_ = static_cast<std::int64_t>(std::clamp(1'000'000 / tracks_.fps, static_cast<double>(frame_us_min), static_cast<double>(frame_us_max)));
    // The grid outlives reconnects, so that DTS keep rising; another rate needs another grid (and gets another muxer).
    if (tracks_.audio && (!grid_ || grid_->sample_rate() != tracks_.audio->sample_rate)) grid_.emplace(tracks_.audio->sample_rate);
    running_ = true;
    for (auto* reader : readers_) reader->on_run(tracks_);
}

Result<> Stream::drop_frame(bool broken) {
    ++dropped_;
    if (broken && ++broken_in_a_row_ > broken_in_a_row_max) return make_error_code(Errc::invalid_input);
    return {};
}

void Stream::emit(Packet packet) {
    packet.wall_ms = wall_.to_wall_ms(packet.dts_us, clock_.unix_ms());
    interleaver_.push(std::move(packet));
    // A lone track has nobody to wait for.
    deliver(!(tracks_.video && tracks_.audio));
}

void Stream::deliver(bool flush) {
    while (auto packet = interleaver_.pop(flush))
        for (auto* reader : readers_) reader->on_packet(*packet);
}

}  // namespace livefair::stream
