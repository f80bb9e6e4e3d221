#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <thread>

#include "integration/media/broadcast.hpp"
#include "net/http_client.hpp"
#include "support/certificate.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// Sends a clip from a thread of its own until it has been sent, or the object goes: then the connection breaks.
class Sender {
public:
    Sender(Broadcast& broadcast, FlvClip clip, double speed = 1)
        : publisher_(broadcast.publisher()), clip_(std::move(clip)), speed_(speed), thread_([this] { publisher_.play(clip_, speed_); }) {}
    ~Sender() {
        ::shutdown(publisher_.socket(), SHUT_RDWR);
        wait();
    }
    void wait() {
        if (thread_.joinable()) thread_.join();
    }

private:
    RtmpPublisher publisher_;
    FlvClip clip_;
    double speed_;
    std::thread thread_;
};

WatchedPlaylist playlist_of(Studio& studio, const std::string& query = "") {
    const auto response = studio.get("/hls/room-a/live.m3u8" + query);
    REQUIRE(response.status == 200);
    return WatchedPlaylist::parse(std::string(net::body_of(response)));
}

void wait_playing(Studio& studio) {
    REQUIRE(eventually([&] { return studio.playlist("room-a") != ""; }, 20s));
}

std::string msn(std::uint64_t sequence, int part = -1) {
    return "?_HLS_msn=" + std::to_string(sequence) + (part < 0 ? "" : "&_HLS_part=" + std::to_string(part));
}

int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(fd);
    return ntohs(address.sin_port);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    INFO(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

/// Debian's nginx with config/nginx.conf in front of a studio: other ports, a certificate of its own, all files in a folder of its own.
class Front {
public:
    explicit Front(Studio& studio) : port_(free_port()) {
        make_certificate(folder_.file("cert.pem"), folder_.file("key.pem"));
        auto site = read_file(LIVEFAIR_SOURCE_DIR "/config/nginx.conf");
        const auto media = studio.url("").substr(std::string("http://").size());
        replace(site, "127.0.0.1:8081", media);
        replace(site, "listen 443 ssl http2", "listen 127.0.0.1:" + std::to_string(port_) + " ssl http2");
        replace(site, "listen 80;", "listen unix:" + folder_.file("plain.sock") + ";");
        replace(site, "/etc/ssl/livefair/fullchain.pem", folder_.file("cert.pem"));
        replace(site, "/etc/ssl/livefair/privkey.pem", folder_.file("key.pem"));
        replace(site, "/var/cache/nginx/livefair", folder_.file("cache"));
        std::string main = std::string(::geteuid() == 0 ? "user root;\n" : "") + "daemon off;\nworker_processes 1;\npid " + folder_.file("pid") +
                           ";\nerror_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n";
        for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) main += std::string(kind) + "_temp_path " + folder_.file(kind) + ";\n";
        write_file(folder_.file("nginx.conf"), main + site + "}\n");
        nginx_ = std::make_unique<Process>(Process::Options{.command = {"nginx", "-e", "stderr", "-c", folder_.file("nginx.conf")}, .output_file = folder_.file("nginx.log")});
        REQUIRE(eventually([&] { return get("/hls/nobody/live.m3u8").find("HTTP/2 404") == 0; }, 20s));
    }
    ~Front() { nginx_->terminate(); }

    /// Status line, headers and body as curl shows them over HTTP/2 and TLS.
    std::string get(const std::string& path) {
        return run({"curl", "--silent", "--show-error", "--http2", "--include", "--max-time", "20", "--cacert", folder_.file("cert.pem"), "--resolve",
                    "localhost:" + std::to_string(port_) + ":127.0.0.1", "https://localhost:" + std::to_string(port_) + path});
    }
    std::string log() const { return nginx_->output(); }

private:
    std::string run(std::vector<std::string> command) {
        const auto file = folder_.file("run" + std::to_string(++runs_) + ".out");
        Process process({.command = std::move(command), .output_file = file});
        process.wait(30s);
        return process.output();
    }
    TemporaryFolder folder_;
    int port_;
    int runs_ = 0;
    std::unique_ptr<Process> nginx_;
};

}  // namespace

// What is sent: 5 s in real time, then nothing; segments of 0.5 s, so that TARGETDURATION is 1 s. The watch checks beside it that part lengths and
// what the playlist promises never change.
TEST_CASE("case 11: the delivery directives keep to RFC 8216bis 6.2.5", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_SEGMENT_MS", "500"}});
    Broadcast broadcast(studio, "room-a");
    Sender sender(broadcast, FlvClip::make({.seconds = 5, .key_frame_every = 15}));
    wait_playing(studio);

    // Without _HLS_part the answer waits for the first part of that segment; Safari spins when it comes earlier or only at the end.
    const auto next = playlist_of(studio).next_sequence() + 1;
    const auto by_segment = playlist_of(studio, msn(next));
    CHECK(by_segment.next_sequence() >= next);
    CHECK((by_segment.open || by_segment.next_sequence() > next));

    // A part beyond a complete segment's last is the first of the next segment.
    const auto now = playlist_of(studio);
    const auto last = now.segments.back();
    const auto beyond = playlist_of(studio, msn(last.sequence, static_cast<int>(last.parts.size())));
    CHECK((beyond.next_sequence() > last.sequence + 1 || (beyond.open && !beyond.open->parts.empty())));

    CHECK(studio.get("/hls/room-a/live.m3u8" + msn(playlist_of(studio).next_sequence() + 20)).status == 400);
    CHECK(studio.get("/hls/room-a/live.m3u8" + msn(playlist_of(studio).next_sequence(), 500)).status == 400);
    CHECK(studio.get("/hls/room-a/live.m3u8?_HLS_part=0").status == 400);
    CHECK(studio.get("/hls/room-a/live.m3u8?_HLS_msn=soon").status == 400);

    // An unknown kind of skip is no skip; other parameters are not ours.
    CHECK(studio.get("/hls/room-a/live.m3u8?_HLS_skip=YES").status == 200);
    for (const auto* query : {"?_HLS_skip=banana", "?_HLS_skip=", "?utm_source=chat&_HLS_unknown=1"}) {
        const auto whole = playlist_of(studio, query);
        CHECK(whole.segments.size() >= 1);
        CHECK(whole.segments.front().sequence == whole.sequence);
        // Names are relative: what stands before them in the address, a token for instance, holds for them, too.
        for (const auto& segment : whole.segments) CHECK(segment.name.find('/') == std::string::npos);
    }
    // The publisher has fallen silent; what will not come is given up after three target durations.
    sender.wait();
    const auto silent = playlist_of(studio);
    CHECK(studio.get("/hls/room-a/live.m3u8" + msn(silent.next_sequence() + 1)).status == 503);
    CHECK(broadcast.watch().stop() == std::vector<std::string>{});
}

// What is sent: 8 s in real time, watched through nginx with config/nginx.conf over TLS and HTTP/2.
TEST_CASE("case 12: nginx gives viewers HTTP/2 over TLS, passes blocking reloads on and keeps parts and segments", "[media][robustness]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_LIMITS_PROXY_ADDRESSES", "127.0.0.1"}});
    Broadcast broadcast(studio, "room-a");
    Sender sender(broadcast, FlvClip::make({.seconds = 8}));
    Front front(studio);
    wait_playing(studio);
    const auto body = [](const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); };

    const auto first = front.get("/hls/room-a/live.m3u8");
    INFO(front.log());
    REQUIRE(first.find("HTTP/2 200") == 0);
    auto now = WatchedPlaylist::parse(body(first));
    for (int i = 0; i < 3; ++i) {
        const auto parts = now.open ? now.open->parts.size() : 0;
        const auto blocked = front.get("/hls/room-a/live.m3u8" + msn(now.next_sequence(), static_cast<int>(parts)));
        REQUIRE(blocked.find("HTTP/2 200") == 0);
        const auto then = WatchedPlaylist::parse(body(blocked));
        CHECK((then.next_sequence() > now.next_sequence() || (then.open && then.open->parts.size() > parts)));
        now = then;
    }
    const auto segment = "/hls/room-a/" + now.segments.back().name;
    CHECK(front.get(segment).find("x-cache-status: MISS") != std::string::npos);
    const auto again = front.get(segment);
    CHECK(again.find("x-cache-status: HIT") != std::string::npos);
    CHECK(again.find("immutable") != std::string::npos);
    CHECK(body(again) == net::body_of(studio.get(segment)));
    sender.wait();
}

// What is sent: 6 s at twice real time, reloaded by six players at once, each of which fetches every name the moment it is listed.
TEST_CASE("case 13: whatever a playlist names can be loaded at once, by many at a time", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    std::vector<std::unique_ptr<PlaylistWatch>> others;
    for (int i = 0; i < 5; ++i) others.push_back(std::make_unique<PlaylistWatch>(studio.url("/hls/room-a/live.m3u8")));
    REQUIRE(broadcast.publish(FlvClip::make({.seconds = 6}), 2));
    broadcast.end();
    for (auto& other : others) {
        CHECK(other->stop() == std::vector<std::string>{});
        CHECK(other->segments().size() == broadcast.watch().segments().size());
    }
}

// What is sent: 6 s of sound and picture.
TEST_CASE("case 14: sound and picture are in one rendition, so that they can't come apart", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    REQUIRE(broadcast.publish(FlvClip::make({.seconds = 6})));
    broadcast.end();
    const std::string index(net::body_of(studio.get("/hls/room-a/index.m3u8")));
    CHECK(index.find("TYPE=AUDIO") == std::string::npos);
    CHECK(index.find("\nlive.m3u8\n") != std::string::npos);
    // Whatever else is offered (the sound alone, for weak links) has the same numbers, or a player that changes over loses its place.
    const auto& main = broadcast.watch().last();
    for (const auto& line : lines_with(index, "")) {
        if (line.empty() || line[0] == '#') continue;
        INFO(line);
        const auto variant = studio.get("/hls/room-a/" + line);
        REQUIRE(variant.status == 200);
        const auto list = WatchedPlaylist::parse(std::string(net::body_of(variant)));
        CHECK(list.sequence == main.sequence);
        CHECK(list.discontinuity_sequence == main.discontinuity_sequence);
        CHECK(list.next_sequence() == main.next_sequence());
        for (std::size_t i = 0; i < main.segments.size(); ++i) CHECK(list.segments.at(i).seconds == Approx(main.segments[i].seconds).margin(0.03));
    }
    const auto& init = broadcast.watch().bytes_of(broadcast.watch().segments().begin()->second.map);
    std::size_t tracks = 0;
    for (auto at = init.find("trak"); at != std::string::npos; at = init.find("trak", at + 4)) ++tracks;
    CHECK(tracks == 2);
    const auto runs = broadcast.decode();
    CHECK(std::abs(runs.at(0).audio.front().pts - runs.at(0).video.front().pts) < 0.05);
    CHECK(std::abs(runs.at(0).audio.back().pts - runs.at(0).video.back().pts) < 0.06);
}

// What is sent: up to 40 s in real time. ffmpeg, which knows no parts, and GStreamer with decoders that are not libav's play the same playlist.
TEST_CASE("case 15: players without low latency play the same playlist: ffmpeg", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    Sender sender(broadcast, FlvClip::make({.seconds = 8}).repeated(5));
    wait_playing(studio);
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-i", studio.url("/hls/room-a/index.m3u8"), "-t", "5", "-map", "0:v:0", "-map", "0:a:0", "-f", "framecrc", "-"};
    options.output_file = studio.file("ffmpeg.crc");
    options.error_file = studio.file("ffmpeg.err");
    Process ffmpeg(std::move(options));
    CHECK(ffmpeg.wait(30s) == 0);
    CHECK(ffmpeg.errors() == "");
    CHECK(lines_with(ffmpeg.output(), "0,").size() >= 140);
    CHECK(lines_with(ffmpeg.output(), "1,").size() >= 200);
}

TEST_CASE("case 15: players without low latency play the same playlist: GStreamer with OpenH264 and FAAD", "[media][robustness]") {
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    Sender sender(broadcast, FlvClip::make({.seconds = 8}).repeated(5));
    wait_playing(studio);
    Process::Options options;
    options.command = {"gst-launch-1.0", "-v", "playbin3", "uri=" + studio.url("/hls/room-a/index.m3u8"), "video-sink=fakesink name=pictures sync=true silent=false",
                       "audio-sink=fakesink name=sound sync=true silent=false"};
    // No plugin that wraps libav may take part, and the registry is this test's own.
    options.environment = {{"GST_PLUGIN_FEATURE_RANK", "avdec_h264:NONE,avdec_aac:NONE"}, {"GST_REGISTRY", studio.file("gst.registry")}};
    options.output_file = studio.file("gst.out");
    Process player(std::move(options));
    const auto count = [&](const std::string& text, const std::string& what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    };
    static_cast<void>(eventually([&] {
        std::this_thread::sleep_for(100ms);
        const auto output = player.output();
        return count(output, "(pictures:sink)") >= 150 && count(output, "(sound:sink)") >= 200;
    }, 35s));
    const auto output = player.output();
    CHECK(count(output, "(pictures:sink)") >= 150);
    CHECK(count(output, "(sound:sink)") >= 200);
    CHECK(output.find("ERROR") == std::string::npos);
    // Which decoders took part is in the notices that -v prints, of which it may lose some; one of libav would be among them.
    CHECK(output.find("avdec") == std::string::npos);
    CHECK((output.find("openh264dec") != std::string::npos || output.find("faad") != std::string::npos));
    player.terminate();
}
