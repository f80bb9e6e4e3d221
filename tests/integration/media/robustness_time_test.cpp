#include <algorithm>
#include <cmath>

#include "integration/media/broadcast.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::test;

namespace {

/// Eight seconds of 30 pictures a second and a tone, a key frame each second.
FlvClip eight_seconds(std::vector<std::string> arguments = {}) { return FlvClip::make({.seconds = 8, .arguments = std::move(arguments)}); }

/// Changes the timestamp of every `nth` video frame (the first never) by `change(tag, timestamp of the frame before)`.
template <class F>
FlvClip with_video(FlvClip clip, std::size_t nth, const F& change) {
    std::size_t index = 0;
    std::uint32_t before = 0;
    for (auto& tag : clip.tags) {
        if (!tag.is_video() || !tag.is_frame()) continue;
        const auto said = tag.timestamp_ms;
        if (index++ % nth == nth - 1) change(tag, before);
        before = said;
    }
    return clip;
}

/// Sends `clip` and checks that viewers get every frame of it on one smooth timeline as long as the clip, sound with picture.
void check_smooth(Studio& studio, const std::string& room, const FlvClip& clip, double tolerance_s = 0.06) {
    INFO(room);
    Broadcast broadcast(studio, room);
    REQUIRE(broadcast.publish(clip));
    broadcast.end();
    CHECK(broadcast.watch().discontinuities() == 0);
    const auto runs = broadcast.decode();
    REQUIRE(runs.size() == 1);
    const auto& run = runs[0];
    CHECK(run.errors == "");
    CHECK(run.video.size() == clip.video_frames());
    CHECK(run.video_pictures == clip.video_frames());
    CHECK(run.audio.size() + 3 >= clip.audio_frames());
    for (std::size_t i = 1; i < run.video.size(); ++i) CHECK(run.video[i].dts > run.video[i - 1].dts);
    CHECK(run.largest_video_gap() < tolerance_s);
    CHECK(run.largest_audio_gap() < tolerance_s);
    const auto length_s = static_cast<double>(clip.duration_ms) / 1000;
    CHECK(std::abs(run.video.back().dts - run.video.front().dts - length_s) < 0.04 + tolerance_s);
    if (run.audio.empty()) return;
    CHECK(std::abs(run.audio.back().dts - run.audio.front().dts - length_s) < 0.05 + tolerance_s);
    CHECK(std::abs(run.audio.back().pts - run.video.back().dts) < 0.06 + tolerance_s);
}

}  // namespace

// What is sent: 8 s in which every tenth video frame has the timestamp of the frame before it, or one millisecond less.
TEST_CASE("case 01: equal and falling timestamps lose no frame", "[media][robustness]") {
    Studio studio;
    check_smooth(studio, "equal", with_video(eight_seconds(), 10, [](FlvTag& tag, std::uint32_t before) { tag.timestamp_ms = before; }));
    check_smooth(studio, "falling", with_video(eight_seconds(), 10, [](FlvTag& tag, std::uint32_t before) { tag.timestamp_ms = before - 1; }));
}

// What is sent: 8 s in which one video frame every 2 s says that it is ten hours later, or three hours earlier (below zero: the
// 32-bit timestamp wraps), with sound beside it and without.
TEST_CASE("case 01: single frames stamped hours away cost nothing", "[media][robustness]") {
    Studio studio;
    for (const std::int64_t off_ms : {36'000'000ll, -10'800'000ll}) {
        const auto stray = [off_ms](FlvTag& tag, std::uint32_t) { tag.timestamp_ms += static_cast<std::uint32_t>(off_ms); };
        const auto name = off_ms > 0 ? std::string("later") : std::string("earlier");
        check_smooth(studio, name, with_video(eight_seconds(), 60, stray));
        check_smooth(studio, name + "-silent", with_video(FlvClip::make({.seconds = 8, .audio = false}), 60, stray));
    }
}

// What is sent: 8 s with two B-frames in a row, stamped as some NVENC drivers do: the composition time lacks the encoder's delay, so
// that P-frames come out right and B-frames would be shown before they are decoded (PTS < DTS, negative composition times).
TEST_CASE("case 01: pictures that would be shown before they are decoded keep their order and their sound", "[media][robustness]") {
    auto clip = eight_seconds({"-tune", "film", "-bf", "2", "-b_strategy", "0"});
    std::int64_t last_sound_ms = 0, last_picture_ms = 0;
    for (auto& tag : clip.tags) {
        if (tag.is_audio()) last_sound_ms = tag.timestamp_ms;
        if (!tag.is_video() || !tag.is_frame()) continue;
        const auto composition = static_cast<std::int32_t>(static_cast<std::uint8_t>(tag.body[2]) << 16 |
                                                           static_cast<std::uint8_t>(tag.body[3]) << 8 | static_cast<std::uint8_t>(tag.body[4]));
        const auto less = static_cast<std::uint32_t>(composition - 67);
        last_picture_ms = std::max<std::int64_t>(last_picture_ms, tag.timestamp_ms + composition - 67);
        for (unsigned i = 0; i < 3; ++i) tag.body[2 + i] = static_cast<char>(less >> (8 * (2 - i)) & 255);
    }
    Studio studio;
    Broadcast broadcast(studio, "room-a");
    REQUIRE(broadcast.publish(clip));
    broadcast.end();
    const auto runs = broadcast.decode();
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].errors == "");
    REQUIRE(runs[0].video.size() == clip.video_frames());
    CHECK(runs[0].video_pictures == clip.video_frames());
    std::vector<double> shown;
    for (const auto& frame : runs[0].video) {
        CHECK(frame.pts >= frame.dts);
        shown.push_back(frame.pts);
    }
    std::sort(shown.begin(), shown.end());
    for (std::size_t i = 1; i < shown.size(); ++i) CHECK(shown[i] - shown[i - 1] > 0.02);
    CHECK(runs[0].audio.back().pts - shown.back() == Approx(static_cast<double>(last_sound_ms - last_picture_ms) / 1000).margin(0.03));
}

// What is sent: 8 s whose audio timestamps are 50 s ahead or behind, 16,769 s ahead or behind, or hop by 50 s every second.
TEST_CASE("case 02: sound and picture on different time bases are laid side by side", "[media][robustness]") {
    Studio studio;
    for (const std::int64_t off_ms : {50'000ll, -50'000ll, 16'769'000ll, -16'769'000ll}) {
        auto clip = eight_seconds();
        for (auto& tag : clip.tags)
            if (tag.is_audio()) tag.timestamp_ms += static_cast<std::uint32_t>(off_ms);
        check_smooth(studio, "offset" + std::to_string(off_ms), clip, 0.1);
    }
    auto hopping = eight_seconds();
    for (auto& tag : hopping.tags)
        if (tag.is_audio() && tag.timestamp_ms / 1000 % 2 == 1) tag.timestamp_ms += 50'000;
    check_smooth(studio, "hopping", hopping, 0.1);
}

// What is sent: 8 s whose timestamps begin 2 s before 0xFFFFFF (above it a chunk header needs the extended field, on type-3 chunks,
// too), before 0x7FFFFFFF (signed 32 bits), and before 0xFFFFFFFF (they wrap to 0); in chunks of 4,096 bytes, so that frames are cut.
TEST_CASE("case 03: timestamps pass 24, 31 and 32 bits without a seam", "[media][robustness]") {
    Studio studio;
    for (const std::uint32_t edge : {0xFFFFFFu, 0x7FFFFFFFu, 0xFFFFFFFFu})
        check_smooth(studio, "edge" + std::to_string(edge), eight_seconds().stamped(edge - 2000));
}
