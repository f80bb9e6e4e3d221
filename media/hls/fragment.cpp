#include "hls/fragment.hpp"

namespace livefair::hls {
namespace {

using stream::Track;

constexpr std::size_t box_bytes = 8, full_box_bytes = 12;
constexpr std::size_t mfhd_bytes = full_box_bytes + 4;
constexpr std::size_t tfdt_bytes = full_box_bytes + 8;
constexpr std::size_t video_tfhd_bytes = full_box_bytes + 4, audio_tfhd_bytes = full_box_bytes + 12;
constexpr std::size_t trun_head_bytes = full_box_bytes + 8;
constexpr std::size_t video_sample_bytes = 16, audio_sample_bytes = 4;

// Flags of tfhd (8.8.7.1) and trun (8.8.8.1).
constexpr std::uint32_t default_base_is_moof = 0x020000, default_duration = 0x08, default_flags = 0x20;
constexpr std::uint32_t data_offset_present = 0x01, durations = 0x100, sizes = 0x200, flags = 0x400, composition_offsets = 0x800;
// Sample flags (8.8.3.1): depends on no other; depends on others and is no sync sample.
constexpr std::uint32_t sync_sample = 0x02000000, dependent_sample = 0x01010000;

void put32(std::string& out, std::uint64_t value) {
    const char bytes[] = {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
    out.append(bytes, sizeof bytes);
}

void put64(std::string& out, std::uint64_t value) {
    put32(out, value >> 32);
    put32(out, value);
}

void begin_box(std::string& out, std::size_t size, const char (&type)[5]) {
    put32(out, size);
    out.append(type, 4);
}

void begin_full_box(std::string& out, std::size_t size, const char (&type)[5], std::uint32_t version, std::uint32_t box_flags) {
    begin_box(out, size, type);
    put32(out, version << 24 | box_flags);
}

std::size_t trun_bytes(std::size_t samples, Track track) {
    return trun_head_bytes + samples * (track == Track::video ? video_sample_bytes : audio_sample_bytes);
}

}  // namespace

FragmentWriter::FragmentWriter(const stream::Tracks& tracks) {
    std::uint32_t id = 0;
    if (tracks.video) runs_[static_cast<std::size_t>(Track::video)].id = ++id;
    if (tracks.audio) runs_[static_cast<std::size_t>(Track::audio)].id = ++id;
}

Result<> FragmentWriter::add(const stream::Packet& packet) {
    auto& run = runs_[static_cast<std::size_t>(packet.track)];
    if (run.id == 0) return make_error_code(Errc::internal);
    run.packets.push_back(packet);
    return {};
}

std::string FragmentWriter::take() {
    std::size_t moof_bytes = box_bytes + mfhd_bytes, data_bytes = 0;
    for (const auto track : {Track::video, Track::audio}) {
        const auto& run = runs_[static_cast<std::size_t>(track)];
        moof_bytes += traf_bytes(run, track);
        for (const auto& packet : run.packets) data_bytes += packet.data().size();
    }
    std::string out;
    if (moof_bytes == box_bytes + mfhd_bytes) return out;
    out.reserve(moof_bytes + box_bytes + data_bytes);
    begin_box(out, moof_bytes, "moof");
    begin_full_box(out, mfhd_bytes, "mfhd", 0, 0);
    put32(out, ++sequence_);
    auto data_offset = moof_bytes + box_bytes;
    for (const auto track : {Track::video, Track::audio}) {
        const auto& run = runs_[static_cast<std::size_t>(track)];
        write_traf(out, run, track, data_offset);
        for (const auto& packet : run.packets) data_offset += packet.data().size();
    }
    begin_box(out, box_bytes + data_bytes, "mdat");
    for (auto& run : runs_) {
        for (const auto& packet : run.packets) out += packet.data();
        run.packets.clear();
    }
    return out;
}

std::size_t FragmentWriter::traf_bytes(const TrackRun& run, Track track) {
    if (run.packets.empty()) return 0;
    return box_bytes + (track == Track::video ? video_tfhd_bytes : audio_tfhd_bytes) + tfdt_bytes + trun_bytes(run.packets.size(), track);
}

/// Video: every sample has its own duration, flags and composition offset. Audio: only the sizes differ.
void FragmentWriter::write_traf(std::string& out, const TrackRun& run, Track track, std::size_t data_offset) {
    const auto& packets = run.packets;
    if (packets.empty()) return;
    const bool is_video = track == Track::video;
    begin_box(out, traf_bytes(run, track), "traf");
    begin_full_box(out, is_video ? video_tfhd_bytes : audio_tfhd_bytes, "tfhd", 0,
                   default_base_is_moof | (is_video ? 0 : default_duration | default_flags));
    put32(out, run.id);
    if (!is_video) {
        put32(out, static_cast<std::uint64_t>(packets.front().duration));
        put32(out, sync_sample);
    }
    // The decode time is the first packet's own, whatever the last fragment's end was thought to be.
    begin_full_box(out, tfdt_bytes, "tfdt", 1, 0);
    put64(out, static_cast<std::uint64_t>(packets.front().dts));
    begin_full_box(out, trun_bytes(packets.size(), track), "trun", 1,
                   data_offset_present | sizes | (is_video ? durations | flags | composition_offsets : 0));
    put32(out, packets.size());
    put32(out, data_offset);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const auto& packet = packets[i];
        if (is_video) put32(out, static_cast<std::uint64_t>(i + 1 < packets.size() ? packets[i + 1].dts - packet.dts : packet.duration));
        put32(out, packet.data().size());
        if (!is_video) continue;
        put32(out, packet.key ? sync_sample : dependent_sample);
        put32(out, static_cast<std::uint64_t>(packet.pts - packet.dts));
    }
}

}  // namespace livefair::hls
