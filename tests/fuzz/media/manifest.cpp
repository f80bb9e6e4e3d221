#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "record/fragments.hpp"
#include "record/replay.hpp"

/// The bytes as a manifest; as entries, a line each, in a manifest whose chain is right; and as a segment's file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::record;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(parse_manifest(bytes));
    static_cast<void>(complete_parts_bytes(bytes));

    std::string text, chain;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto end = std::min(bytes.find('\n', at), bytes.size());
        const std::string entry(bytes.substr(at, end - at));
        chain = sha256_of(chain + entry);
        text += "{\"chain\":\"" + chain + "\",\"entry\":" + entry + "}\n";
        at = end + 1;
    }
    const auto recording = to_recording(parse_manifest(text));
    if (!recording || recording->segments.empty()) return 0;
    static_cast<void>(render_replay(*recording));
    static_cast<void>(clips_json(*recording));
    for (const auto& cue : recording->cues) static_cast<void>(render_clip(*recording, cue.id));
    return 0;
}
