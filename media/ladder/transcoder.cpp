#include "ladder/transcoder.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "codec/avc.hpp"

namespace livefair::ladder {
namespace {

/// Frames a decoder may hold back for reordering, with room to spare; what is older has been lost in it.
constexpr std::size_t in_flight_max = 64;
constexpr unsigned nal_sps = 7, nal_pps = 8;

struct FreeCodec {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeScaler {
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Codec = std::unique_ptr<AVCodecContext, FreeCodec>;

/// The AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) of length-prefixed parameter sets.
Result<codec::VideoConfig> config_of(std::string_view parameter_sets) {
    std::string_view sps, pps;
    ByteReader in(parameter_sets);
    while (in.left() > 0) {
        const auto length = in.big_endian(4);
        const auto nal = length ? in.take(*length) : Result<std::string_view>(length.error());
        if (!nal || nal->empty()) return make_error_code(Errc::internal);
        const auto type = static_cast<unsigned>(nal->front()) & 31U;
        if (type == nal_sps) sps = *nal;
        if (type == nal_pps) pps = *nal;
    }
    if (sps.size() < 4 || pps.empty()) return make_error_code(Errc::internal);
    ByteWriter out;
    out.big_endian(1, 1).append(sps.substr(1, 3)).big_endian(0xFF, 1);  // lengths of four bytes
    out.big_endian(0xE1, 1).big_endian(sps.size(), 2).append(sps);
    out.big_endian(1, 1).big_endian(pps.size(), 2).append(pps);
    return codec::parse_avc_config(out.bytes());
}

}  // namespace

class Transcoder::Impl {
public:
    Result<> open(const Rung& rung, const stream::Tracks& source) {
        if (!source.video || source.video->height <= rung.height) return make_error_code(Errc::unsupported);
        if (!frame_ || !scaled_ || !packet_ || !open_decoder(*source.video) || !open_encoder(rung, source)) return make_error_code(Errc::unsupported);
        auto config = config_of({reinterpret_cast<const char*>(encoder_->extradata), static_cast<std::size_t>(encoder_->extradata_size)});
        if (!config) return config.error();
        tracks.video = std::move(*config);
        tracks.audio = source.audio;
        tracks.fps = source.fps;
        return {};
    }

    Result<std::vector<stream::Packet>> push(const stream::Packet& packet) {
        if (!delay_) delay_ = packet.pts - packet.dts;
        if (in_flight_.size() >= in_flight_max) in_flight_.erase(in_flight_.begin());
        in_flight_[packet.pts] = {packet.dts, packet.wall_ms, packet.duration, packet.duration_us, packet.key};
        const auto data = packet.data();
        // The decoder reads past the end of what it is given, so it gets a padded copy.
        if (av_new_packet(packet_.get(), static_cast<int>(data.size())) < 0) return make_error_code(Errc::internal);
        std::memcpy(packet_->data, data.data(), data.size());
        packet_->pts = packet.pts;
        packet_->dts = packet.dts;
        packet_->flags = packet.key ? AV_PKT_FLAG_KEY : 0;
        static_cast<void>(avcodec_send_packet(decoder_.get(), packet_.get()));  // a broken packet gives no frame
        av_packet_unref(packet_.get());
        return encode_decoded();
    }

    Result<std::vector<stream::Packet>> finish() {
        static_cast<void>(avcodec_send_packet(decoder_.get(), nullptr));
        auto packets = encode_decoded();
        if (!packets) return packets;
        if (avcodec_send_frame(encoder_.get(), nullptr) < 0) return make_error_code(Errc::internal);
        take_encoded(*packets);
        return packets;
    }

    stream::Tracks tracks;

private:
    /// What the source said of the frame with a PTS.
    struct Origin {
        std::int64_t dts = 0, wall_ms = 0, duration = 0, duration_us = 0;
        bool key = false;
    };

    bool open_decoder(const codec::VideoConfig& config) {
        const auto* codec = avcodec_find_decoder(config.kind == codec::VideoKind::hevc  ? AV_CODEC_ID_HEVC
                                                 : config.kind == codec::VideoKind::av1 ? AV_CODEC_ID_AV1
                                                                                        : AV_CODEC_ID_H264);
        if (!codec) return false;
        decoder_.reset(avcodec_alloc_context3(codec));
        if (!decoder_) return false;
        decoder_->extradata = static_cast<std::uint8_t*>(av_mallocz(config.record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
        if (!decoder_->extradata) return false;
        std::memcpy(decoder_->extradata, config.record.data(), config.record.size());
        decoder_->extradata_size = static_cast<int>(config.record.size());
        decoder_->pkt_timebase = {1, static_cast<int>(stream::video_time_scale)};
        decoder_->thread_count = 1;
        return avcodec_open2(decoder_.get(), codec, nullptr) >= 0;
    }

    bool open_encoder(const Rung& rung, const stream::Tracks& source) {
        const auto* codec = avcodec_find_encoder_by_name("libx264");
        encoder_.reset(avcodec_alloc_context3(codec));
        if (!codec || !encoder_) return false;
        encoder_->width = std::max(2, static_cast<int>(std::int64_t{source.video->width} * rung.height / source.video->height / 2 * 2));
        encoder_->height = rung.height / 2 * 2;
        encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
        encoder_->time_base = {1, static_cast<int>(stream::video_time_scale)};
        encoder_->framerate = av_d2q(source.fps > 0 ? source.fps : 30, 1000);
        encoder_->bit_rate = rung.bitrate_bps;
        encoder_->rc_max_rate = rung.bitrate_bps * 5 / 4;
        encoder_->rc_buffer_size = static_cast<int>(rung.bitrate_bps);
        encoder_->max_b_frames = 0;
        encoder_->thread_count = 1;
        encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        AVDictionary* options = nullptr;
        av_dict_set(&options, "preset", "veryfast", 0);
        av_dict_set(&options, "tune", "zerolatency", 0);
        av_dict_set(&options, "forced-idr", "1", 0);
        // Key frames where the source has them and nowhere else; NAL units with lengths, as MP4 wants them.
        av_dict_set(&options, "x264-params", "keyint=infinite:scenecut=0:annexb=0", 0);
        const int status = avcodec_open2(encoder_.get(), codec, &options);
        av_dict_free(&options);
        return status >= 0;
    }

    Result<std::vector<stream::Packet>> encode_decoded() {
        std::vector<stream::Packet> packets;
        while (avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0) {
            const bool encoded = scale() && avcodec_send_frame(encoder_.get(), scaled_.get()) >= 0;
            av_frame_unref(frame_.get());
            if (!encoded) return make_error_code(Errc::internal);
            take_encoded(packets);
        }
        return packets;
    }

    bool scale() {
        // The source's size may change within its codec record; the rung's does not.
        scaler_.reset(sws_getCachedContext(scaler_.release(), frame_->width, frame_->height, static_cast<AVPixelFormat>(frame_->format),
                                           encoder_->width, encoder_->height, AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr));
        if (!scaler_) return false;
        av_frame_unref(scaled_.get());
        scaled_->width = encoder_->width;
        scaled_->height = encoder_->height;
        scaled_->format = AV_PIX_FMT_YUV420P;
        if (av_frame_get_buffer(scaled_.get(), 0) < 0) return false;
        sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, frame_->height, scaled_->data, scaled_->linesize);
        const auto origin = in_flight_.find(frame_->pts);
        scaled_->pts = frame_->pts;
        scaled_->pict_type = origin != in_flight_.end() && origin->second.key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        return true;
    }

    void take_encoded(std::vector<stream::Packet>& packets) {
        while (avcodec_receive_packet(encoder_.get(), packet_.get()) >= 0) {
            const auto origin = in_flight_.find(packet_->pts);
            if (origin != in_flight_.end()) {
                packets.push_back(describe(origin->second));
                in_flight_.erase(in_flight_.begin(), std::next(origin));
            }
            av_packet_unref(packet_.get());
        }
    }

    stream::Packet describe(const Origin& origin) const {
        stream::Packet out;
        out.key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
        out.pts = packet_->pts;
        out.dts = packet_->pts - *delay_;
        out.duration = origin.duration;
        out.dts_us = out.dts * 1'000'000 / stream::video_time_scale;
        out.duration_us = origin.duration_us;
        out.wall_ms = origin.wall_ms + (out.dts - origin.dts) * 1000 / stream::video_time_scale;
        out.bytes = share_bytes({reinterpret_cast<const char*>(packet_->data), static_cast<std::size_t>(packet_->size)});
        return out;
    }

    Codec decoder_, encoder_;
    std::unique_ptr<AVFrame, FreeFrame> frame_{av_frame_alloc()}, scaled_{av_frame_alloc()};
    std::unique_ptr<AVPacket, FreePacket> packet_{av_packet_alloc()};
    std::unique_ptr<SwsContext, FreeScaler> scaler_;
    std::map<std::int64_t, Origin> in_flight_;  // by PTS
    std::optional<std::int64_t> delay_;
};

Transcoder::Transcoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transcoder::~Transcoder() = default;

Result<std::unique_ptr<Transcoder>> Transcoder::create(const Rung& rung, const stream::Tracks& source) {
    // Libav's messages are no JSON lines, and what matters of them is in the return codes.
    av_log_set_level(AV_LOG_QUIET);
    auto impl = std::make_unique<Impl>();
    if (const auto opened = impl->open(rung, source); !opened) return opened.error();
    return std::unique_ptr<Transcoder>(new Transcoder(std::move(impl)));
}

const stream::Tracks& Transcoder::tracks() const { return impl_->tracks; }
Result<std::vector<stream::Packet>> Transcoder::push(const stream::Packet& packet) { return impl_->push(packet); }
Result<std::vector<stream::Packet>> Transcoder::finish() { return impl_->finish(); }

}  // namespace livefair::ladder
