#pragma once

namespace livefair::v1 {
class StreamState;
}

namespace livefair::room {

/// What viewers may know of a stream: status, size, codecs. The figures, the recording and the pushes are the staff's
/// (RoomEvent.health).
v1::StreamState viewers_view(const v1::StreamState& state);

}  // namespace livefair::room
