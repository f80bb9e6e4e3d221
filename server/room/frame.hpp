#pragma once

#include <string>
#include <vector>

#include "room/event_class.hpp"
#include "room/outbox.hpp"
#include "room/room_state.hpp"
#include "room/wire.hpp"

namespace livefair::room {

/// One frame of `events` in the order given, as `audience` may see it; null when nothing is left for it.
/// The lesser forms for slow viewers are encoded here too, when they differ.
SharedFrame make_frame(const std::string& room, const std::string& epoch, const std::vector<SharedEvent>& events, Format format,
                       Audience audience);

}  // namespace livefair::room
