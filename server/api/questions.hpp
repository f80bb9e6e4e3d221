#pragma once

#include "api/services.hpp"

namespace livefair::api {

/// Keeps what is still open at the end of a show as left for later, and takes it off the room's board. The same call again goes on where one failed.
net::Task<Result<>> leave_open_questions(Services& services, RoomId room, AccountId by);

}  // namespace livefair::api
