#include <livefair/v1/media.pb.h>

#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <filesystem>

#include "integration/media/platform.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// Whether `seconds` of a playlist decode without a word; the studio lends its folder.
bool decodes(Studio& studio, const std::string& playlist, int seconds) {
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-i", playlist, "-t", std::to_string(seconds),
                       "-map", "0:v", "-map", "0:a", "-f", "framecrc", "-"};
    options.output_file = studio.file("decode.crc");
    options.error_file = studio.file("decode.err");
    Process decoder(std::move(options));
    const auto status = decoder.wait(std::chrono::seconds(seconds + 30));
    CHECK(decoder.errors() == "");
    return status == 0 && lines_with(decoder.output(), "0,").size() + 5 >= static_cast<std::size_t>(seconds) * 25;
}

}  // namespace

/// A socket that takes connections and never says or reads anything.
class DeafListener {
public:
    int port() const { return acceptor_.local_endpoint().port(); }

private:
    net::asio::io_context context_;
    net::asio::ip::tcp::acceptor acceptor_{context_, {net::asio::ip::address_v4::loopback(), 0}};
};

/// Debian's nginx with its RTMP module, which writes what it gets as HLS; ready when it listens.
class Nginx {
public:
    Nginx() : port_(DeafListener().port()) {
        std::filesystem::create_directories(folder_.path() / "hls");
        write_file(folder_.path() / "nginx.conf",
                   "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\ndaemon off; master_process off; pid " + folder_.file("pid") +
                       ";\nerror_log " + folder_.file("error.log") + ";\nevents {}\nrtmp { server { listen 127.0.0.1:" + std::to_string(port_) +
                       "; application live { live on; hls on; hls_path " + folder_.file("hls") + "; hls_fragment 1s; } } }\n");
        Process::Options options;
        options.command = {"nginx", "-p", folder_.path().string(), "-e", folder_.file("error.log"), "-c", folder_.file("nginx.conf")};
        options.output_file = folder_.file("nginx.out");
        process_ = std::make_unique<Process>(std::move(options));
    }
    int port() const { return port_; }
    std::string playlist(const std::string& name) const { return folder_.file("hls/" + name + ".m3u8"); }
    std::string log() const { return read_file(folder_.file("error.log")) + process_->output(); }

private:
    TemporaryFolder folder_;
    int port_;
    std::unique_ptr<Process> process_;
};

TEST_CASE("a room is pushed on to another server, where the picture decodes", "[push]") {
    Studio platform;
    Studio studio(quick_pushes());
    const auto key = platform.make_key("mirror");
    add_target(studio, "one", rtmp_url(platform.rtmp_port()), key);
    const auto publisher = studio.publish({.key = studio.make_key("room"), .arguments = {"-bf", "2"}});
    REQUIRE(becomes(studio, "one", v1::PUSH_STATUS_LIVE));
    REQUIRE(eventually([&] { return !platform.playlist("mirror").empty(); }, 20s));
    CHECK(decodes(platform, platform.url("/hls/mirror/index.m3u8"), 3));
    CHECK(eventually([&] { return state_of(studio, "one").sent_bytes() > 0; }));
    CHECK(state_of(studio, "one").dropped_frames() == 0);
    CHECK(studio.log().find(key) == std::string::npos);

    SECTION("a target that is taken away is left at once") {
        studio.ask_redis({"DEL", "{lf:push}:room"});
        studio.ask_redis({"SPUBLISH", "{lf:push}", "room"});
        CHECK(eventually([&] { return state_of(studio, "one").target_id().empty(); }, 10s));
        CHECK(eventually([&] { return platform.log().find("publish_ended") != std::string::npos; }, 10s));
    }
    SECTION("a target that is killed and comes back is found again") {
        platform.kill9_and_restart();
        CHECK(eventually([&] { return platform.log().find("publish_started") != std::string::npos && !platform.playlist("mirror").empty(); }, 20s));
        CHECK(becomes(studio, "one", v1::PUSH_STATUS_LIVE));
    }
}

TEST_CASE("a refused key is shown as refused, with the platform's words and without the key", "[push]") {
    Studio platform;
    Studio studio(quick_pushes());
    add_target(studio, "one", rtmp_url(platform.rtmp_port()), "no-such-key-1234");
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    REQUIRE(becomes(studio, "one", v1::PUSH_STATUS_REFUSED));
    const auto state = state_of(studio, "one");
    CHECK(state.why().starts_with("NetStream.Publish.BadName"));
    CHECK(state.retry_ms() > 0);
    CHECK(state.DebugString().find("no-such-key") == std::string::npos);
    CHECK(studio.log().find("no-such-key") == std::string::npos);
}

TEST_CASE("a target that never reads disturbs neither the show nor another target", "[push]") {
    const DeafListener deaf;
    Studio platform;
    auto environment = quick_pushes();
    environment["LIVEFAIR_PUSH_STALL_MS"] = "1500";
    Studio studio(environment);
    add_target(studio, "deaf", rtmp_url(deaf.port()), "key");
    add_target(studio, "nobody", rtmp_url(1), "key");
    add_target(studio, "well", rtmp_url(platform.rtmp_port()), platform.make_key("mirror"));
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    REQUIRE(becomes(studio, "well", v1::PUSH_STATUS_LIVE));
    CHECK(eventually([&] { return state_of(studio, "deaf").why() == "timed out"; }, 20s));
    CHECK(eventually([&] { return state_of(studio, "nobody").why() == "not reachable"; }, 10s));
    CHECK(decodes(studio, studio.url("/hls/room/index.m3u8"), 3));
    REQUIRE(eventually([&] { return !platform.playlist("mirror").empty(); }, 20s));
    CHECK(decodes(platform, platform.url("/hls/mirror/index.m3u8"), 2));
    CHECK(state_of(studio, "well").dropped_frames() == 0);
}

TEST_CASE("a target that stops reading is left and tried again, and the show goes on", "[push]") {
    Studio platform;
    auto environment = quick_pushes();
    environment["LIVEFAIR_PUSH_STALL_MS"] = "1000";
    environment["LIVEFAIR_PUSH_QUEUE_BYTES"] = "300000";
    Studio studio(environment);
    add_target(studio, "one", rtmp_url(platform.rtmp_port()), platform.make_key("mirror"));
    const auto publisher = studio.publish({.key = studio.make_key("room"), .size = "1280x720", .arguments = {"-b:v", "6M", "-minrate", "6M", "-maxrate", "6M", "-bufsize", "1M"}});
    REQUIRE(becomes(studio, "one", v1::PUSH_STATUS_LIVE));
    platform.media().signal(SIGSTOP);
    CHECK(eventually([&] { return studio.log().find("\"why\":\"too slow\"") != std::string::npos; }, 20s));
    CHECK(eventually([&] { return state_of(studio, "one").dropped_frames() > 0; }, 10s));
    CHECK(decodes(studio, studio.url("/hls/room/index.m3u8"), 2));
    platform.media().signal(SIGCONT);
    CHECK(becomes(studio, "one", v1::PUSH_STATUS_LIVE));
}

TEST_CASE("nginx-rtmp takes the push and the picture decodes there", "[push]") {
    const Nginx nginx;
    Studio studio(quick_pushes());
    add_target(studio, "nginx", rtmp_url(nginx.port()), "mirror");
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    INFO(nginx.log());
    REQUIRE(becomes(studio, "nginx", v1::PUSH_STATUS_LIVE));
    REQUIRE(eventually([&] { return lines_with(read_file(nginx.playlist("mirror")), "#EXTINF").size() >= 3; }, 20s));
    CHECK(decodes(studio, nginx.playlist("mirror"), 2));
}

TEST_CASE("an address inside is refused unless the operator allows it", "[push]") {
    Studio studio;
    add_target(studio, "inside", rtmp_url(studio.rtmp_port()), "key");
    add_target(studio, "named", "rtmp://localhost:" + std::to_string(studio.rtmp_port()) + "/live", "key");
    const auto publisher = studio.publish({.key = studio.make_key("room")});
    for (const auto* target : {"inside", "named"}) {
        CHECK(becomes(studio, target, v1::PUSH_STATUS_REFUSED));
        CHECK(state_of(studio, target).why() == "address not allowed");
    }
}
