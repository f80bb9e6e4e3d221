#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/id.hpp"
#include "record/recorder.hpp"
#include "record/writer.hpp"

namespace livefair::record {

/// What of one room's snapshots has been written, and where. On the recorder's thread.
class RoomWriter {
public:
    RoomWriter(const RecorderOptions& options, const Recorder::Poster& poster, RoomId room)
        : options_(options), poster_(poster), room_(std::move(room)) {}

    ~RoomWriter();
    RoomWriter(const RoomWriter&) = delete;
    RoomWriter& operator=(const RoomWriter&) = delete;

    /// Writes what is new in `snapshot`; failures become a gap and are tried again at the next segment.
    void take(const hls::Snapshot& snapshot);
    void end_show();
    FeedStatus status() const;
    /// The recording's folder; empty while there is none.
    std::string folder() const { return writer_ ? writer_->folder() : std::string(); }

private:
    void take_segment(const hls::Segment& segment, bool complete);
    void begin_segment(const hls::Segment& segment);
    Result<> open_recording(const hls::Segment& segment);
    Result<> write_gap(std::int64_t to_ms);
    void take_cues(const hls::Cues& cues);
    void put_poster();
    void lose(std::int64_t from_ms, const char* why);

    const RecorderOptions& options_;
    const Recorder::Poster& poster_;
    const RoomId room_;
    std::unique_ptr<Writer> writer_;
    std::optional<std::uint64_t> session_;
    std::uint64_t next_part_ = 0;
    std::optional<std::uint64_t> open_sequence_;
    std::int64_t open_start_ms_ = 0;
    std::optional<std::uint64_t> skipped_sequence_;
    bool follows_other_run_ = false;  // the next segment goes on with what another run of the program wrote
    bool has_poster_ = false;
    std::int64_t end_ms_ = 0;         // of the newest segment seen
    std::int64_t lost_ms_ = 0;
    std::int64_t free_bytes_ = 0;
    std::int64_t largest_segment_bytes_ = 0;
    std::optional<GapEntry> gap_;     // being lost now, or not yet entered
    std::map<std::string, bool> cues_;  // id -> whether its end is written
};

}  // namespace livefair::record
