#include <algorithm>
#include <map>
#include <memory>

#include "base/clock.hpp"
#include "ladder/rendition.hpp"
#include "stream/stream.hpp"
#include "support/catch.hpp"
#include "support/flv_clip.hpp"
#include "support/process.hpp"

using namespace livefair;
using livefair::test::eventually;
using livefair::test::FlvClip;

namespace {

/// A source with its segmenter and one rung, on a shard that the test turns by hand.
class Bench final : public stream::Reader {
public:
    Bench() : stream_(clock_, 1'000'000), segmenter_(options(), [this](auto snapshot) { show(std::move(snapshot)); }) {
        rung = std::make_shared<ladder::Rendition>(shard_, clock_, ladder::Rung{"180p", 180, 300'000}, options(),
                                                   [this](auto snapshot) { rung_newest = std::move(snapshot); });
        stream_.add_reader(segmenter_);
        stream_.add_reader(*this);
        stream_.begin_run();
    }
    /// The rung's thread posts to the shard, so it ends first.
    ~Bench() override { rung.reset(); }
    void on_run(const stream::Tracks& tracks) override { rung->on_run(tracks); }
    void on_packet(const stream::Packet& packet) override { rung->on_packet(packet); }
    void on_run_end() override { rung->on_run_end(); }

    /// `paced`: waits for the rung after each segment of the source, as real time would.
    void play(const FlvClip& clip, bool paced) {
        for (const auto& tag : clip.tags) {
            if (tag.at_ms > at_ms_) clock_.advance(std::chrono::milliseconds(tag.at_ms - at_ms_));
            at_ms_ = std::max(at_ms_, tag.at_ms);
            const auto before = source_newest ? source_newest->next_sequence : options().first_sequence;
            if (tag.is_video()) REQUIRE(stream_.on_video(tag.timestamp_ms, tag.body));
            if (tag.is_audio()) REQUIRE(stream_.on_audio(tag.timestamp_ms, tag.body));
            if (tag.type == 18) stream_.on_data(tag.body);
            if (paced && rung->has_joined() && source_newest->next_sequence != before) REQUIRE(catches_up());
        }
    }
    void reconnect() { stream_.begin_run(); }
    void end_run() { stream_.end_run(); }
    bool catches_up() {
        return eventually([this] {
            turn();
            return rung_newest && rung_newest->next_sequence + 1 >= source_newest->next_sequence;
        });
    }
    void turn() {
        shard_.context().restart();
        shard_.context().poll();
    }

    std::shared_ptr<ladder::Rendition> rung;
    std::shared_ptr<const hls::Snapshot> source_newest, rung_newest;

private:
    static hls::SegmenterOptions options() { return {.part_ms = 200, .segment_ms = 1000, .window_segments = 20, .first_sequence = 1000, .first_discontinuity = 3}; }
    void show(std::shared_ptr<const hls::Snapshot> snapshot) {
        source_newest = snapshot;
        rung->on_source(*snapshot);
    }

    FakeClock clock_;
    net::Shard shard_{0};
    std::int64_t at_ms_ = 0;
    stream::Stream stream_;
    hls::Segmenter segmenter_;
};

FlvClip clip_of(int seconds) { return FlvClip::make({.seconds = seconds, .size = "640x360", .arguments = {"-bf", "2"}}); }

/// Segments of the rung that begin and last as the source's of the same number do; the others fail the test.
std::size_t segments_in_step(const hls::Snapshot& source, const hls::Snapshot& rung) {
    std::map<std::uint64_t, std::shared_ptr<const hls::Segment>> by_sequence;
    for (const auto& segment : source.segments) by_sequence[segment->sequence] = segment;
    std::size_t count = 0;
    for (const auto& ours : rung.segments) {
        const auto found = by_sequence.find(ours->sequence);
        if (found == by_sequence.end()) continue;
        const auto& theirs = *found->second;
        CHECK(ours->program_time_ms == theirs.program_time_ms);
        CHECK(ours->discontinuity_sequence == theirs.discontinuity_sequence);
        CHECK(std::abs(ours->duration_us - theirs.duration_us) <= 40'000);
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a rung is cut where the source is cut and counts as it does, over a reconnect too", "[ladder]") {
    Bench bench;
    const auto clip = clip_of(4);
    bench.play(clip, true);
    bench.reconnect();
    bench.play(clip.later(5000), true);
    bench.end_run();
    REQUIRE(eventually([&] {
        bench.turn();
        return bench.rung_newest && bench.rung_newest->next_sequence == bench.source_newest->next_sequence;
    }));
    CHECK(segments_in_step(*bench.source_newest, *bench.rung_newest) >= 7);
    CHECK(bench.rung->withdrawals() == 0);
    const auto& segments = bench.rung_newest->segments;
    CHECK(std::count_if(segments.begin(), segments.end(), [](const auto& segment) { return segment->discontinuity; }) == 1);
}

TEST_CASE("a rung that can't keep up leaves, the source goes on, and later the rung joins again in step", "[ladder]") {
    Bench bench;
    bench.play(clip_of(4).repeated(2), false);
    CHECK(bench.rung->withdrawals() >= 1);
    CHECK(bench.rung_newest == nullptr);
    const auto before = bench.source_newest->next_sequence;
    CHECK(before >= 1007);

    bench.play(clip_of(4).repeated(6).later(8000), true);
    CHECK(bench.source_newest->next_sequence >= before + 22);
    REQUIRE(bench.catches_up());
    CHECK(segments_in_step(*bench.source_newest, *bench.rung_newest) >= 5);
}
