#include "room/event_class.hpp"

#include <livefair/v1/room.pb.h>

namespace livefair::room {

EventClass class_of(const v1::RoomEvent& event) {
    switch (event.body_case()) {
        case v1::RoomEvent::kStream:
        case v1::RoomEvent::kStock:
        case v1::RoomEvent::kCounts:
        case v1::RoomEvent::kHealth:
        case v1::RoomEvent::kQuestions:
        case v1::RoomEvent::kQuestionQueue:
        case v1::RoomEvent::kTotals: return EventClass::latest;
        case v1::RoomEvent::kChat:
            return event.chat().role() > v1::ROLE_VIEWER ? EventClass::must_deliver : EventClass::droppable;
        default: return EventClass::must_deliver;
    }
}

Audience audience_of(const v1::RoomEvent& event) {
    switch (event.body_case()) {
        case v1::RoomEvent::kTotals: return Audience::staff;
        case v1::RoomEvent::kHealth:
        case v1::RoomEvent::kQuestionQueue:
        case v1::RoomEvent::kChatHeld:
        case v1::RoomEvent::kChatReviewed: return Audience::moderator;
        default: return Audience::everyone;
    }
}

}  // namespace livefair::room
