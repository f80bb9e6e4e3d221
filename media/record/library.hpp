#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"
#include "record/recording.hpp"

/// What is done with the folders of recordings besides writing them. All of it blocks on the disk.
namespace livefair::record {

/// Folders of recordings below `dir`, oldest first: of one room, or of all.
std::vector<std::string> list_recordings(const std::string& dir, const std::optional<RoomId>& room = std::nullopt);

/// The same below any folder: a recording's own, a room's, or that of all.
std::vector<std::string> list_below(const std::string& folder);

/// Whether the manifest's last line is an end entry; reads only that. Of years of recordings nearly all have ended.
bool has_ended(const std::string& folder);

enum class Recovery { whole, repaired };
/// Makes a recording whole that a crash left unfinished: cuts a torn manifest line, and cuts the segment under way to its last
/// complete part and enters it. An ended recording is left alone.
/// Errors: Errc::conflict - the manifest is broken, and nothing was touched; not_found, internal.
Result<Recovery> recover(const std::string& folder);

/// What is wrong with a recording, in sentences for people; empty: it is whole.
struct Fault {
    std::string zh;
    std::string en;
    bool operator==(const Fault&) const = default;
};
/// Walks the manifest's chain and hashes every file. A recording being written shows its open segment as nothing wrong.
std::vector<Fault> verify(const std::string& folder);

/// Ends every recording below `dir` whose last segment is older than `quiet_ms`: nobody came back. `in_use`: those being written.
void end_abandoned(const std::string& dir, const std::vector<std::string>& in_use, std::int64_t now_ms, std::int64_t quiet_ms);

/// Deletes ended recordings older than `retention_ms`, each with a line in <dir>/deleted.jsonl (what, when, the last chain): the line is on
/// the disk before the first file goes. Nothing under retention is ever deleted. Returns the folders that went.
std::vector<std::string> delete_expired(const std::string& dir, std::int64_t now_ms, std::int64_t retention_ms);

}  // namespace livefair::record
