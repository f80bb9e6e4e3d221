#include <livefair/v1/media.pb.h>

#include "ingest/room_figures.hpp"
#include "support/catch.hpp"

using namespace livefair;

namespace {

v1::StreamState state_of(const std::string& room) {
    v1::StreamState state;
    state.set_room_id(room);
    state.set_status(v1::STREAM_STATUS_LIVE);
    state.set_bitrate_bps(2'600'000);
    state.add_advice(v1::STREAM_ADVICE_KEY_FRAMES_FAR);
    return state;
}

}  // namespace

TEST_CASE("a room's figures are there while the room is", "[metrics]") {
    ingest::RoomFigures figures;
    CHECK(figures.to_text() == "");
    figures.set(state_of("hunan"));
    const auto text = figures.to_text();
    CHECK(text.find("# TYPE livefair_media_room_live gauge\nlivefair_media_room_live{room=\"hunan\"} 1\n") != std::string::npos);
    CHECK(text.find("livefair_media_room_bitrate_bps{room=\"hunan\"} 2600000\n") != std::string::npos);
    CHECK(text.find("livefair_media_room_advice{room=\"hunan\"} 2\n") != std::string::npos);
    figures.forget("hunan");
    CHECK(figures.to_text() == "");
}

TEST_CASE("no more than 500 rooms have figures", "[metrics]") {
    ingest::RoomFigures figures;
    for (int i = 0; i < 600; ++i) figures.set(state_of("room" + std::to_string(i)));
    CHECK(figures.to_text().find("room499") != std::string::npos);
    CHECK(figures.to_text().find("room500") == std::string::npos);
}
