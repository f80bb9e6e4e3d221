#include "hls/audio_only.hpp"

#include "hls/playlist.hpp"
#include "hls/request.hpp"
#include "media/show.hpp"

using namespace livefair;
using namespace livefair::test;

namespace {

/// Sound and picture, `ms` long.
void play(Show& show, std::uint32_t ms) {
    show.connect(avc_record(), true);
    for (std::uint32_t at = 0; at < ms; at += 40) {
        REQUIRE(show.stream.on_video(at, video_tag(at % 1000 == 0, 5000)));
        for (const std::uint32_t offset : {0u, 20u}) REQUIRE(show.stream.on_audio(at + offset, audio_tag()));
    }
}

std::size_t count_of(std::string_view bytes, std::string_view what) {
    std::size_t count = 0;
    for (auto at = bytes.find(what); at != std::string_view::npos; at = bytes.find(what, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("the sound alone is the source's sound fragments, and nothing of its picture", "[hls][audio]") {
    Show show;
    play(show, 3000);
    const auto& segment = *show.last().segments.at(1);
    const auto init = audio_only_init(*segment.init->bytes);
    REQUIRE(init);
    CHECK(count_of(*init, "trak") == 1);
    CHECK(count_of(*init, "trex") == 1);
    CHECK(count_of(*init, "avcC") == 0);
    CHECK(count_of(*init, "esds") == 1);
    for (const auto& part : segment.parts) {
        const auto audio = audio_only_part(*segment.init->bytes, *part.bytes);
        REQUIRE(audio);
        CHECK(audio->substr(4, 4) == "moof");
        CHECK(count_of(*audio, "traf") == 1);
        CHECK(audio->size() < part.bytes->size() / 4);
        // The frames themselves, of 40 bytes each, which stand at the end of both.
        const auto mdat = audio->substr(audio->find("mdat") + 4);
        CHECK(part.bytes->ends_with(mdat));
        CHECK(mdat.size() % 40 == 0);
        CHECK(mdat.size() >= 8 * 40);
    }
}

TEST_CASE("what is cut is what is there: no sound in the source, no audio rendition", "[hls][audio]") {
    Show show;
    show.video(60, 25);
    const auto& segment = *show.last().segments.front();
    CHECK(audio_only_init(*segment.init->bytes).error() == make_error_code(Errc::not_found));
    CHECK(audio_only_part(*segment.init->bytes, *segment.parts[0].bytes).error() == make_error_code(Errc::not_found));
}

TEST_CASE("a part cut short or without sense gives an error, never a fragment", "[hls][audio]") {
    Show show;
    play(show, 2000);
    const auto& segment = *show.last().segments.front();
    const auto& init = *segment.init->bytes;
    const auto& part = *segment.parts[0].bytes;
    for (std::size_t length = 0; length < part.size(); length += 13) CHECK_FALSE(audio_only_part(init, part.substr(0, length)));
    for (std::size_t length = 0; length + 8 < init.size(); length += 13) CHECK_FALSE(audio_only_part(init.substr(0, length), part));
}

TEST_CASE("segments without sound are gaps in the audio playlist, and the numbers are the source's", "[hls][audio]") {
    Show show(1000, 12);
    show.video(60, 25);
    show.stream.end_run();
    show.now_ms = 0;
    play(show, 3000);
    const auto whole = show.playlist();
    const auto audio = render_media_playlist(show.last(), show.timing, {.delta = false, .audio_only = true, .reports = {}});
    CHECK(segments_in(whole) == segments_in(audio));
    for (const auto* tag : {"#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY", "#EXT-X-PRELOAD-HINT", "#EXTINF", "#EXT-X-TARGETDURATION"})
        CHECK(lines_with(whole, tag) == lines_with(audio, tag));
    CHECK(lines_with(audio, "#EXT-X-GAP").size() == 3);
    CHECK(lines_with(audio, "#EXT-X-MAP").size() == 1);
    CHECK(lines_with(whole, "#EXT-X-GAP").empty());
}

TEST_CASE("the multivariant playlist lists the sound alone with its own codec and bandwidth", "[hls][audio]") {
    Show show;
    play(show, 4000);
    const auto text = render_multivariant_playlist({{"live.m3u8", &show.last(), false}, {"audio/live.m3u8", &show.last(), true}});
    const auto variants = lines_with(text, "#EXT-X-STREAM-INF");
    REQUIRE(variants.size() == 2);
    CHECK(variants[1].find("CODECS=\"mp4a.40.2\"") != std::string::npos);
    CHECK(variants[1].find("RESOLUTION") == std::string::npos);
    CHECK(text.ends_with("\naudio/live.m3u8\n"));
    const auto bandwidth = [](const std::string& line) { return std::stoll(line.substr(line.find("BANDWIDTH=") + 10)); };
    CHECK(bandwidth(variants[1]) * 10 < bandwidth(variants[0]));
}
