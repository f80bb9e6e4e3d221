#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "hls/playlist.hpp"
#include "record/fragments.hpp"
#include "record/library.hpp"
#include "record/writer.hpp"

namespace livefair::record {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// The segment under way when the writer stopped.
std::optional<OpenEntry> open_at_end(const Manifest& manifest) {
    std::optional<OpenEntry> open;
    for (const auto& entry : manifest.entries) {
        if (const auto* begun = std::get_if<OpenEntry>(&entry)) open = *begun;
        if (std::holds_alternative<SegmentEntry>(entry)) open.reset();
    }
    return open;
}

/// Errors: Errc::internal - the disk.
Result<Recovery> finish_segment(const std::string& folder, const OpenEntry& open) {
    const auto path = fs::path(folder) / hls::segment_name(open.sequence);
    std::error_code ec;
    if (!fs::exists(path, ec)) return Recovery::whole;
    auto bytes = read_file(path);
    bytes.resize(complete_parts_bytes(bytes));
    const auto duration = bytes.empty() ? Result<std::int64_t>(make_error_code(Errc::invalid_input))
                                        : media_duration_us(read_file(fs::path(folder) / hls::init_name(open.init)), bytes);
    if (!duration) {
        fs::remove(path, ec);
        return Recovery::repaired;
    }
    const auto writer = Writer::resume(folder);
    if (!writer) return writer.error();
    if (::truncate(path.c_str(), static_cast<off_t>(bytes.size())) != 0) return make_error_code(Errc::internal);
    const auto added = (*writer)->add(SegmentEntry{open.sequence, *duration, bytes.size(), sha256_of(bytes), true});
    if (!added) return added.error();
    return Recovery::repaired;
}

}  // namespace

Result<Recovery> recover(const std::string& folder) {
    const auto manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    if (manifest->broken_line) return make_error_code(Errc::conflict);
    auto recovery = Recovery::whole;
    if (manifest->torn) {
        const auto path = fs::path(folder) / manifest_name;
        if (::truncate(path.c_str(), static_cast<off_t>(manifest->good_bytes)) != 0) return make_error_code(Errc::internal);
        recovery = Recovery::repaired;
    }
    const auto recording = to_recording(*manifest);
    if (!recording) return recording.error();
    if (recording->ended) return recovery;
    const auto open = open_at_end(*manifest);
    if (!open) return recovery;
    const auto finished = finish_segment(folder, *open);
    if (!finished) return finished.error();
    return *finished == Recovery::repaired ? *finished : recovery;
}

}  // namespace livefair::record
