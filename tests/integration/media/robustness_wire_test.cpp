#include "integration/media/studio.hpp"
#include "support/catch.hpp"
#include "support/rtmp_publisher.hpp"

using namespace livefair;
using namespace livefair::test;
using namespace std::chrono_literals;

// What is sent: the same 4 s clip with a key frame each second, once for each way of cutting it into chunks: chunk sizes 1, 128, 4096
// and 0xFFFFFF; full headers and the shortest; chunk stream ids whose basic header has one, two and three bytes.
TEST_CASE("case 03: any legal chunk size, header form and chunk stream id is understood", "[media][robustness]") {
    Studio studio;
    const auto clip = FlvClip::make();
    int cuts = 0;
    for (const auto headers : {ChunkHeaders::full, ChunkHeaders::shortest})
        for (const std::uint32_t chunk_bytes : {1u, 128u, 4096u, 0xFFFFFFu}) {
            const auto room = "room-" + std::to_string(++cuts);
            const auto id = static_cast<std::uint32_t>(cuts % 3 == 0 ? 6 : cuts % 3 == 1 ? 200 : 40'000);
            RtmpPublisher publisher({.port = studio.rtmp_port(), .headers = headers, .audio_chunk_stream = id + 1, .video_chunk_stream = id});
            REQUIRE(publisher.publish(studio.make_key(room)) == "NetStream.Publish.Start");
            REQUIRE(publisher.set_chunk_size(chunk_bytes));
            REQUIRE(publisher.play(clip, 0));
            publisher.unpublish();
            CHECK(eventually([&] { return lines_with(studio.playlist(room), "#EXTINF").size() == 2; }));
        }
}
