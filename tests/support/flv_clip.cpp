#include "support/flv_clip.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "base/bytes.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {
namespace {

std::vector<std::string> ffmpeg_command(const ClipOptions& options) {
    std::vector<std::string> command = {"ffmpeg", "-nostdin", "-v", "error"};
    const auto add = [&](const std::vector<std::string>& words) { command.insert(command.end(), words.begin(), words.end()); };
    if (options.video) add({"-f", "lavfi", "-i", "testsrc2=rate=" + std::to_string(options.fps) + ":size=" + options.size});
    if (options.audio) add({"-f", "lavfi", "-i", "sine=sample_rate=" + std::to_string(options.sample_rate)});
    add({"-t", std::to_string(options.seconds), "-threads", "1"});
    if (options.video)
        add({"-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-tune", "zerolatency", "-sc_threshold", "0", "-g",
             std::to_string(options.key_frame_every)});
    if (options.video && options.bitrate_kbps > 0) add({"-b:v", std::to_string(options.bitrate_kbps) + "k"});
    if (options.audio) add({"-c:a", "aac", "-ac", std::to_string(options.channels)});
    add(options.arguments);
    return command;
}

void delay(FlvTag& tag, std::int64_t by_ms) {
    tag.at_ms += by_ms;
    tag.timestamp_ms += static_cast<std::uint32_t>(by_ms);
}

template <class F>
FlvClip changed(FlvClip clip, const F& change) {
    for (auto& tag : clip.tags) change(tag);
    return clip;
}

FlvClip without(FlvClip clip, std::uint8_t type) {
    std::erase_if(clip.tags, [type](const FlvTag& tag) { return tag.type == type || tag.type == 18; });
    return clip;
}

}  // namespace

bool FlvTag::is_config() const {
    return (is_video() || is_audio()) && body.size() > 1 && body[1] == 0;
}
bool FlvTag::is_key_frame() const { return is_frame() && is_video() && static_cast<unsigned char>(body[0]) >> 4 == 1; }
bool FlvTag::is_frame() const { return (is_video() || is_audio()) && body.size() > 1 && body[1] == 1; }

FlvClip FlvClip::make(const ClipOptions& options) {
    auto command = ffmpeg_command(options);
    std::string name;
    for (const auto& word : command) name += word + ' ';
    const std::filesystem::path folder = LIVEFAIR_CLIP_FOLDER;
    const auto file = folder / (std::to_string(std::hash<std::string>{}(name)) + ".flv");
    if (!std::filesystem::exists(file)) {
        std::filesystem::create_directories(folder);
        const TemporaryFolder scratch;
        const auto made = scratch.file("clip.flv");
        for (const auto& word : {std::string("-f"), std::string("flv"), made}) command.push_back(word);
        Process ffmpeg({.command = command, .output_file = scratch.file("ffmpeg.log")});
        if (ffmpeg.wait(std::chrono::seconds(60)) != 0) throw std::runtime_error("ffmpeg made no clip: " + ffmpeg.output());
        // Renamed into place whole: tests run side by side. The folders may lie on different file systems.
        const auto part = file.string() + "." + std::to_string(ffmpeg.pid());
        std::filesystem::copy_file(made, part);
        std::filesystem::rename(part, file);
    }
    auto clip = parse(read_file(file));
    clip.duration_ms = options.seconds * 1000;
    return clip;
}

FlvClip FlvClip::parse(std::string_view file) {
    constexpr std::size_t header_bytes = 9, back_pointer_bytes = 4;
    ByteReader in(file);
    const auto head = in.take(header_bytes);
    if (!head || head->substr(0, 3) != "FLV" || !in.take(back_pointer_bytes)) throw std::runtime_error("not an FLV file");
    FlvClip clip;
    while (in.left() > 0) {
        const auto type = in.big_endian(1), size = in.big_endian(3), low = in.big_endian(3), high = in.big_endian(1), stream = in.big_endian(3);
        const auto body = stream ? in.take(*size) : Result<std::string_view>(stream.error());
        if (!body || !in.take(back_pointer_bytes)) throw std::runtime_error("truncated FLV file");
        const auto timestamp = static_cast<std::uint32_t>(*high << 24 | *low);
        clip.tags.push_back({static_cast<std::uint8_t>(*type), timestamp, timestamp, std::string(*body)});
        clip.duration_ms = std::max<std::int64_t>(clip.duration_ms, timestamp);
    }
    // The end of sequence that ffmpeg appends; a repeated clip has none in its middle.
    std::erase_if(clip.tags, [](const FlvTag& tag) { return tag.is_video() && tag.body.size() > 1 && tag.body[1] == 2; });
    return clip;
}

FlvClip FlvClip::repeated(int times) const {
    auto result = *this;
    for (int i = 1; i < times; ++i)
        for (auto tag : tags) {
            if (!tag.is_frame()) continue;
            delay(tag, i * duration_ms);
            result.tags.push_back(std::move(tag));
        }
    result.duration_ms = times * duration_ms;
    return result;
}

FlvClip FlvClip::later(std::int64_t by_ms) const {
    return changed(*this, [by_ms](FlvTag& tag) { delay(tag, by_ms); });
}

FlvClip FlvClip::stamped(std::int64_t by_ms) const {
    return changed(*this, [by_ms](FlvTag& tag) { tag.timestamp_ms += static_cast<std::uint32_t>(by_ms); });
}

FlvClip FlvClip::then(const FlvClip& next) const {
    auto result = *this;
    const auto moved = next.later(duration_ms);
    result.tags.insert(result.tags.end(), moved.tags.begin(), moved.tags.end());
    result.duration_ms += next.duration_ms;
    return result;
}

FlvClip FlvClip::without_audio() const { return without(*this, 8); }
FlvClip FlvClip::without_video() const { return without(*this, 9); }

std::size_t FlvClip::video_frames() const {
    return static_cast<std::size_t>(std::count_if(tags.begin(), tags.end(), [](const FlvTag& tag) { return tag.is_video() && tag.is_frame(); }));
}
std::size_t FlvClip::audio_frames() const {
    return static_cast<std::size_t>(std::count_if(tags.begin(), tags.end(), [](const FlvTag& tag) { return tag.is_audio() && tag.is_frame(); }));
}

}  // namespace livefair::test
