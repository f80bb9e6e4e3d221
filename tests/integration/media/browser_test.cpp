#include <thread>

#include "integration/media/enhanced_clip.hpp"
#include "integration/media/studio.hpp"
#include "support/catch.hpp"
#include "support/rtmp_publisher.hpp"

// What only a browser can show: hls.js in Chromium takes what livefair-media serves.

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

/// What tests/e2e/play_room.mjs saw of the room, and of its rendition `other`.
std::string play(Studio& studio, const std::string& room, const std::string& other = "") {
    Process::Options options;
    options.command = {"node", LIVEFAIR_SOURCE_DIR "/tests/e2e/play_room.mjs", studio.url("/hls/" + room)};
    if (!other.empty()) options.command.push_back(other);
    options.output_file = studio.file("browser.json");
    options.error_file = studio.file("browser.err");
    Process browser(std::move(options));
    const auto status = browser.wait(90s);
    INFO(browser.errors());
    REQUIRE(status == 0);
    return browser.output();
}

bool has_segments(Studio& studio, const std::string& room, std::size_t count) {
    return eventually([&] { return lines_with(studio.playlist(room), "seg_").size() >= count; }, 30s);
}

double number_in(const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\":");
    return at == std::string::npos ? -1 : std::atof(json.c_str() + at + name.size() + 3);
}

}  // namespace

TEST_CASE("hls.js never takes the sound alone by mistake, and switches to it without a failure", "[media]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a"), .seconds = 90});
    REQUIRE(has_segments(studio, "room-a", 4));
    const auto seen = play(studio, "room-a", "audio");
    INFO(seen);
    const auto chosen = seen.substr(0, seen.find("\"switched\"")), switched = seen.substr(chosen.size());
    CHECK(number_in(chosen, "audioFragments") == 0);
    CHECK(number_in(chosen, "width") == 320);
    // It may note that it steps over the hole before the first picture; that is no failure.
    CHECK(chosen.find("(fatal)") == std::string::npos);
    CHECK(number_in(switched, "audioFragments") > 0);
    CHECK(number_in(switched, "width") == 0);
    CHECK(number_in(switched, "played") > 2);
    CHECK(switched.find("(fatal)") == std::string::npos);
}

TEST_CASE("AV1 by enhanced RTMP plays in Chromium", "[media]") {
    Studio studio;
    const auto file = studio.file("clip.mp4");
    Process encoder({.command = {"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "90", "-c:v", "libsvtav1", "-g",
                                 "25", "-preset", "12", file}, .output_file = studio.file("encode.log")});
    REQUIRE(encoder.wait(60s) == 0);
    const auto clip = enhanced_clip(file, "av01");
    RtmpPublisher publisher({.port = studio.rtmp_port(), .four_ccs = {"av01"}});
    REQUIRE(publisher.publish(studio.make_key("room-e")) == "NetStream.Publish.Start");
    std::jthread show([&publisher, &clip] { publisher.play(clip); });
    const bool begins = has_segments(studio, "room-e", 3);
    const auto seen = begins ? play(studio, "room-e") : "";
    studio.media().terminate();
    show.join();
    INFO(seen);
    CHECK(number_in(seen, "width") == 320);
    CHECK(number_in(seen, "played") > 3);
    CHECK(seen.find("(fatal)") == std::string::npos);
}
