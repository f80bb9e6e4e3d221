#include "hls/fmp4_muxer.hpp"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

#include <array>
#include <cstring>
#include <utility>

namespace livefair::hls {
namespace {

constexpr int io_buffer_bytes = 64 * 1024;

Result<> failed() { return make_error_code(Errc::internal); }

bool set_extradata(AVCodecParameters& parameters, const std::string& record) {
    parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!parameters.extradata) return false;
    std::memcpy(parameters.extradata, record.data(), record.size());
    parameters.extradata_size = static_cast<int>(record.size());
    return true;
}

AVCodecID codec_id_of(codec::VideoKind kind) {
    return kind == codec::VideoKind::hevc  ? AV_CODEC_ID_HEVC
           : kind == codec::VideoKind::av1 ? AV_CODEC_ID_AV1
                                           : AV_CODEC_ID_H264;
}

}  // namespace

class Fmp4Muxer::Impl {
public:
    ~Impl() {
        av_packet_free(&packet_);
        if (!context_) return;
        if (header_written_) av_write_trailer(context_);  // frees the muxer's own state; its output goes nowhere
        if (context_->pb) {
            av_freep(&context_->pb->buffer);
            avio_context_free(&context_->pb);
        }
        avformat_free_context(context_);
    }

    Result<> open(const stream::Tracks& tracks) {
        packet_ = av_packet_alloc();
        if (!packet_ || avformat_alloc_output_context2(&context_, nullptr, "mp4", nullptr) < 0) return failed();
        auto* buffer = static_cast<unsigned char*>(av_malloc(io_buffer_bytes));
        context_->pb = avio_alloc_context(buffer, io_buffer_bytes, 1, this, nullptr, &Impl::on_write, nullptr);
        if (!context_->pb) return failed();
        context_->pb->seekable = 0;
        context_->flags |= AVFMT_FLAG_CUSTOM_IO;
        context_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
        if (tracks.video && !add_video(*tracks.video)) return failed();
        if (tracks.audio && !add_audio(*tracks.audio)) return failed();
        return write_header();
    }

    Result<> write(const stream::Packet& packet) {
        const auto index = indexes_[static_cast<std::size_t>(packet.track)];
        if (index < 0) return failed();
        const auto data = packet.data();
        // The muxer copies the payload; the packet only lends it.
        packet_->data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(data.data()));
        packet_->size = static_cast<int>(data.size());
        packet_->stream_index = index;
        packet_->dts = packet.dts;
        packet_->pts = packet.pts;
        packet_->duration = packet.duration;
        packet_->flags = packet.key ? AV_PKT_FLAG_KEY : 0;
        const int status = av_write_frame(context_, packet_);
        packet_->data = nullptr;
        packet_->size = 0;
        if (status < 0) return failed();
        return {};
    }

    Result<std::string> flush() {
        if (av_write_frame(context_, nullptr) < 0) return make_error_code(Errc::internal);
        avio_flush(context_->pb);
        // The next fragment begins at its first packet's DTS, not where the last packet's estimated duration ended.
        if (av_opt_set(context_->priv_data, "movflags", "+frag_discont", 0) < 0) return make_error_code(Errc::internal);
        return std::exchange(output_, {});
    }

    std::string init;

private:
    static int on_write(void* opaque, std::uint8_t* bytes, int size) {
        static_cast<Impl*>(opaque)->output_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
        return size;
    }

    bool add_video(const codec::VideoConfig& config) {
        auto* stream = avformat_new_stream(context_, nullptr);
        if (!stream || !set_extradata(*stream->codecpar, config.record)) return false;
        stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
        stream->codecpar->codec_id = codec_id_of(config.kind);
        // Apple plays hvc1 only; libavformat alone would write hev1.
        if (config.kind == codec::VideoKind::hevc) stream->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');
        stream->codecpar->width = config.width;
        stream->codecpar->height = config.height;
        stream->time_base = {1, static_cast<int>(stream::video_time_scale)};
        indexes_[static_cast<std::size_t>(stream::Track::video)] = stream->index;
        return true;
    }

    bool add_audio(const codec::AacConfig& config) {
        auto* stream = avformat_new_stream(context_, nullptr);
        if (!stream || !set_extradata(*stream->codecpar, config.record)) return false;
        stream->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
        stream->codecpar->codec_id = AV_CODEC_ID_AAC;
        stream->codecpar->sample_rate = config.sample_rate;
        stream->codecpar->frame_size = static_cast<int>(stream::aac_frame_samples);
        av_channel_layout_default(&stream->codecpar->ch_layout, config.channels);
        stream->time_base = {1, config.sample_rate};
        indexes_[static_cast<std::size_t>(stream::Track::audio)] = stream->index;
        return true;
    }

    Result<> write_header() {
        AVDictionary* options = nullptr;
        // frag_discont with no edit list: a fragment's decode time is the packet's DTS, whenever the muxer was made.
        av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer", 0);
        av_dict_set(&options, "use_editlist", "0", 0);
        const int status = avformat_write_header(context_, &options);
        av_dict_free(&options);
        if (status < 0) return failed();
        header_written_ = true;
        avio_flush(context_->pb);
        init = std::exchange(output_, {});
        return {};
    }

    AVFormatContext* context_ = nullptr;
    AVPacket* packet_ = nullptr;
    bool header_written_ = false;
    std::array<int, 2> indexes_ = {-1, -1};  // by Track
    std::string output_;
};

Fmp4Muxer::Fmp4Muxer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fmp4Muxer::~Fmp4Muxer() = default;

Result<std::unique_ptr<Fmp4Muxer>> Fmp4Muxer::create(const stream::Tracks& tracks) {
    // Its messages are no JSON lines, and what matters of them is in the return codes.
    av_log_set_level(AV_LOG_QUIET);
    auto impl = std::make_unique<Impl>();
    if (const auto opened = impl->open(tracks); !opened) return opened.error();
    return std::unique_ptr<Fmp4Muxer>(new Fmp4Muxer(std::move(impl)));
}

const std::string& Fmp4Muxer::init() const { return impl_->init; }
Result<> Fmp4Muxer::write(const stream::Packet& packet) { return impl_->write(packet); }
Result<std::string> Fmp4Muxer::flush() { return impl_->flush(); }

}  // namespace livefair::hls
