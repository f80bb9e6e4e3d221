#include "room/frame.hpp"

#include <livefair/v1/room.pb.h>
#include <livefair/v1/socket.pb.h>

namespace livefair::room {
namespace {

/// How much of a frame is encoded.
enum class Detail { all, without_chat, must_only };

bool is_in(EventClass event_class, Detail detail) {
    if (event_class == EventClass::must_deliver) return true;
    if (event_class == EventClass::latest) return detail != Detail::must_only;
    return detail == Detail::all;
}

struct Visible {
    std::string room;
    std::string epoch;
    std::vector<const v1::SequencedEvent*> events;
    Format format;
};

SharedBytes encode_detail(const Visible& visible, Detail detail) {
    v1::ServerMessage message;
    auto& body = *message.mutable_events();
    for (const auto* event : visible.events)
        if (is_in(class_of(event->event()), detail)) *body.add_events() = *event;
    if (body.events().empty()) return nullptr;
    body.set_room_id(visible.room);
    body.set_epoch(visible.epoch);
    return to_frame(encode(message, visible.format), visible.format);
}

}  // namespace

SharedFrame make_frame(const std::string& room, const std::string& epoch, const std::vector<SharedEvent>& events, Format format,
                       Audience audience) {
    Visible visible{room, epoch, {}, format};
    auto frame = std::make_shared<Frame>();
    for (const auto& event : events) {
        if (audience < audience_of(event->event())) continue;
        visible.events.push_back(event.get());
        ++frame->events;
        const auto event_class = class_of(event->event());
        if (event_class == EventClass::droppable) ++frame->droppable_events;
        if (event_class == EventClass::latest) ++frame->latest_events;
    }
    if (visible.events.empty()) return nullptr;
    frame->all = encode_detail(visible, Detail::all);
    frame->without_chat = frame->droppable_events > 0 ? encode_detail(visible, Detail::without_chat) : frame->all;
    frame->must_only = frame->latest_events > 0 ? encode_detail(visible, Detail::must_only) : frame->without_chat;
    return frame;
}

}  // namespace livefair::room
