#include "record/recording.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>

namespace livefair::record {
namespace {

constexpr std::uintmax_t manifest_bytes_max = 64u << 20;

/// Follows the entries in order.
class Walk {
public:
    explicit Walk(Recording& recording) : recording_(recording) {}

    void operator()(const BeginEntry& entry) {
        recording_.room = entry.room;
        recording_.id = entry.recording;
        recording_.start_ms = entry.start_ms;
    }
    void operator()(const InitEntry&) {}
    void operator()(const OpenEntry& entry) {
        open_ = entry;
        // What could not be written lies between this segment and the one before.
        open_->discontinuity = entry.discontinuity || gap_before_;
    }
    void operator()(const SegmentEntry& entry) {
        if (!open_ || open_->sequence != entry.sequence) return;
        recording_.segments.push_back({open_->sequence, open_->init, open_->discontinuity && !recording_.segments.empty(), open_->start_ms,
                                       entry.duration_us, entry.size});
        open_.reset();
        gap_before_ = false;
    }
    void operator()(const CueEntry& entry) { cues_[entry.cue.id] = entry.cue; }
    void operator()(const GapEntry& entry) {
        recording_.gaps.push_back(entry);
        gap_before_ = true;
    }
    void operator()(const EndEntry&) { recording_.ended = true; }

    void finish() {
        for (auto& [id, cue] : cues_) recording_.cues.push_back(std::move(cue));
        auto& cues = recording_.cues;
        std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) { return a.start_ms < b.start_ms; });
        for (auto cue = cues.begin(); cue != cues.end(); ++cue) {
            if (cue->end_ms || !recording_.ended) continue;
            const auto next = std::find_if(cue + 1, cues.end(), [&](const auto& later) { return later.kind == cue->kind; });
            cue->end_ms = next == cues.end() || cue->kind == hls::Cue::Kind::sale ? recording_.end_ms() : next->start_ms;
        }
    }

private:
    Recording& recording_;
    std::optional<OpenEntry> open_;
    bool gap_before_ = false;
    std::map<std::string, hls::Cue> cues_;
};

}  // namespace

std::int64_t Recording::duration_us() const {
    return std::accumulate(segments.begin(), segments.end(), std::int64_t{0}, [](auto sum, const auto& segment) { return sum + segment.duration_us; });
}

std::uint64_t Recording::bytes() const {
    return std::accumulate(segments.begin(), segments.end(), std::uint64_t{0}, [](auto sum, const auto& segment) { return sum + segment.size; });
}

std::int64_t Recording::lost_ms() const {
    return std::accumulate(gaps.begin(), gaps.end(), std::int64_t{0}, [](auto sum, const auto& gap) { return sum + std::max<std::int64_t>(gap.to_ms - gap.from_ms, 0); });
}

Result<Recording> to_recording(const Manifest& manifest) {
    if (manifest.entries.empty()) return make_error_code(Errc::invalid_input);
    Recording recording;
    Walk walk(recording);
    for (const auto& entry : manifest.entries) std::visit(walk, entry);
    walk.finish();
    return recording;
}

Result<Manifest> read_manifest(const std::string& folder) {
    const auto path = std::filesystem::path(folder) / manifest_name;
    std::error_code ec;
    const auto size = std::filesystem::file_size(path, ec);
    if (ec) return make_error_code(Errc::not_found);
    if (size > manifest_bytes_max) return make_error_code(Errc::too_large);
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return make_error_code(Errc::not_found);
    return parse_manifest(text.str());
}

}  // namespace livefair::record
