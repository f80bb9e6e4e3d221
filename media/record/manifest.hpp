#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/errc.hpp"
#include "hls/cue.hpp"

/// A recording is a folder <record.dir>/<room>/<recording>/ with the live playlist's own files (init_N.mp4, seg_N.m4s: the same bytes)
/// and manifest.jsonl, which says what they are. The manifest only grows. Each line is
///   {"chain":"<64 hex>","entry":<JSON object>}
/// where chain = SHA-256(the line before's chain + the entry's text), so that no line can be changed, taken out or put in without
/// all later chains being wrong; entries of files hold the file's own SHA-256.
namespace livefair::record {

/// Times are Unix milliseconds on PROGRAM-DATE-TIME's axis.
struct BeginEntry {
    std::string room;
    std::string recording;
    std::int64_t start_ms = 0;
};
struct InitEntry {
    std::uint64_t id = 0;
    std::uint64_t size = 0;
    std::string sha256;
};
/// A segment has been begun; its file may exist from now on. What a crash leaves of it is found by this.
struct OpenEntry {
    std::uint64_t sequence = 0;
    std::uint64_t init = 0;
    bool discontinuity = false;
    std::int64_t start_ms = 0;
};
/// The segment of the last OpenEntry is whole.
struct SegmentEntry {
    std::uint64_t sequence = 0;
    std::int64_t duration_us = 0;
    std::uint64_t size = 0;
    std::string sha256;
    bool recovered = false;  ///< Cut to its last complete part after a crash.
};
struct CueEntry {
    hls::Cue cue;  ///< A later entry of the same id replaces an earlier one.
};
/// What could not be written; "disk_full", "disk_error" or "too_slow".
struct GapEntry {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::string why;
};
/// No more will come; "show_ended" or "lost" (nobody came back after a crash or a stop).
struct EndEntry {
    std::int64_t end_ms = 0;
    std::string why;
};
using Entry = std::variant<BeginEntry, InitEntry, OpenEntry, SegmentEntry, CueEntry, GapEntry, EndEntry>;

constexpr const char* manifest_name = "manifest.jsonl";
constexpr std::size_t line_bytes_max = 4096;

/// One line with its end, and the chain that the next one needs. `chain` of the first line's predecessor is empty.
struct Line {
    std::string text;
    std::string chain;
};
Line make_line(std::string_view chain_before, const Entry& entry);

/// What a manifest holds up to its first fault.
struct Manifest {
    std::vector<Entry> entries;
    std::string chain;            ///< Of the last good line.
    std::size_t good_bytes = 0;   ///< How far the good lines reach.
    bool torn = false;            ///< The rest is one line without its end: a crash while it was written.
    std::optional<std::size_t> broken_line;  ///< From 1: a chain or an entry that is wrong. What follows can't be trusted.
};
Manifest parse_manifest(std::string_view text);

/// SHA-256 as 64 lower-case hex characters, in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view bytes);
    /// Of all that was added; begins anew.
    std::string take();

private:
    void* context_;  // EVP_MD_CTX
};
std::string sha256_of(std::string_view bytes);

}  // namespace livefair::record
