#include "room_taps.hpp"

#include <livefair/v1/media.pb.h>

#include "auth/media_secret.hpp"
#include "ladder_tap.hpp"
#include "push/room_pushes.hpp"
#include "record/recorder.hpp"
#include "thumb/thumbnailer.hpp"

namespace livefair::media {
namespace {

class ThumbTap final : public ingest::Tap {
public:
    ThumbTap(thumb::Thumbnailer& thumbnailer, const RoomId& room, std::int64_t every_ms)
        : thumbnailer_(thumbnailer), room_(room), key_frames_(thumbnailer, room, every_ms) {
        thumbnailer_.open(room_);
    }
    ~ThumbTap() override { thumbnailer_.close(room_); }
    stream::Reader* reader() override { return &key_frames_; }
    void describe(v1::StreamState& state) override { state.set_thumbnail_ms(thumbnailer_.newest_ms(room_)); }

private:
    thumb::Thumbnailer& thumbnailer_;
    const RoomId room_;
    thumb::KeyFrames key_frames_;
};

class PushTap final : public ingest::Tap {
public:
    explicit PushTap(std::shared_ptr<push::RoomPushes> pushes) : pushes_(std::move(pushes)) {}
    ~PushTap() override { pushes_->leave(); }
    stream::Reader* reader() override { return pushes_.get(); }
    void on_show_end() override { pushes_->leave(); }
    void describe(v1::StreamState& state) override { pushes_->describe(state); }

private:
    std::shared_ptr<push::RoomPushes> pushes_;
};

push::PushOptions push_options(const Config::Push& config) {
    return {static_cast<std::size_t>(config.queue_bytes), std::chrono::milliseconds(config.stall_ms), std::chrono::milliseconds(config.retry_ms),
            std::chrono::milliseconds(config.retry_max_ms), config.allow_private};
}

class RecordTap final : public ingest::Tap {
public:
    RecordTap(record::Recorder& recorder, const RoomId& room) : feed_(recorder, room) {}
    void on_snapshot(const std::shared_ptr<const hls::Snapshot>& snapshot) override { feed_.put(snapshot); }
    void on_show_end() override { feed_.end_show(); }
    void describe(v1::StreamState& state) override {
        const auto status = feed_.status();
        auto& out = *state.mutable_record();
        out.set_status(status.failing ? v1::RECORD_STATUS_FAILING : status.recording_id.empty() ? v1::RECORD_STATUS_OFF : v1::RECORD_STATUS_RECORDING);
        out.set_recording_id(status.recording_id);
        out.set_bytes(static_cast<std::int64_t>(status.bytes));
        out.set_lost_ms(status.lost_ms);
        out.set_disk_free_bytes(status.disk_free_bytes);
        if (status.failing) state.add_advice(v1::STREAM_ADVICE_RECORDING_GAP);
    }

private:
    record::Recorder::Feed feed_;
};

record::RecorderOptions recorder_options(const Config& config) {
    constexpr std::int64_t day_ms = 24 * 3600 * std::int64_t{1000};
    return {config.record.dir, config.record.reserve_bytes, config.media.grace_ms, config.record.retention_days * day_ms};
}

}  // namespace

RoomTaps::RoomTaps(const Config& config, const Clock& clock, net::Shards& shards, hls::Publications& publications)
    : config_(config),
      clock_(clock),
      push_targets_(config, shards, auth::load_media_secret(config.media.secret_file)),
      rungs_(rungs_of(config)),
      publications_(publications) {
    if (config.record.enabled)
        recorder_ = std::make_unique<record::Recorder>(recorder_options(config), clock, [this](const RoomId& room) { return thumbnails_.find(room).jpeg; });
    if (config.thumb.enabled) thumbnailer_ = std::make_unique<thumb::Thumbnailer>(thumbnails_, static_cast<int>(config.thumb.width));
}

RoomTaps::~RoomTaps() = default;

void RoomTaps::start() { push_targets_.start(); }

ingest::Taps RoomTaps::make(net::Shard& shard, const RoomId& room) {
    ingest::Taps taps;
    auto pushes = std::make_shared<push::RoomPushes>(shard, clock_, push_options(config_.push), room);
    push_targets_.watch(shard, room, pushes);
    taps.push_back(std::make_unique<PushTap>(std::move(pushes)));
    if (recorder_) taps.push_back(std::make_unique<RecordTap>(*recorder_, room));
    if (thumbnailer_) taps.push_back(std::make_unique<ThumbTap>(*thumbnailer_, room, config_.thumb.every_ms));
    if (!rungs_.empty()) taps.push_back(make_ladder_tap(shard, clock_, config_, room, rungs_, publications_));
    return taps;
}

}  // namespace livefair::media
