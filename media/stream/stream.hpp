#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/errc.hpp"
#include "flv/tag.hpp"
#include "stream/advice.hpp"
#include "stream/interleaver.hpp"
#include "stream/meter.hpp"
#include "stream/packet.hpp"
#include "stream/timeline.hpp"

namespace livefair::stream {

/// Takes the packets of one stream, on the stream's shard: the HLS segmenter, later a recorder.
class Reader {
public:
    virtual ~Reader() = default;
    /// Packets of these tracks follow; the first of them is a key frame. Comes again after a reconnect and when a codec changes.
    virtual void on_run(const Tracks& tracks) = 0;
    /// In order of time over both tracks.
    virtual void on_packet(const Packet& packet) = 0;
    /// The publisher is gone; what was held back should be shown.
    virtual void on_run_end() = 0;
};

/// One room's stream: FLV tags of the current publisher in, packets on one continuous timeline out to every reader.
/// Lives on the room's shard; outlives publishers. Readers are added before the first packet and outlive the stream.
class Stream {
public:
    /// `gap_max_us`: see Timeline.
    Stream(const Clock& clock, std::int64_t gap_max_us) : clock_(clock), timeline_(gap_max_us) {}
    void add_reader(Reader& reader) { readers_.push_back(&reader); }

    void begin_run();
    void end_run();

    /// Tag bodies as RTMP brings them. Errors: Errc::unsupported (a codec), invalid_input (a broken sequence header, too many
    /// codec changes or broken frames): the publisher must go. A single broken or early frame is dropped and counted.
    Result<> on_video(std::uint32_t timestamp_ms, std::string body);
    Result<> on_audio(std::uint32_t timestamp_ms, std::string body);
    /// A data message; anything but onMetaData is ignored.
    void on_data(std::string_view body);

    /// Tracks of the current or last run; none before the first.
    const Tracks& tracks() const { return tracks_; }
    bool is_running() const { return running_; }
    Meter::Reading meter() { return meter_.read(clock_.steady()); }
    /// Since the publisher connected; and what they advise, worst first.
    Vitals vitals();
    std::vector<Advice> advice(const Vitals& vitals) { return adviser_.judge(tracks_, vitals); }
    std::uint64_t dropped_frames() const { return dropped_; }
    std::uint64_t repaired_timestamps() const { return timeline_.repairs(); }

private:
    Result<> on_video_config(codec::VideoKind kind, std::string_view record);
    Result<> on_audio_config(std::string_view record);
    Result<> note_change();
    bool may_start(bool at_key_frame);
    void start_run();
    Result<> drop_frame(bool broken);
    void emit(Packet packet);
    void deliver(bool flush);

    const Clock& clock_;
    std::vector<Reader*> readers_;
    Timeline timeline_;
    Interleaver interleaver_;
    WallMap wall_;
    Meter meter_;
    Adviser adviser_;
    std::optional<SampleGrid> grid_;
    Tracks tracks_;    // what readers have been told
    Tracks upcoming_;  // what the newest sequence headers say
    std::optional<flv::Metadata> metadata_;
    std::chrono::steady_clock::time_point run_begun_{};
    bool running_ = false;
    int changes_ = 0;
    int broken_in_a_row_ = 0;
    std::int64_t last_video_us_ = -1;
    std::int64_t frame_us_ = 33'333;
    int decoder_delay_ms_ = 0;  // by which pictures of this run are decoded earlier than they are stamped
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_before_ = 0, repaired_before_ = 0;  // this publisher
};

}  // namespace livefair::stream
