#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "hls/window.hpp"
#include "record/recording.hpp"

namespace livefair::record {

/// "20261123T010203Z": the time a recording began, and its name.
std::string recording_id(std::int64_t start_ms);

/// Writes one recording's folder. Blocks on the disk: for the recorder's thread alone.
/// A part is in its file when add_part() returns (a kill of the program loses nothing of it); a segment and its manifest line are on the
/// disk itself (fdatasync) when close_segment() returns, so a power cut costs the segment under way.
/// Errors of all: Errc::internal; why() says whether the disk is full.
class Writer {
public:
    static Result<std::unique_ptr<Writer>> begin(const std::string& dir, const RoomId& room, std::int64_t start_ms);
    /// Goes on with a recording that has not ended. Errors: also those of read_manifest(); conflict - it has ended or is damaged.
    static Result<std::unique_ptr<Writer>> resume(const std::string& folder);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Result<> open_segment(const hls::Segment& segment, bool discontinuity);
    Result<> add_part(const hls::Part& part);
    Result<> close_segment(const hls::Segment& segment);
    /// Takes the segment under way back: its file goes.
    void drop_segment();
    Result<> add(const Entry& entry);
    /// A file beside the segments, replaced whole.
    Result<> put_file(const std::string& name, const std::string& bytes);

    const std::string& folder() const { return folder_; }
    const std::string& id() const { return id_; }
    std::uint64_t bytes() const { return bytes_; }
    bool has_open_segment() const { return segment_fd_ >= 0; }
    bool is_disk_full() const;

private:
    explicit Writer(std::string folder);
    Result<> fail(int error);
    Result<> open_manifest(std::uint64_t size);
    Result<> write_all(int fd, std::string_view bytes);
    Result<> put_init(const hls::Init& init);
    std::string path(const std::string& name) const { return folder_ + "/" + name; }

    std::string folder_;
    std::string id_;
    std::string chain_;
    int manifest_fd_ = -1;
    std::uint64_t manifest_bytes_ = 0;
    int segment_fd_ = -1;
    std::string segment_path_;
    std::uint64_t segment_bytes_ = 0;
    Sha256 segment_hash_;
    std::uint64_t bytes_ = 0;
    std::optional<std::uint64_t> last_init_;
    int error_ = 0;
};

}  // namespace livefair::record
