#include "record/room_writer.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "record/library.hpp"

namespace livefair::record {
namespace {

std::int64_t free_bytes_at(const std::string& dir) {
    struct statvfs space {};
    std::error_code ec;
    std::filesystem::create_directories(dir, ec);
    if (::statvfs(dir.c_str(), &space) != 0) return 0;
    return static_cast<std::int64_t>(space.f_bavail * space.f_frsize);
}

metrics::Gauge failing_rooms() {
    return metrics::gauge("livefair_media_record_failing", "Rooms whose media can't be recorded now (disk full, faulty or too slow)");
}

metrics::Counter written_bytes() {
    static auto counter = metrics::counter("livefair_media_record_bytes_total", "Bytes of segments written to recordings");
    return counter;
}

}  // namespace

void RoomWriter::take(const hls::Snapshot& snapshot) {
    if (session_ != snapshot.session) {
        session_ = snapshot.session;
        const auto* first = !snapshot.segments.empty() ? snapshot.segments.front().get() : snapshot.open.get();
        next_part_ = first && !first->parts.empty() ? first->parts.front().number : snapshot.next_part;
    }
    for (const auto& segment : snapshot.segments) take_segment(*segment, true);
    if (snapshot.open) take_segment(*snapshot.open, false);
    if (snapshot.cues && writer_) take_cues(*snapshot.cues);
}

void RoomWriter::take_segment(const hls::Segment& segment, bool complete) {
    const bool is_open = open_sequence_ == segment.sequence;
    if (segment.parts.empty() || (segment.parts.back().number < next_part_ && !(is_open && complete))) return;
    if (open_sequence_ && !is_open) {
        // It left the window before its last part could be written.
        writer_->drop_segment();
        open_sequence_.reset();
        lose(open_start_ms_, "too_slow");
    }
    if (!open_sequence_ && segment.parts.front().number > next_part_) lose(end_ms_, "too_slow");
    if (!open_sequence_ && skipped_sequence_ != segment.sequence) begin_segment(segment);
    largest_segment_bytes_ = std::max(largest_segment_bytes_, static_cast<std::int64_t>(segment.size));
    end_ms_ = segment.program_time_ms + segment.duration_us / 1000;
    const auto first_new = std::exchange(next_part_, segment.parts.back().number + 1);
    if (!open_sequence_) return;
    Result<> written;
    for (const auto& part : segment.parts)
        if (written && part.number >= first_new) {
            written = writer_->add_part(part);
            written_bytes().add(static_cast<double>(part.bytes->size()));
        }
    if (written && complete) {
        written = writer_->close_segment(segment);
        if (written) open_sequence_.reset();
        put_poster();
    }
    if (written) return;
    writer_->drop_segment();
    open_sequence_.reset();
    skipped_sequence_ = segment.sequence;
    lose(segment.program_time_ms, writer_->is_disk_full() ? "disk_full" : "disk_error");
}

void RoomWriter::begin_segment(const hls::Segment& segment) {
    skipped_sequence_ = segment.sequence;
    free_bytes_ = free_bytes_at(options_.dir);
    // Once it was full, there must be space for more than the next segment, or every second one would be lost.
    const auto wanted_bytes = options_.reserve_bytes + (gap_ ? 2 * largest_segment_bytes_ : 0);
    if (free_bytes_ < wanted_bytes) return lose(segment.program_time_ms, "disk_full");
    auto ready = open_recording(segment);
    if (ready) ready = write_gap(segment.program_time_ms);
    if (ready) ready = writer_->open_segment(segment, segment.discontinuity || follows_other_run_);
    if (!ready) return lose(segment.program_time_ms, writer_ && !writer_->is_disk_full() ? "disk_error" : "disk_full");
    follows_other_run_ = false;
    skipped_sequence_.reset();
    open_sequence_ = segment.sequence;
    open_start_ms_ = segment.program_time_ms;
}

Result<> RoomWriter::open_recording(const hls::Segment& segment) {
    if (writer_) return {};
    for (const auto& folder : list_recordings(options_.dir, room_)) {
        if (has_ended(folder)) continue;
        const auto manifest = read_manifest(folder);
        const auto recording = manifest ? to_recording(*manifest) : Result<Recording>(manifest.error());
        if (!recording || recording->ended || segment.program_time_ms - recording->end_ms() > options_.continue_ms) continue;
        // A clock that was set back gives numbers again: what is recorded is never written over.
        if (!recording->segments.empty() && recording->segments.back().sequence >= segment.sequence) continue;
        auto writer = Writer::resume(folder);
        if (!writer) continue;
        writer_ = std::move(*writer);
        follows_other_run_ = true;
        lost_ms_ = recording->lost_ms();
        for (const auto& cue : recording->cues) cues_[cue.id] = cue.end_ms.has_value();
    }
    if (!writer_) {
        auto writer = Writer::begin(options_.dir, room_, segment.program_time_ms);
        if (!writer) return writer.error();
        writer_ = std::move(*writer);
    }
    log::info("recording_started", {{"room", room_.str()}, {"recording", writer_->id()}, {"continued", follows_other_run_}});
    return {};
}

void RoomWriter::lose(std::int64_t from_ms, const char* why) {
    if (gap_) return;
    gap_ = GapEntry{from_ms, from_ms, why};
    failing_rooms().add(1);
    log::error("recording_failing", {{"room", room_.str()}, {"why", why}, {"free_bytes", free_bytes_}});
}

/// Enters what was lost, now that it has an end.
Result<> RoomWriter::write_gap(std::int64_t to_ms) {
    if (!gap_) return {};
    gap_->to_ms = std::max(to_ms, gap_->from_ms);
    if (const auto added = writer_->add(*gap_); !added) return added;
    lost_ms_ += gap_->to_ms - gap_->from_ms;
    log::warn("recording_goes_on", {{"room", room_.str()}, {"lost_ms", gap_->to_ms - gap_->from_ms}});
    failing_rooms().add(-1);
    gap_.reset();
    return {};
}

/// A cue that can't be written is tried again with the next snapshot.
void RoomWriter::take_cues(const hls::Cues& cues) {
    for (const auto& cue : cues) {
        const auto known = cues_.find(cue.id);
        if (known != cues_.end() && (known->second || !cue.end_ms)) continue;
        if (writer_->add(CueEntry{cue})) cues_[cue.id] = cue.end_ms.has_value();
    }
}

void RoomWriter::put_poster() {
    if (has_poster_ || !poster_) return;
    if (const auto jpeg = poster_(room_)) has_poster_ = writer_->put_file("poster.jpg", *jpeg).has_value();
}

RoomWriter::~RoomWriter() {
    if (gap_) failing_rooms().add(-1);
}

void RoomWriter::end_show() {
    if (writer_) {
        const bool ended = write_gap(end_ms_) && writer_->add(EndEntry{end_ms_, "show_ended"});
        log::info("recording_ended", {{"room", room_.str()}, {"recording", writer_->id()}, {"written", ended}});
    }
    if (std::exchange(gap_, std::nullopt)) failing_rooms().add(-1);
    writer_.reset();
    open_sequence_.reset();
    cues_.clear();
    has_poster_ = false;
    lost_ms_ = 0;
}

FeedStatus RoomWriter::status() const {
    FeedStatus status;
    if (writer_) {
        status.recording_id = writer_->id();
        status.bytes = writer_->bytes();
    }
    status.lost_ms = lost_ms_ + (gap_ ? std::max<std::int64_t>(end_ms_ - gap_->from_ms, 0) : 0);
    status.disk_free_bytes = free_bytes_;
    status.failing = gap_.has_value();
    return status;
}

}  // namespace livefair::record
