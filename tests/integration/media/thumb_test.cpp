#include <livefair/v1/media.pb.h>

#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// Width and height of the picture in `file`, as ffprobe sees it: "mjpeg,320,180".
std::string probe(Studio& studio, const std::string& jpeg) {
    write_file(studio.file("thumb.jpg"), jpeg);
    Process::Options options;
    options.command = {"ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", studio.file("thumb.jpg")};
    options.output_file = studio.file("probe.txt");
    options.error_file = studio.file("probe.err");
    Process prober(std::move(options));
    REQUIRE(prober.wait(20s) == 0);
    CHECK(prober.errors() == "");
    return prober.output();
}

}  // namespace

TEST_CASE("a live room has a thumbnail of the right size that changes with the picture", "[media]") {
    Studio studio({{"LIVEFAIR_THUMB_EVERY_MS", "1000"}, {"LIVEFAIR_THUMB_WIDTH", "160"}});
    CHECK(studio.get("/thumb/room/latest.jpg").status == 404);
    const auto publisher = studio.publish({.key = studio.make_key("room"), .seconds = 20});
    const auto latest = [&] { return studio.get("/thumb/room/latest.jpg"); };
    REQUIRE(eventually([&] { return latest().status == 200; }, 20s));
    const auto first = latest();
    CHECK(first.content_type == "image/jpeg");
    CHECK(net::header_of(first, "cache-control") == "public, max-age=1");
    CHECK(probe(studio, std::string(net::body_of(first))).starts_with("mjpeg,160,90"));
    CHECK(eventually([&] { return net::body_of(latest()) != net::body_of(first); }, 10s));
    CHECK(eventually([&] {
        v1::StreamState state;
        state.ParseFromString(studio.ask_redis({"GET", "lf:stream:room"}).text);
        return state.thumbnail_ms() > 0;
    }, 10s));
    for (const auto* path : {"/thumb/other/latest.jpg", "/thumb/room/other.jpg", "/thumb/room", "/thumb/latest.jpg"}) CHECK(studio.get(path).status == 404);
}

TEST_CASE("thumbnails can be switched off", "[media]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_THUMB_ENABLED", "false"}});
    const auto publisher = studio.publish({.key = studio.make_key("room"), .seconds = 20});
    REQUIRE(eventually([&] { return !studio.playlist("room").empty(); }, 20s));
    CHECK(studio.get("/thumb/room/latest.jpg").status == 404);
}
