#include "hls/fmp4_muxer.hpp"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <cstring>
#include <utility>

namespace livefair::hls {
namespace {

constexpr int io_buffer_bytes = 4096;

boost::system::error_code failed() { return make_error_code(Errc::internal); }

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

/// libavformat's mp4 muxer, as far as its header.
class HeaderMuxer {
public:
    ~HeaderMuxer() {
        if (!context_) return;
        if (header_written_) av_write_trailer(context_);  // frees the muxer's own state; its output goes nowhere
        if (context_->pb) {
            av_freep(&context_->pb->buffer);
            avio_context_free(&context_->pb);
        }
        avformat_free_context(context_);
    }

    Result<std::string> write(const stream::Tracks& tracks) {
        if (avformat_alloc_output_context2(&context_, nullptr, "mp4", nullptr) < 0) return failed();
        auto* buffer = static_cast<unsigned char*>(av_malloc(io_buffer_bytes));
        context_->pb = avio_alloc_context(buffer, io_buffer_bytes, 1, this, nullptr, &HeaderMuxer::on_write, nullptr);
        if (!context_->pb) return failed();
        context_->pb->seekable = 0;
        context_->flags |= AVFMT_FLAG_CUSTOM_IO;
        if (tracks.video && !add_video(*tracks.video)) return failed();
        if (tracks.audio && !add_audio(*tracks.audio)) return failed();
        return write_header();
    }

private:
    static int on_write(void* opaque, std::uint8_t* bytes, int size) {
        static_cast<HeaderMuxer*>(opaque)->output_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
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
        return true;
    }

    Result<std::string> write_header() {
        AVDictionary* options = nullptr;
        av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof+skip_trailer", 0);
        // Decode times are the packets' own from the first on.
        av_dict_set(&options, "use_editlist", "0", 0);
        const int status = avformat_write_header(context_, &options);
        av_dict_free(&options);
        if (status < 0) return failed();
        header_written_ = true;
        avio_flush(context_->pb);
        return std::exchange(output_, {});
    }

    AVFormatContext* context_ = nullptr;
    bool header_written_ = false;
    std::string output_;
};

}  // namespace

Result<std::unique_ptr<Fmp4Muxer>> Fmp4Muxer::create(const stream::Tracks& tracks) {
    // Its messages are no JSON lines, and what matters of them is in the return codes.
    av_log_set_level(AV_LOG_QUIET);
    auto init = HeaderMuxer().write(tracks);
    if (!init) return init.error();
    return std::unique_ptr<Fmp4Muxer>(new Fmp4Muxer(std::move(*init), tracks));
}

}  // namespace livefair::hls
