#pragma once

namespace livefair::v1 {
class RoomEvent;
}

namespace livefair::room {

/// What may happen to an event on its way to a viewer who reads too slowly.
enum class EventClass {
    must_deliver,  ///< Has a seq and a place in the history; a viewer who can't take it is closed and resumes.
    droppable,     ///< Has a seq and a place in the history; left out for viewers who read too slowly (viewers' chat).
    latest,        ///< seq 0, no history; only the newest value of its key matters (stock, counts, totals, stream).
};

/// The class follows from the body alone, so that every gateway decides alike.
EventClass class_of(const v1::RoomEvent& event);

/// Who sees events; each sees what those before see, too.
enum class Audience {
    everyone,
    moderator,  ///< May moderate: the lines that wait for review, the state of recordings and pushes.
    staff,      ///< Hosts, assistants and operators: sums of money.
};
constexpr unsigned audience_count = 3;

/// The least of those who may see it.
Audience audience_of(const v1::RoomEvent& event);
inline bool is_for_staff(const v1::RoomEvent& event) { return audience_of(event) != Audience::everyone; }

}  // namespace livefair::room
