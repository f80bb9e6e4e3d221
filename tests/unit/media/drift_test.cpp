#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/clock.hpp"
#include "media/samples.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"

using namespace livefair;
using namespace livefair::stream;
using namespace livefair::test;

namespace {

/// Follows a stream for hours without keeping it: the worst that was seen.
struct Follower final : Reader {
    explicit Follower(const Clock& its_clock) : clock(its_clock) {}
    void on_run(const Tracks&) override { ++runs; }
    void on_packet(const Packet& packet) override {
        auto& end_us = packet.track == Track::video ? video_end_us : audio_end_us;
        ++(packet.track == Track::video ? video_frames : audio_frames);
        if (end_us >= 0) longest_hole_us = std::max(longest_hole_us, packet.dts_us - end_us);
        end_us = packet.dts_us + packet.duration_us;
        if (video_end_us >= 0 && audio_end_us >= 0) skew_us = std::max(skew_us, std::abs(video_end_us - audio_end_us));
        late_ms = std::max(late_ms, std::abs(clock.unix_ms() - packet.wall_ms));
    }
    void on_run_end() override {}

    const Clock& clock;
    std::int64_t video_end_us = -1, audio_end_us = -1, longest_hole_us = 0, skew_us = 0, late_ms = 0;
    int runs = 0, video_frames = 0, audio_frames = 0;
};

constexpr int two_hours_s = 7200;

}  // namespace

// What is sent: two hours of 25 pictures a second and AAC at 44.1 kHz. The publisher's clock, and with it both tracks' timestamps, runs
// 0.1 % fast or slow against the relay's; or the clock of its sound card alone does, while timestamps keep to the wall.
TEST_CASE("case 16: a publisher whose clock drifts for two hours stays in step, sound with picture and both with the relay's clock", "[stream]") {
    struct Drift {
        double clock, sound_card;
    };
    for (const auto drift : {Drift{1.001, 1}, Drift{0.999, 1}, Drift{1, 1.001}, Drift{1, 0.999}}) {
        INFO("clock " << drift.clock << ", sound card " << drift.sound_card);
        FakeClock clock;
        const auto began_ms = clock.unix_ms();
        Stream stream(clock, 210'000);
        Follower follower(clock);
        stream.add_reader(follower);
        stream.begin_run();
        stream.on_data(metadata(true, true));
        REQUIRE(stream.on_video(0, video_config_tag(avc_record())));
        REQUIRE(stream.on_audio(0, audio_config_tag(aac_record())));
        const double frame_ms = 1024.0 / 44.1 / drift.sound_card;
        std::int64_t sounds = 0;
        bool taken = true;
        for (std::int64_t picture = 0; picture < two_hours_s * 25; ++picture) {
            // The publisher's time of this picture, and the relay's when it comes.
            const auto at_ms = picture * 40;
            const auto now_ms = began_ms + std::llround(static_cast<double>(at_ms) / drift.clock);
            clock.advance(std::chrono::milliseconds(now_ms - clock.unix_ms()));
            taken = taken && stream.on_video(static_cast<std::uint32_t>(at_ms), video_tag(picture % 50 == 0, 5));
            for (; static_cast<double>(sounds) * frame_ms < static_cast<double>(at_ms + 40); ++sounds)
                taken = taken && stream.on_audio(static_cast<std::uint32_t>(static_cast<double>(sounds) * frame_ms), audio_tag());
        }
        REQUIRE(taken);
        CHECK(follower.runs == 1);
        CHECK(follower.video_frames >= two_hours_s * 25 - 5);
        CHECK(follower.audio_frames >= static_cast<int>(0.998 * static_cast<double>(sounds)));
        CHECK(follower.skew_us < 150'000);
        CHECK(follower.longest_hole_us <= 60'000);
        CHECK(follower.late_ms < 150);
        // The timeline is the publisher's own: nothing is lost or added over the hours.
        CHECK(std::abs(follower.video_end_us - two_hours_s * 1'000'000ll) < 100'000);
    }
}
