#include <algorithm>
#include <map>

#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(Studio& studio, const std::string& path) {
    const auto response = studio.get(path);
    return response.status == 200 ? std::string(net::body_of(response)) : "";
}

std::map<std::string, std::uint64_t> numbers_of(const std::string& playlist) {
    std::map<std::string, std::uint64_t> numbers;
    for (const auto* tag : {"#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY-SEQUENCE", "#EXT-X-TARGETDURATION"}) numbers[tag] = number_of(playlist, tag);
    return numbers;
}

}  // namespace

TEST_CASE("segments can be had in ranges and by HEAD, and playlists packed", "[media][hls]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(eventually([&] { return !studio.playlist("room-a").empty(); }, 20s));
    const auto name = "/hls/room-a/" + lines_with(studio.playlist("room-a"), "seg_").at(0);
    const auto whole = studio.get(name);
    REQUIRE(whole.status == 200);
    CHECK(net::header_of(whole, "cache-control") == "public, max-age=86400, immutable");
    CHECK(net::header_of(whole, "accept-ranges") == "bytes");

    const auto range = studio.get(name, 20s, {{"Range", "bytes=100-1099"}});
    CHECK(range.status == 206);
    CHECK(net::body_of(range) == net::body_of(whole).substr(100, 1000));
    CHECK(studio.get(name, 20s, {{"Range", "bytes=99999999-"}}).status == 416);
    const auto same = studio.get(name, 20s, {{"Range", "bytes=0-9"}, {"If-Range", std::string(net::header_of(whole, "etag"))}});
    CHECK(same.status == 206);
    CHECK(studio.get(name, 20s, {{"Range", "bytes=0-9"}, {"If-Range", "\"other\""}}).status == 200);

    const auto packed = studio.get("/hls/room-a/live.m3u8", 20s, {{"Accept-Encoding", "gzip"}});
    CHECK(net::header_of(packed, "content-encoding") == "gzip");
    CHECK(net::body_of(packed).starts_with("\x1f\x8b"));
    CHECK(net::body_of(packed).size() * 2 < studio.playlist("room-a").size());
}

TEST_CASE("blocking requests may be cached for long, others for a moment", "[media][hls]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(eventually([&] { return !studio.playlist("room-a").empty(); }, 20s));
    const auto first = number_of(studio.playlist("room-a"), "#EXT-X-MEDIA-SEQUENCE");
    const auto blocked = studio.get("/hls/room-a/live.m3u8?_HLS_msn=" + std::to_string(first));
    CHECK(net::header_of(blocked, "cache-control") == "public, max-age=24");
    CHECK(net::header_of(studio.get("/hls/room-a/live.m3u8"), "cache-control") == "public, max-age=1");
    CHECK(net::header_of(studio.get("/hls/room-a/none.m3u8"), "cache-control") == "no-store");
}

TEST_CASE("a long playlist comes as a delta update that ffmpeg's whole one agrees with", "[media][hls]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_SEGMENT_MS", "500"}, {"LIVEFAIR_MEDIA_WINDOW_SEGMENTS", "20"}});
    const auto publisher = studio.publish({.key = studio.make_key("room-a"), .arguments = {"-g", "12"}});
    REQUIRE(eventually([&] { return lines_with(studio.playlist("room-a"), "seg_").size() >= 17; }, 30s));
    const auto delta = text_of(studio, "/hls/room-a/live.m3u8?_HLS_skip=YES");
    const auto skip = lines_with(delta, "#EXT-X-SKIP:SKIPPED-SEGMENTS=");
    REQUIRE(skip.size() == 1);
    CHECK(lines_with(delta, "#EXT-X-SERVER-CONTROL").at(0).find("CAN-SKIP-UNTIL=6,") != std::string::npos);
    const auto whole = studio.playlist("room-a");
    const auto left = lines_with(delta, "seg_"), all = lines_with(whole, "seg_");
    CHECK(std::find(all.begin(), all.end(), left.front()) != all.end());
    CHECK(text_of(studio, "/hls/room-a/live.m3u8?_HLS_skip=maybe").find("EXT-X-SKIP") == std::string::npos);
}

TEST_CASE("the sound alone plays as a rendition of its own, in step with the source", "[media][hls][audio]") {
    Studio studio;
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(eventually([&] { return !studio.playlist("room-a").empty(); }, 20s));
    const auto index = text_of(studio, "/hls/room-a/index.m3u8");
    CHECK(lines_with(index, "#EXT-X-STREAM-INF").size() == 2);
    CHECK(lines_with(index, "audio/live.m3u8").size() == 1);

    std::string source, audio;  // of one moment
    REQUIRE(eventually([&] {
        source = studio.playlist("room-a");
        audio = text_of(studio, "/hls/room-a/audio/live.m3u8");
        return source == studio.playlist("room-a");
    }));
    CHECK(numbers_of(source) == numbers_of(audio));
    CHECK(lines_with(source, "seg_") == lines_with(audio, "seg_"));
    CHECK(lines_with(audio, "#EXT-X-RENDITION-REPORT:URI=\"../live.m3u8\"").size() == 1);
    CHECK(lines_with(source, "#EXT-X-RENDITION-REPORT:URI=\"audio/live.m3u8\"").size() == 1);

    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-i", studio.url("/hls/room-a/audio/live.m3u8"), "-t", "4", "-f", "framecrc", "-"};
    options.output_file = studio.file("audio.crc");
    options.error_file = studio.file("audio.err");
    Process decoder(std::move(options));
    REQUIRE(decoder.wait(40s) == 0);
    CHECK(decoder.errors() == "");
    CHECK(lines_with(decoder.output(), "#media_type 0: audio").size() == 1);
    CHECK(lines_with(decoder.output(), "#media_type 1").empty());
    CHECK(lines_with(decoder.output(), "0,").size() >= 160);
}

TEST_CASE("a stream without a picture, or a site that wants none, has no audio rendition", "[media][hls][audio]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_AUDIO_RENDITION", "false"}});
    const auto publisher = studio.publish({.key = studio.make_key("room-a")});
    REQUIRE(eventually([&] { return !studio.playlist("room-a").empty(); }, 20s));
    CHECK(studio.get("/hls/room-a/audio/live.m3u8").status == 404);
    CHECK(text_of(studio, "/hls/room-a/index.m3u8").find("audio/") == std::string::npos);
    CHECK(studio.playlist("room-a").find("RENDITION-REPORT") == std::string::npos);
}
