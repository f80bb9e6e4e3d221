#include "integration/media/platform.hpp"

#include "auth/media_secret.hpp"
#include "auth/push_target.hpp"

namespace livefair::test {

Studio::Environment quick_pushes() {
    return {{"LIVEFAIR_PUSH_ALLOW_PRIVATE", "true"}, {"LIVEFAIR_PUSH_RETRY_MS", "200"}, {"LIVEFAIR_PUSH_RETRY_MAX_MS", "1000"}};
}

void add_target(Studio& studio, const std::string& id, const std::string& url, const std::string& key) {
    const auto secret = auth::load_media_secret(studio.file("media.secret"));
    studio.ask_redis({"HSET", "{lf:push}:room", id, auth::seal_push_target(secret, {url, key})});
    studio.ask_redis({"SPUBLISH", "{lf:push}", "room"});
}

std::string rtmp_url(int port) { return "rtmp://127.0.0.1:" + std::to_string(port) + "/live"; }

v1::PushState state_of(Studio& studio, const std::string& target) {
    v1::StreamState state;
    state.ParseFromString(studio.ask_redis({"GET", "lf:stream:room"}).text);
    for (const auto& push : state.pushes())
        if (push.target_id() == target) return push;
    return {};
}

bool becomes(Studio& studio, const std::string& target, v1::PushStatus status, std::chrono::milliseconds deadline) {
    return eventually([&] { return state_of(studio, target).status() == status; }, deadline);
}

}  // namespace livefair::test
