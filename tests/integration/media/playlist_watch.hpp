#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace livefair::test {

struct WatchedPart {
    std::string name;
    double seconds = 0;
    bool independent = false;
};

struct WatchedSegment {
    std::uint64_t sequence = 0;
    std::uint64_t discontinuity = 0;    ///< Counted from the playlist's EXT-X-DISCONTINUITY-SEQUENCE, its own tag included.
    bool begins_discontinuity = false;
    std::string map;
    std::string name;                   ///< Empty while it grows.
    double seconds = 0;
    std::int64_t date_ms = 0;           ///< EXT-X-PROGRAM-DATE-TIME, Unix.
    std::vector<WatchedPart> parts;     ///< Those listed.
};

/// A media playlist read back.
struct WatchedPlaylist {
    double target_seconds = 0, part_target_seconds = 0, hold_back_seconds = 0;
    std::uint64_t sequence = 0;
    std::uint64_t discontinuity_sequence = 0;
    bool ended = false;
    std::vector<WatchedSegment> segments;  ///< Complete ones.
    std::optional<WatchedSegment> open;
    std::string hint;

    /// Throws std::runtime_error for what no client could read.
    static WatchedPlaylist parse(const std::string& text);
    std::uint64_t next_sequence() const { return sequence + segments.size(); }
};

/// Reloads one playlist as an LL-HLS player does (blocking, part by part), in a thread of its own, and checks at each reload what
/// RFC 8216bis promises: nothing listed ever changes; MEDIA-SEQUENCE never goes back; each segment keeps its discontinuity number,
/// also when tags have slid out; TARGETDURATION, PART-TARGET and PART-HOLD-BACK never change; no segment is longer than the first
/// and no part than the second; every part but a segment's last has at least 85 % of the target; whatever is named is there at once,
/// and so is the oldest segment listed; a segment is made of its parts.
class PlaylistWatch {
public:
    /// `url`: of the media playlist. It need not exist yet.
    explicit PlaylistWatch(std::string url);
    ~PlaylistWatch();

    /// Reloads once more and stops. What broke a rule, in words; empty when nothing did.
    std::vector<std::string> stop();

    // After stop():
    const std::map<std::uint64_t, WatchedSegment>& segments() const { return segments_; }
    const std::string& bytes_of(const std::string& name) const { return files_.at(name); }
    const WatchedPlaylist& last() const { return last_; }
    int reloads() const { return reloads_; }
    /// How many segments begin with EXT-X-DISCONTINUITY.
    std::size_t discontinuities() const;
    /// Whether a playlist's first segment had an EXT-X-DISCONTINUITY of its own at some time.
    bool began_with_discontinuity() const { return began_with_discontinuity_; }
    double seconds() const;

private:
    void run();
    bool reload(const std::string& query, int milliseconds);
    void check(const WatchedPlaylist& now);
    void check_segment(const WatchedPlaylist& now, const WatchedSegment& segment, bool complete);
    void check_parts(const WatchedPlaylist& now, const WatchedSegment& segment, bool complete);
    void fetch(const std::string& name);
    void problem(const std::string& text);

    class Http;
    std::string url_, folder_;
    std::unique_ptr<Http> http_;
    std::vector<std::string> problems_;
    std::map<std::uint64_t, WatchedSegment> segments_;
    std::map<std::uint64_t, WatchedSegment> seen_;  // with the most parts that were ever listed; open ones, too
    std::map<std::string, std::string> files_;
    WatchedPlaylist last_;
    int reloads_ = 0;
    bool began_with_discontinuity_ = false;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace livefair::test
