#include "ingest/room_figures.hpp"

#include <livefair/v1/media.pb.h>

#include <cstdio>

namespace livefair::ingest {
namespace {

constexpr std::size_t rooms_max = 500;

struct Name {
    const char* name;
    const char* help;
};
constexpr std::array<Name, 9> names{{
    {"live", "1 while a publisher is on air, 0 while it is awaited or the show has ended"},
    {"bitrate_bps", "Received, mean of the last 2 s"},
    {"fps", "Pictures a second, mean of the last 2 s"},
    {"key_frame_interval_ms", "Between the last two key frames"},
    {"av_skew_ms", "Audio ahead of video, as received"},
    {"packet_age_ms", "Since the last packet"},
    {"repaired_timestamps", "Since the publisher connected"},
    {"dropped_frames", "Since the publisher connected"},
    {"advice", "What the host should do about the picture, the worst; 0: nothing (StreamAdvice in media.proto)"},
}};

}  // namespace

void RoomFigures::set(const v1::StreamState& state) {
    const Figures figures{state.status() == v1::STREAM_STATUS_LIVE ? 1.0 : 0.0,
                          static_cast<double>(state.bitrate_bps()),
                          state.fps(),
                          static_cast<double>(state.key_frame_interval_ms()),
                          static_cast<double>(state.av_skew_ms()),
                          static_cast<double>(state.packet_age_ms()),
                          static_cast<double>(state.repaired_timestamps()),
                          static_cast<double>(state.dropped_frames()),
                          state.advice().empty() ? 0.0 : static_cast<double>(state.advice(0))};
    const std::lock_guard lock(mutex_);
    if (rooms_.size() < rooms_max || rooms_.count(state.room_id()) != 0) rooms_[state.room_id()] = figures;
}

void RoomFigures::forget(const std::string& room) {
    const std::lock_guard lock(mutex_);
    rooms_.erase(room);
}

std::string RoomFigures::to_text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    if (rooms_.empty()) return text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto name = std::string("livefair_media_room_") + names[i].name;
        text += "# HELP " + name + " " + names[i].help + "\n# TYPE " + name + " gauge\n";
        for (const auto& [room, figures] : rooms_) {
            char value[32];
            std::snprintf(value, sizeof value, "%.10g", figures[i]);
            text += name + "{room=\"" + room + "\"} " + value + "\n";
        }
    }
    return text;
}

}  // namespace livefair::ingest
