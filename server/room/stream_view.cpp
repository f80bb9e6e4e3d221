#include "room/stream_view.hpp"

#include <livefair/v1/media.pb.h>

namespace livefair::room {

v1::StreamState viewers_view(const v1::StreamState& state) {
    v1::StreamState view;
    view.set_room_id(state.room_id());
    view.set_status(state.status());
    view.set_since_ms(state.since_ms());
    view.set_width(state.width());
    view.set_height(state.height());
    view.set_video_codec(state.video_codec());
    view.set_audio_codec(state.audio_codec());
    return view;
}

}  // namespace livefair::room
