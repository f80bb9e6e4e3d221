#pragma once

#include <livefair/v1/media.pb.h>

#include <chrono>
#include <string>

#include "integration/media/studio.hpp"

namespace livefair::test {

/// Settings of a studio that pushes its room "room" to targets on the loopback and tries again soon.
Studio::Environment quick_pushes();

/// Adds a target of the room "room", or changes it, as livefair-server does.
void add_target(Studio& studio, const std::string& id, const std::string& url, const std::string& key);
std::string rtmp_url(int port);
/// How the target does; without an id when it is none of the room's.
v1::PushState state_of(Studio& studio, const std::string& target);
bool becomes(Studio& studio, const std::string& target, v1::PushStatus status,
             std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace livefair::test
