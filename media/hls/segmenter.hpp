#pragma once

#include <functional>
#include <memory>

#include "base/errc.hpp"
#include "hls/fmp4_muxer.hpp"
#include "hls/window.hpp"
#include "stream/stream.hpp"

namespace livefair::hls {

struct SegmenterOptions {
    std::int64_t part_ms = 200;
    std::int64_t segment_ms = 2000;
    std::size_t window_segments = 7;
    /// First media sequence number, and the session's name. Taken from the clock by the owner, so that it does not go back when the
    /// program restarts.
    std::uint64_t first_sequence = 0;
    /// Discontinuity sequence number of the first segment; the owner has it rise over restarts, in small steps.
    std::uint64_t first_discontinuity = 0;
};

/// What every playlist made with these options promises. The longest part is the configured length and 5 %, so that whole pictures of
/// every usual rate (24 a second, too) make parts between 85 % of it and all of it; the longest segment is one cut without a key
/// frame, at twice `segment_ms`.
Timing timing_of(std::int64_t part_ms, std::int64_t segment_ms, std::int64_t window_segments);

/// Turns one stream into parts, segments and playlists. Lives on the room's shard. A part closes as soon as no frame like its last
/// would fit, at the latest before the packet that would make it too long; a segment at the first key frame after `segment_ms`, at
/// twice that without one; both lengths are therefore constant bounds. A segment that has left the playlist can be loaded for three
/// target durations more. Memory: the window and those, each segment of at most 64 MiB.
class Segmenter final : public stream::Reader {
public:
    using Publish = std::function<void(std::shared_ptr<const Snapshot>)>;
    /// `publish` gets a snapshot after each part, on the shard; its bytes are all readable before its playlist names them.
    Segmenter(SegmenterOptions options, Publish publish);

    void on_run(const stream::Tracks& tracks) override;
    void on_packet(const stream::Packet& packet) override;
    void on_run_end() override;
    /// What the next snapshots carry; may be null.
    void set_cues(std::shared_ptr<const Cues> cues) { cues_ = std::move(cues); }
    /// The show is over: the playlist ends. A later run continues the numbers after a discontinuity.
    void end();
    /// Why no more is made of this run: Errc::internal (the muxer) or too_large (a segment over its limit). Cleared by on_run().
    Result<> status() const { return status_; }
    /// Discontinuity sequence number of the newest segment.
    std::uint64_t discontinuity_sequence() const { return discontinuity_sequence_; }

private:
    void open_segment(const stream::Packet& packet);
    void close_part(std::int64_t boundary_us);
    /// What the muxer holds when a segment ends: sound that came behind the last part's pictures is no part of its own, but goes on
    /// in the next segment's first.
    enum class Rest { belongs, goes_on };
    void close_segment(std::int64_t boundary_us, Rest rest = Rest::belongs);
    std::size_t listed() const;
    void evict();
    void publish();
    void fail(Errc errc) { status_ = make_error_code(errc); }
    bool leads(const stream::Packet& packet) const { return packet.track == stream::Track::video || !tracks_->video; }
    bool cuts_part(bool leads, std::int64_t dts_us, std::int64_t duration_us) const;
    bool cuts_segment(const stream::Packet& packet) const;

    SegmenterOptions options_;
    Publish publish_;
    Timing timing_;
    std::shared_ptr<const stream::Tracks> tracks_ = std::make_shared<const stream::Tracks>();
    std::unique_ptr<Fmp4Muxer> muxer_;
    std::shared_ptr<const Init> init_;
    std::vector<std::shared_ptr<const Segment>> segments_;
    std::unique_ptr<Segment> open_;
    std::int64_t segment_start_us_ = 0;
    std::int64_t part_start_us_ = 0;
    std::int64_t end_us_ = 0;  // of the newest picture, or of the sound that goes on without one
    std::size_t part_packets_ = 0;
    bool part_independent_ = false;
    bool part_has_lead_ = false;
    std::int64_t lead_duration_us_ = 0;  // of the newest picture
    std::uint64_t next_sequence_;
    std::uint64_t next_part_ = 0;
    std::uint64_t discontinuity_sequence_;
    bool discontinuity_pending_ = false;
    bool ended_ = false;
    std::shared_ptr<const Cues> cues_;
    Result<> status_;
};

}  // namespace livefair::hls
