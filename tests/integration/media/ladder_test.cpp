#include <map>

#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

std::string rendition(Studio& studio, const std::string& name) {
    const auto response = studio.get("/hls/room-a/" + name + "/live.m3u8");
    return response.status == 200 ? std::string(net::body_of(response)) : "";
}

/// The start of each segment by its name, from a playlist.
std::map<std::string, std::string> segment_starts(const std::string& playlist) {
    std::map<std::string, std::string> starts;
    std::string date;
    for (const auto& line : lines_with(playlist, "")) {
        if (line.starts_with("#EXT-X-PROGRAM-DATE-TIME:")) date = line.substr(25);
        if (line.starts_with("seg_")) starts[line] = date;
    }
    return starts;
}

}  // namespace

TEST_CASE("a rung of the ladder decodes, and its segments begin where the source's of the same numbers do", "[media][ladder]") {
    Studio studio(Studio::Environment{{"LIVEFAIR_LADDER_RENDITIONS", "180p"}});
    const auto publisher = studio.publish({.key = studio.make_key("room-a"), .size = "640x360"});
    REQUIRE(eventually([&] { return lines_with(rendition(studio, "180p"), "seg_").size() >= 3; }, 30s));
    const auto source = segment_starts(studio.playlist("room-a")), ours = segment_starts(rendition(studio, "180p"));
    int compared = 0;
    for (const auto& [name, start] : ours) {
        const auto found = source.find(name);
        if (found == source.end()) continue;
        CHECK(found->second == start);
        ++compared;
    }
    CHECK(compared >= 2);
    const auto index = std::string(net::body_of(studio.get("/hls/room-a/index.m3u8")));
    CHECK(index.find("RESOLUTION=640x360") != std::string::npos);
    CHECK(index.find("RESOLUTION=320x180") != std::string::npos);
    CHECK(lines_with(index, "180p/live.m3u8").size() == 1);
    CHECK(lines_with(studio.playlist("room-a"), "#EXT-X-RENDITION-REPORT:URI=\"180p/live.m3u8\"").size() == 1);

    Process::Options options;
    options.command = {"ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-read_intervals", "%+3", "-show_entries",
                       "stream=width,height,nb_read_frames", "-of", "csv=p=0", studio.url("/hls/room-a/180p/live.m3u8")};
    options.output_file = studio.file("probe.txt");
    options.error_file = studio.file("probe.err");
    Process probe(std::move(options));
    REQUIRE(probe.wait(40s) == 0);
    CHECK(probe.errors() == "");
    CHECK(probe.output().find("320,180,") != std::string::npos);
}
