#include "integration/media/enhanced_clip.hpp"
#include "integration/media/studio.hpp"
#include "net/http_client.hpp"
#include "support/catch.hpp"
#include "support/rtmp_publisher.hpp"

// Encoders and codecs besides ffmpeg's H.264: GStreamer's own RTMP stack, librtmp, and HEVC and AV1 by enhanced RTMP.

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

namespace {

int run(std::vector<std::string> command, const std::string& output_file, std::chrono::seconds deadline = 40s) {
    Process::Options options;
    options.command = std::move(command);
    options.output_file = output_file;
    options.error_file = output_file + ".err";
    return Process(std::move(options)).wait(deadline).value_or(-1);
}

std::string read(const std::string& file) {
    std::string text;
    if (auto* in = std::fopen(file.c_str(), "rb")) {
        char block[4096];
        for (std::size_t count = 0; (count = std::fread(block, 1, sizeof block, in)) > 0;) text.append(block, count);
        std::fclose(in);
    }
    return text;
}

/// What ffprobe says of the room's playlist: codec, size and the frames that it decodes in the window.
std::string probe(Studio& studio, const std::string& room) {
    const auto output = studio.file(room + ".probe");
    REQUIRE(run({"ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-show_entries",
                 "stream=codec_name,codec_tag_string,width,height,nb_read_frames", "-of", "default=nw=1", studio.url("/hls/" + room + "/live.m3u8")},
                output) == 0);
    CHECK(read(output + ".err") == "");
    return read(output);
}

void check_enhanced(const std::string& encoder, const std::string& four_cc, const std::string& codec_name) {
    Studio studio(Studio::Environment{{"LIVEFAIR_MEDIA_GRACE_MS", "500"}});
    const auto file = studio.file("clip.mp4");
    REQUIRE(run({"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "5", "-c:v", encoder, "-g", "25",
                 "-preset", encoder == "libx265" ? "ultrafast" : "12", file},
                studio.file("encode.log")) == 0);
    const auto clip = enhanced_clip(file, four_cc);
    RtmpPublisher publisher({.port = studio.rtmp_port(), .four_ccs = {four_cc}});
    REQUIRE(publisher.publish(studio.make_key("room-e")) == "NetStream.Publish.Start");
    REQUIRE(publisher.play(clip, 0));
    publisher.unpublish();
    REQUIRE(eventually([&] { return studio.playlist("room-e").find("#EXT-X-ENDLIST") != std::string::npos; }));
    const auto index = studio.get("/hls/room-e/index.m3u8");
    CHECK(net::body_of(index).find("CODECS=\"" + four_cc + ".") != std::string::npos);
    const auto seen = probe(studio, "room-e");
    CHECK(seen.find("codec_name=" + codec_name + "\n") != std::string::npos);
    CHECK(seen.find("codec_tag_string=" + four_cc + "\n") != std::string::npos);
    CHECK(seen.find("width=320\nheight=180\n") != std::string::npos);
    CHECK(seen.find("nb_read_frames=125") != std::string::npos);
}

void check_gstreamer(const std::string& sink) {
    Studio studio;
    const auto key = studio.make_key("room-g");
    Process::Options options;
    options.command = {"gst-launch-1.0", "-q", "flvmux", "name=mux", "streamable=true", "!", sink,
                       "location=rtmp://127.0.0.1:" + std::to_string(studio.rtmp_port()) + "/live/" + key,
                       "videotestsrc", "is-live=true", "!", "video/x-raw,width=320,height=180,framerate=25/1", "!", "x264enc", "tune=zerolatency",
                       "speed-preset=ultrafast", "key-int-max=25", "!", "h264parse", "!", "queue", "!", "mux.",
                       "audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=44100,channels=2", "!", "voaacenc", "!", "aacparse", "!", "queue", "!", "mux."};
    options.output_file = studio.file("gst.log");
    Process encoder(std::move(options));
    REQUIRE(eventually([&] { return lines_with(studio.playlist("room-g"), "#EXTINF").size() >= 2; }, 20s));
    CHECK(lines_with(studio.playlist("room-g"), "#EXT-X-DISCONTINUITY-SEQUENCE").size() <= 1);
    const auto index = studio.get("/hls/room-g/index.m3u8");
    CHECK(net::body_of(index).find("RESOLUTION=320x180") != std::string::npos);
    CHECK(net::body_of(index).find(",mp4a.40.2\"") != std::string::npos);
    const auto output = studio.file("decode.crc");
    REQUIRE(run({"ffmpeg", "-nostdin", "-v", "error", "-i", studio.url("/hls/room-g/live.m3u8"), "-frames:v", "45", "-frames:a", "60", "-f", "framecrc", "-"}, output) == 0);
    CHECK(read(output + ".err") == "");
    CHECK(lines_with(read(output), "0,").size() == 45);
}

}  // namespace

TEST_CASE("HEVC by enhanced RTMP comes out as hvc1 and decodes whole", "[media]") { check_enhanced("libx265", "hvc1", "hevc"); }

TEST_CASE("AV1 by enhanced RTMP comes out as av01 and decodes whole", "[media]") { check_enhanced("libsvtav1", "av01", "av1"); }

TEST_CASE("an unknown FourCC is refused with words", "[media]") {
    Studio studio;
    RtmpPublisher publisher({.port = studio.rtmp_port()});
    REQUIRE(publisher.publish(studio.make_key("room-v")) == "NetStream.Publish.Start");
    publisher.send_video(0, "\x90vp09record");
    CHECK(publisher.wait_status(5s) == "NetStream.Publish.Rejected");
    CHECK(publisher.last_description().find("H.264、HEVC、AV1") != std::string::npos);
    CHECK(publisher.closes_within(5s));
}

TEST_CASE("GStreamer's rtmp2sink publishes", "[media]") { check_gstreamer("rtmp2sink"); }

TEST_CASE("librtmp publishes, through GStreamer's rtmpsink", "[media]") { check_gstreamer("rtmpsink"); }
