#include "room_taps.hpp"

#include <livefair/v1/media.pb.h>

#include "thumb/thumbnailer.hpp"

namespace livefair::media {
namespace {

class ThumbTap final : public ingest::Tap {
public:
    ThumbTap(thumb::Thumbnails& thumbnails, thumb::Thumbnailer& thumbnailer, const RoomId& room, std::int64_t every_ms)
        : thumbnails_(thumbnails), room_(room), key_frames_(thumbnailer, room, every_ms) {
        thumbnails_.open(room_);
    }
    ~ThumbTap() override { thumbnails_.close(room_); }
    stream::Reader* reader() override { return &key_frames_; }
    void describe(v1::StreamState& state) override { state.set_thumbnail_ms(thumbnails_.find(room_).taken_ms); }

private:
    thumb::Thumbnails& thumbnails_;
    const RoomId room_;
    thumb::KeyFrames key_frames_;
};

}  // namespace

RoomTaps::RoomTaps(const Config& config) : config_(config) {
    if (config.thumb.enabled) thumbnailer_ = std::make_unique<thumb::Thumbnailer>(thumbnails_, static_cast<int>(config.thumb.width));
}

RoomTaps::~RoomTaps() = default;

ingest::Taps RoomTaps::make(net::Shard&, const RoomId& room) {
    ingest::Taps taps;
    if (thumbnailer_) taps.push_back(std::make_unique<ThumbTap>(thumbnails_, *thumbnailer_, room, config_.thumb.every_ms));
    return taps;
}

}  // namespace livefair::media
