#include <arpa/inet.h>
#include <livefair/v1/media.pb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <thread>

#include "base/bytes.hpp"
#include "integration/media/broadcast.hpp"
#include "rtmp/amf0.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// Short segments and a short window, so that tags slide out within seconds.
const Studio::Environment short_window = {{"LIVEFAIR_MEDIA_SEGMENT_MS", "1000"}, {"LIVEFAIR_MEDIA_WINDOW_SEGMENTS", "4"}};

bool is_live(Broadcast& broadcast) {
    return eventually([&] { return broadcast.state().status() == v1::STREAM_STATUS_LIVE; });
}

std::int64_t resident_kib(Process& process) {
    const auto lines = lines_with(read_file("/proc/" + std::to_string(process.pid()) + "/status"), "VmRSS:");
    return std::atoll(lines.at(0).c_str() + 6);
}

/// A viewer that asks for `path` and reads nothing of the answer.
class DeafViewer {
public:
    DeafViewer(int port, const std::string& path) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int small = 4096;
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        const auto request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        REQUIRE(::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    }
    ~DeafViewer() { ::close(fd_); }
    DeafViewer(const DeafViewer&) = delete;

private:
    int fd_;
};

}  // namespace

// What is sent: 4 s by a publisher that then falls silent with its connection open, as a phone that lost its network; a second connection
// with the same key sends 4 s more. Between them, one with a wrong key.
TEST_CASE("case 04: the right key takes over from a half-open connection at once, a wrong key can't", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    auto lost = broadcast.publisher();
    REQUIRE(lost.play(FlvClip::make(), 8));
    REQUIRE(is_live(broadcast));

    RtmpPublisher stranger({.port = studio.rtmp_port()});
    CHECK(stranger.publish("a-guessed-key") == "NetStream.Publish.BadName");
    CHECK(stranger.closes_within(5s));
    CHECK_FALSE(lost.closes_within(100ms));

    auto next = broadcast.publisher();
    CHECK(lost.closes_within(1s));
    REQUIRE(next.play(FlvClip::make(), 8));
    next.unpublish();
    broadcast.end();
    CHECK(broadcast.watch().discontinuities() == 1);
    const auto runs = broadcast.decode();
    REQUIRE(runs.size() == 2);
    for (const auto& run : runs) CHECK(run.video_pictures == 120);
}

// What is sent: 4 s whose timestamps begin at 100 s; the connection is reset; a new one sends 16 s from timestamp 0, in whose middle the
// last 40 ms come a second time. Segments of 1 s, four listed, so that the discontinuity slides out of the playlist.
TEST_CASE("case 05: a reconnect with timestamps from zero is exactly one discontinuity, counted right when it has slid out", "[media][robustness]") {
    Studio studio(short_window);
    Broadcast broadcast(studio, "room-a");
    {
        auto first = broadcast.publisher();
        REQUIRE(first.play(FlvClip::make().stamped(100'000), 4));
        REQUIRE(is_live(broadcast));
        first.reset();
    }
    auto clip = FlvClip::make().repeated(4);
    auto again = clip.tags;
    std::erase_if(again, [](const FlvTag& tag) { return !tag.is_frame() || tag.at_ms < 7'940 || tag.at_ms >= 7'980; });
    const auto at = std::find_if(clip.tags.begin(), clip.tags.end(), [](const FlvTag& tag) { return tag.at_ms >= 7'980; });
    clip.tags.insert(at, again.begin(), again.end());
    REQUIRE(broadcast.publish(clip, 4));
    broadcast.end();
    CHECK(broadcast.watch().discontinuities() == 1);
    CHECK(broadcast.watch().began_with_discontinuity());
    CHECK(broadcast.watch().last().segments.front().begins_discontinuity == false);
    const auto runs = broadcast.decode();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].map == runs[1].map);
    CHECK(runs[1].video.size() >= 480);
    CHECK(runs[1].video.front().dts >= runs[0].video.back().dts);
    CHECK(runs[1].largest_video_gap() < 0.05);
}

// What is sent: messages that claim 16 MiB; chunk sizes 0 and 2^31; `connect` with objects nested 100,000 deep, and with a million
// values; commands before `connect`. Beside them a publisher that sends 8 s.
TEST_CASE("case 17: hostile messages end their own connection and nothing else", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_LIMITS_TRUSTED_ADDRESSES", "127.0.0.1"}});
    Broadcast broadcast(studio, "room-a");
    auto bystander = broadcast.publisher();
    std::thread playing([&] { bystander.play(FlvClip::make({.seconds = 8}), 2); });
    const auto before = resident_kib(studio.media());
    const auto check_dropped = [&](const char* what, bool publishing, const auto& attack) {
        INFO(what);
        RtmpPublisher attacker({.port = studio.rtmp_port()});
        if (publishing) {
            CHECK(attacker.publish(studio.make_key("victim")) == "NetStream.Publish.Start");
        } else {
            attacker.handshake();
        }
        attack(attacker);
        CHECK(attacker.closes_within(5s));
    };
    const std::string connect = rtmp::AmfWriter().text("connect").number(1).take();
    for (int i = 0; i < 4; ++i) {
        check_dropped("16 MiB", true, [](RtmpPublisher& attacker) {
            attacker.send_raw(std::string("\x06\0\0\0\xFF\xFF\xFF\x09\1\0\0\0", 12));
            attacker.send_raw(std::string(4096, 'x'));
        });
        check_dropped("chunk size 0", false, [](RtmpPublisher& attacker) { attacker.send_message(1, 0, std::string(4, '\0')); });
        check_dropped("chunk size 2^31", false, [](RtmpPublisher& attacker) { attacker.send_message(1, 0, std::string("\x80\0\0\0", 4)); });
        check_dropped("deep", false, [&](RtmpPublisher& attacker) {
            std::string body = connect;
            for (int depth = 0; depth < 100'000; ++depth) body += std::string("\3\0\1a", 4);
            attacker.set_chunk_size(65'536);
            attacker.send_command(body);
        });
        check_dropped("wide", false, [&](RtmpPublisher& attacker) {
            attacker.set_chunk_size(65'536);
            attacker.send_command(connect + std::string(1'000'000, '\5'));
        });
        check_dropped("publish first", false, [](RtmpPublisher& attacker) {
            attacker.send_command(rtmp::AmfWriter().text("publish").number(1).null().text("key").take(), 1);
        });
    }
    CHECK(resident_kib(studio.media()) - before < 64 * 1024);
    playing.join();
    CHECK_FALSE(bystander.is_closed());
    bystander.unpublish();
    broadcast.end();
    CHECK(broadcast.decode().at(0).video_pictures == 240);
}

// What is sent: a handshake of one byte every 100 ms; and `publish` with the right key, then nothing.
TEST_CASE("case 17: a slow handshake and a publisher without data are dropped", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_HANDSHAKE_MS", "1000"}, {"LIVEFAIR_MEDIA_IDLE_MS", "1000"}});
    RtmpPublisher slow({.port = studio.rtmp_port()});
    CHECK(eventually([&] {
        slow.send_raw(std::string(1, '\3'));
        return slow.closes_within(100ms);
    }, 5s));
    Broadcast broadcast(studio, "room-a");
    auto silent = broadcast.publisher();
    CHECK(silent.closes_within(5s));
    broadcast.watch().stop();
}

// What is asked: 40 viewers ask for the same segment of about 1 MiB and read nothing; others go on.
TEST_CASE("case 17: viewers that don't read cost no memory of their own", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    REQUIRE(broadcast.publish(FlvClip::make({.size = "640x360", .bitrate_kbps = 4000, .arguments = {"-minrate", "4M", "-bufsize", "4M", "-x264-params", "nal-hrd=cbr"}}), 8));
    broadcast.end();
    const auto& segment = broadcast.watch().last().segments.front();
    const auto bytes = broadcast.watch().bytes_of(segment.name).size();
    REQUIRE(bytes > 500'000);
    const auto before = resident_kib(studio.media());
    std::vector<std::unique_ptr<DeafViewer>> viewers;
    const auto url = studio.url("/");
    const int port = std::atoi(url.c_str() + url.rfind(':') + 1);
    for (int i = 0; i < 40; ++i) viewers.push_back(std::make_unique<DeafViewer>(port, "/hls/room-a/" + segment.name));
    CHECK(studio.get("/hls/room-a/live.m3u8").status == 200);
    CHECK(resident_kib(studio.media()) - before < static_cast<std::int64_t>(40 * bytes / 1024 / 3));
}

// What is sent: 4 s, an end, a pause over the grace time, 4 s of another picture.
TEST_CASE("case 18: nothing of an ended show is played again in the next", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "300"}});
    const auto key = studio.make_key("room-a");
    const auto play = [&](const FlvClip& clip) {
        RtmpPublisher publisher({.port = studio.rtmp_port()});
        REQUIRE(publisher.publish(key) == "NetStream.Publish.Start");
        REQUIRE(publisher.play(clip, 0));
        publisher.unpublish();
        REQUIRE(eventually([&] { return studio.playlist("room-a").find("#EXT-X-ENDLIST") != std::string::npos; }));
        return WatchedPlaylist::parse(studio.playlist("room-a"));
    };
    const auto first = play(FlvClip::make());
    // The ended playlist still stands; the next one must have taken its place before ENDLIST means the new show.
    RtmpPublisher publisher({.port = studio.rtmp_port()});
    REQUIRE(publisher.publish(key) == "NetStream.Publish.Start");
    REQUIRE(publisher.play(FlvClip::make({.size = "640x360"}), 0));
    REQUIRE(eventually([&] { return studio.playlist("room-a").find("#EXT-X-ENDLIST") == std::string::npos; }));
    const auto second = WatchedPlaylist::parse(studio.playlist("room-a"));
    CHECK(second.sequence >= first.next_sequence());
    CHECK(second.segments.front().map != first.segments.front().map);
    CHECK(second.discontinuity_sequence + (second.segments.front().begins_discontinuity ? 1 : 0) > first.discontinuity_sequence);
}

// What is sent: 4 s by one publisher; a second one takes over and goes on; then the first one's socket ends.
TEST_CASE("case 19: the end of a publisher that was taken over changes nothing for its successor", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    auto old = std::make_unique<RtmpPublisher>(broadcast.publisher());
    REQUIRE(old->play(FlvClip::make(), 8));
    REQUIRE(is_live(broadcast));
    auto next = broadcast.publisher();
    REQUIRE(next.play(FlvClip::make(), 8));
    REQUIRE(is_live(broadcast));
    const auto since_ms = broadcast.state().since_ms();
    old->unpublish();
    old.reset();
    REQUIRE(next.play(FlvClip::make().later(4000), 2));
    CHECK(broadcast.state().status() == v1::STREAM_STATUS_LIVE);
    CHECK(broadcast.state().since_ms() == since_ms);
    next.unpublish();
    broadcast.end();
}

// What is sent: 5 s, whose last segment is 1 s long; then an end without anybody coming back within the grace time.
TEST_CASE("case 20: after the grace time the playlist ends, with the last short segment in it before the end is told", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "300"}});
    Broadcast broadcast(studio, "room-a");
    const auto clip = FlvClip::make({.seconds = 5});
    REQUIRE(broadcast.publish(clip));
    REQUIRE(eventually([&] { return broadcast.state().status() == v1::STREAM_STATUS_OFFLINE; }));
    broadcast.end();
    const auto& last = broadcast.watch().last();
    CHECK(last.ended);
    CHECK(last.target_seconds == 4);
    CHECK(last.segments.size() == 3);
    CHECK(last.segments.back().seconds == Approx(1).margin(0.05));
    CHECK(broadcast.decode().at(0).video_pictures == clip.video_frames());
}
