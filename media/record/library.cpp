#include "record/library.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include "base/log.hpp"
#include "record/writer.hpp"

namespace livefair::record {
namespace {

namespace fs = std::filesystem;

bool is_recording(const fs::path& folder) {
    std::error_code ec;
    return fs::is_regular_file(folder / manifest_name, ec);
}

std::vector<fs::path> folders_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ec;
    for (auto entry = fs::directory_iterator(folder, ec); !ec && entry != fs::directory_iterator(); entry.increment(ec))
        if (entry->is_directory(ec) && is_id_text(entry->path().filename().string())) found.push_back(entry->path());
    std::sort(found.begin(), found.end());
    return found;
}

/// Appends a line and waits until it is on the disk.
bool append_durably(const std::string& path, const std::string& line) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return false;
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fdatasync(fd) == 0;
    ::close(fd);
    return written;
}

}  // namespace

std::vector<std::string> list_recordings(const std::string& dir, const std::optional<RoomId>& room) {
    std::vector<std::string> found;
    const auto rooms = room ? std::vector<fs::path>{fs::path(dir) / room->str()} : folders_in(dir);
    for (const auto& each : rooms)
        for (const auto& folder : folders_in(each))
            if (is_recording(folder)) found.push_back(folder.string());
    return found;
}

std::vector<std::string> list_below(const std::string& folder) {
    if (is_recording(folder)) return {folder};
    std::vector<std::string> found;
    for (const auto& each : folders_in(folder)) {
        const auto below = is_recording(each) ? std::vector<std::string>{each.string()} : list_recordings(folder, RoomId(each.filename().string()));
        found.insert(found.end(), below.begin(), below.end());
    }
    return found;
}

bool has_ended(const std::string& folder) {
    std::ifstream in(fs::path(folder) / manifest_name, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::int64_t>(in.tellg());
    if (!in || size <= 0) return false;
    const auto tail_bytes = std::min<std::int64_t>(size, line_bytes_max);
    std::string tail(static_cast<std::size_t>(tail_bytes), '\0');
    in.seekg(size - tail_bytes);
    in.read(tail.data(), tail_bytes);
    if (!in || tail.back() != '\n') return false;
    const auto line = tail.substr(tail.rfind('\n', tail.size() - 2) + 1);
    return line.find("\"entry\":{\"type\":\"end\"") != std::string::npos;
}

void end_abandoned(const std::string& dir, const std::vector<std::string>& in_use, std::int64_t now_ms, std::int64_t quiet_ms) {
    for (const auto& folder : list_recordings(dir)) {
        if (has_ended(folder) || std::find(in_use.begin(), in_use.end(), folder) != in_use.end()) continue;
        const auto manifest = read_manifest(folder);
        const auto recording = manifest ? to_recording(*manifest) : Result<Recording>(manifest.error());
        if (!recording || recording->ended || now_ms - recording->end_ms() < quiet_ms) continue;
        const auto writer = Writer::resume(folder);
        if (writer && (*writer)->add(EndEntry{recording->end_ms(), "lost"})) log::info("recording_ended", {{"recording", folder}, {"why", "lost"}});
    }
}

std::vector<std::string> delete_expired(const std::string& dir, std::int64_t now_ms, std::int64_t retention_ms) {
    std::vector<std::string> deleted;
    const auto newest_expired = recording_id(now_ms - retention_ms);
    for (const auto& folder : list_recordings(dir)) {
        // The name is the time it began: what began within the retention need not be read.
        if (fs::path(folder).filename().string() >= newest_expired) continue;
        const auto manifest = read_manifest(folder);
        const auto recording = manifest ? to_recording(*manifest) : Result<Recording>(manifest.error());
        // What can't be read has no age that we could trust: it stays, for people to look at.
        if (!recording || manifest->broken_line || !recording->ended || now_ms - recording->end_ms() <= retention_ms) continue;
        const boost::json::object line = {{"atMs", now_ms}, {"room", recording->room}, {"recording", recording->id}, {"startMs", recording->start_ms},
                                          {"endMs", recording->end_ms()}, {"bytes", recording->bytes()}, {"chain", manifest->chain}, {"why", "retention"}};
        if (!append_durably((fs::path(dir) / "deleted.jsonl").string(), boost::json::serialize(line) + "\n")) continue;
        std::error_code ec;
        fs::remove_all(folder, ec);
        log::warn("recording_deleted", {{"recording", folder}, {"why", "retention"}, {"done", !ec}});
        deleted.push_back(folder);
    }
    return deleted;
}

}  // namespace livefair::record
