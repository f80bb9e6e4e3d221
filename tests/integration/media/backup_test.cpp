#include <livefair/v1/media.pb.h>

#include <atomic>
#include <thread>

#include "integration/media/studio.hpp"
#include "support/catch.hpp"
#include "support/rtmp_publisher.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

std::size_t discontinuities(const std::string& playlist) {
    return lines_with(playlist, "#EXT-X-DISCONTINUITY").size() - lines_with(playlist, "#EXT-X-DISCONTINUITY-SEQUENCE").size();
}

v1::StreamState state_of(Studio& studio) {
    v1::StreamState state;
    state.ParseFromString(studio.ask_redis({"GET", "lf:stream:room-b"}).text);
    return state;
}

/// A publisher that plays a clip over and over in a thread of its own; it can be held without hanging up.
class Encoder {
public:
    Encoder(Studio& studio, const std::string& key) : publisher_({.port = studio.rtmp_port()}) {
        REQUIRE(publisher_.publish(key) == "NetStream.Publish.Start");
        thread_ = std::thread([this] { run(); });
    }
    ~Encoder() {
        stopped_ = true;
        thread_.join();
    }
    void hold(bool held) { held_ = held; }

private:
    void run() {
        const auto clip = FlvClip::make({.seconds = 1}).repeated(60);
        const auto begun = std::chrono::steady_clock::now();
        for (const auto& tag : clip.tags) {
            std::this_thread::sleep_until(begun + std::chrono::milliseconds(tag.at_ms));
            if (stopped_) return;
            if (!held_ && !publisher_.send(tag)) return;
        }
    }
    RtmpPublisher publisher_;
    std::atomic<bool> stopped_ = false, held_ = false;
    std::thread thread_;
};

}  // namespace

TEST_CASE("a backup stands by unseen, takes over when the main publisher stalls, and gives back on the host's word", "[media]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_BACKUP_AFTER_MS", "1000"}, {"LIVEFAIR_MEDIA_WINDOW_SEGMENTS", "20"}});
    const auto main_key = studio.make_key("room-b"), backup_key = studio.make_key("room-b backup");
    Encoder main(studio, main_key);
    REQUIRE(eventually([&] { return state_of(studio).status() == v1::STREAM_STATUS_LIVE; }));
    Encoder backup(studio, backup_key);
    REQUIRE(eventually([&] { return state_of(studio).backup_ready(); }));
    CHECK_FALSE(state_of(studio).on_backup());
    CHECK(discontinuities(studio.playlist("room-b")) == 0);

    main.hold(true);
    REQUIRE(eventually([&] { return state_of(studio).on_backup() && discontinuities(studio.playlist("room-b")) == 1; }));
    main.hold(false);
    CHECK_FALSE(eventually([&] { return !state_of(studio).on_backup(); }, 1500ms));

    studio.ask_redis({"SPUBLISH", "lf:media:commands", "give_back room-b"});
    REQUIRE(eventually([&] { return state_of(studio).backup_ready() && discontinuities(studio.playlist("room-b")) == 2; }));
    CHECK_FALSE(state_of(studio).on_backup());
}

TEST_CASE("when the publisher on air drops, the other is on air at once, and neither key disturbs the other", "[media]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_WINDOW_SEGMENTS", "20"}});
    const auto main_key = studio.make_key("room-b"), backup_key = studio.make_key("room-b backup");
    auto main = std::make_unique<Encoder>(studio, main_key);
    const Encoder backup(studio, backup_key);
    REQUIRE(eventually([&] { return state_of(studio).backup_ready() && !studio.playlist("room-b").empty(); }));
    CHECK(RtmpPublisher({.port = studio.rtmp_port()}).publish("no such key") == "NetStream.Publish.BadName");
    CHECK(state_of(studio).status() == v1::STREAM_STATUS_LIVE);

    main.reset();
    REQUIRE(eventually([&] { return state_of(studio).on_backup() && discontinuities(studio.playlist("room-b")) == 1; }));
    main = std::make_unique<Encoder>(studio, main_key);
    CHECK_FALSE(eventually([&] { return !state_of(studio).on_backup(); }, 1500ms));
    studio.revoke(backup_key);
    REQUIRE(eventually([&] { return !state_of(studio).on_backup() && discontinuities(studio.playlist("room-b")) == 2; }));
    CHECK_FALSE(state_of(studio).backup_ready());
}
