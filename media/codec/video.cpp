#include "codec/video.hpp"

#include "codec/av1.hpp"
#include "codec/avc.hpp"
#include "codec/hevc.hpp"
#include "codec/nal.hpp"

namespace livefair::codec {

Result<VideoConfig> parse_video_config(VideoKind kind, std::string_view record) {
    switch (kind) {
        case VideoKind::hevc:
            return parse_hevc_config(record);
        case VideoKind::av1:
            return parse_av1_config(record);
        default:
            return parse_avc_config(record);
    }
}

bool is_video_frame(const VideoConfig& config, std::string_view frame) {
    return config.kind == VideoKind::av1 ? is_obu_chain(frame) : is_nal_chain(frame, config.nal_length_bytes);
}

}  // namespace livefair::codec
