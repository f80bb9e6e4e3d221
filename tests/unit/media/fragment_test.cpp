#include "hls/fragment.hpp"

#include <map>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace {

using namespace livefair;
using hls::FragmentWriter;
using stream::Packet;
using stream::Track;

stream::Tracks both_tracks() {
    stream::Tracks tracks;
    tracks.video.emplace();
    tracks.audio.emplace();
    return tracks;
}

Packet packet(Track track, std::int64_t dts, std::int64_t pts, std::int64_t duration, bool key, std::string bytes) {
    Packet made;
    made.track = track;
    made.key = key;
    made.dts = dts;
    made.pts = pts;
    made.duration = duration;
    made.bytes = share_bytes("\x17\x01" + std::move(bytes));
    made.offset = 2;
    return made;
}

using Boxes = std::multimap<std::string, std::string_view>;

/// Every box of a fragment by its type, containers opened.
void open_boxes(std::string_view bytes, Boxes& boxes) {
    ByteReader in(bytes);
    while (in.left() > 0) {
        const auto size = in.big_endian(4).value();
        const std::string type(in.take(4).value());
        const auto content = in.take(size - 8).value();
        boxes.emplace(type, content);
        if (type == "moof" || type == "traf") open_boxes(content, boxes);
    }
}

std::uint64_t number_at(std::string_view box, std::size_t at, std::size_t width) { return ByteReader(box.substr(at)).big_endian(width).value(); }

}  // namespace

TEST_CASE("a fragment says for each sample its size, its time and whether one can begin with it", "[media]") {
    FragmentWriter writer(both_tracks());
    REQUIRE(writer.add(packet(Track::video, 9000, 12000, 3000, true, "key")));
    REQUIRE(writer.add(packet(Track::audio, 4410, 4410, 1024, true, "sound")));
    REQUIRE(writer.add(packet(Track::video, 12060, 12060, 3000, false, "delta")));
    const auto fragment = writer.take();
    Boxes boxes;
    open_boxes(fragment, boxes);
    REQUIRE(boxes.count("traf") == 2);
    CHECK(number_at(boxes.find("mfhd")->second, 4, 4) == 1);
    auto time = boxes.find("tfdt");
    CHECK(number_at(time->second, 4, 8) == 9000);
    CHECK(number_at((++time)->second, 4, 8) == 4410);
    const auto video = boxes.find("trun")->second;
    CHECK(number_at(video, 4, 4) == 2);
    CHECK(number_at(video, 12, 4) == 3060);  // to the next sample, not what the packet guessed
    CHECK(number_at(video, 16, 4) == 3);
    CHECK(number_at(video, 20, 4) == 0x02000000);
    CHECK(number_at(video, 24, 4) == 3000);
    CHECK(number_at(video, 28, 4) == 3000);
    CHECK(number_at(video, 36, 4) == 0x01010000);
    CHECK(boxes.find("mdat")->second == "keydeltasound");
}

TEST_CASE("each track's data offset leads to its own first byte", "[media]") {
    FragmentWriter writer(both_tracks());
    REQUIRE(writer.add(packet(Track::audio, 0, 0, 1024, true, "sound")));
    REQUIRE(writer.add(packet(Track::video, 0, 0, 3000, true, "picture")));
    const auto fragment = writer.take();
    Boxes boxes;
    open_boxes(fragment, boxes);
    auto run = boxes.find("trun");
    CHECK(fragment.substr(number_at(run->second, 8, 4), 7) == "picture");
    CHECK(fragment.substr(number_at((++run)->second, 8, 4), 5) == "sound");
}

TEST_CASE("fragments are numbered, and without packets there is none", "[media]") {
    FragmentWriter writer(both_tracks());
    CHECK(writer.take().empty());
    for (const std::uint64_t wanted : {1, 2}) {
        REQUIRE(writer.add(packet(Track::audio, 1024, 1024, 1024, true, "sound")));
        const auto fragment = writer.take();
        Boxes boxes;
        open_boxes(fragment, boxes);
        CHECK(boxes.count("traf") == 1);
        CHECK(number_at(boxes.find("mfhd")->second, 4, 4) == wanted);
    }
}

TEST_CASE("a packet of a track that the stream does not have is refused", "[media]") {
    stream::Tracks tracks;
    tracks.audio.emplace();
    FragmentWriter writer(tracks);
    CHECK(writer.add(packet(Track::video, 0, 0, 3000, true, "picture")).error() == Errc::internal);
}
