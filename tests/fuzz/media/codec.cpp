#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/aac.hpp"
#include "codec/av1.hpp"
#include "codec/nal.hpp"
#include "codec/video.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::codec;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto kind : {VideoKind::avc, VideoKind::hevc, VideoKind::av1}) static_cast<void>(parse_video_config(kind, bytes));
    static_cast<void>(parse_aac_config(bytes));
    static_cast<void>(is_nal_chain(bytes, 4));
    static_cast<void>(is_obu_chain(bytes));
    return 0;
}
