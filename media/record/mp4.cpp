#include "record/mp4.hpp"

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "hls/playlist.hpp"
#include "record/fragmented_input.hpp"

namespace livefair::record {
namespace {

constexpr AVRational microseconds{1, 1'000'000};

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Segments that follow each other without a break, under one init.
std::vector<SegmentRange> runs_of(const Recording& recording, SegmentRange range) {
    std::vector<SegmentRange> runs;
    for (auto i = range.begin; i < range.end; ++i) {
        const auto& segment = recording.segments[i];
        if (i == range.begin || segment.discontinuity || segment.init != recording.segments[i - 1].init) runs.push_back({i, i});
        runs.back().end = i + 1;
    }
    return runs;
}

class Mp4Writer {
public:
    explicit Mp4Writer(std::string path) : path_(std::move(path)) {}
    ~Mp4Writer() {
        av_packet_free(&packet_);
        if (!out_) return;
        if (out_->pb) avio_closep(&out_->pb);
        avformat_free_context(out_);
        if (!finished_) std::remove(path_.c_str());
    }

    bool open(const AVFormatContext& input) {
        if (!packet_ || avformat_alloc_output_context2(&out_, nullptr, "mp4", path_.c_str()) < 0) return false;
        for (unsigned i = 0; i < input.nb_streams; ++i) {
            auto* stream = avformat_new_stream(out_, nullptr);
            if (!stream || avcodec_parameters_copy(stream->codecpar, input.streams[i]->codecpar) < 0) return false;
            stream->codecpar->codec_tag = 0;
            stream->time_base = input.streams[i]->time_base;
        }
        if (avio_open(&out_->pb, path_.c_str(), AVIO_FLAG_WRITE) < 0) return false;
        AVDictionary* options = nullptr;
        av_dict_set(&options, "movflags", "faststart", 0);
        const int status = avformat_write_header(out_, &options);
        av_dict_free(&options);
        return status >= 0;
    }

    /// One run, moved so that it begins where the one before ended.
    bool add(AVFormatContext& input) {
        std::optional<std::int64_t> offset_us;
        const auto begin_us = end_us_;
        while (av_read_frame(&input, packet_) >= 0) {
            const auto index = static_cast<unsigned>(packet_->stream_index);
            if (index >= out_->nb_streams) return false;
            const auto from = input.streams[index]->time_base, to = out_->streams[index]->time_base;
            const auto dts_us = av_rescale_q(packet_->dts, from, microseconds);
            if (!offset_us) offset_us = begin_us - dts_us;
            const auto shift = av_rescale_q(*offset_us, microseconds, to);
            end_us_ = std::max(end_us_, dts_us + *offset_us + av_rescale_q(packet_->duration, from, microseconds));
            av_packet_rescale_ts(packet_, from, to);
            packet_->dts += shift;
            packet_->pts += shift;
            packet_->pos = -1;
            if (av_interleaved_write_frame(out_, packet_) < 0) return false;
        }
        return true;
    }

    bool finish() { return finished_ = av_write_trailer(out_) >= 0 && avio_closep(&out_->pb) >= 0; }

private:
    const std::string path_;
    AVFormatContext* out_ = nullptr;
    AVPacket* packet_ = av_packet_alloc();
    std::int64_t end_us_ = 0;
    bool finished_ = false;
};

}  // namespace

Result<> write_mp4(const std::string& folder, const Recording& recording, SegmentRange range, const std::string& path,
                   const std::function<bool(double)>& progress) {
    Mp4Writer writer(path);
    std::string first_init;
    std::size_t done = 0;
    bool stopped = false, missing = false;
    for (const auto& run : runs_of(recording, range)) {
        const auto init = read_file(folder + "/" + hls::init_name(recording.segments[run.begin].init));
        if (init.empty()) return make_error_code(Errc::not_found);
        if (!first_init.empty() && init != first_init) continue;
        auto next = run.begin;
        bool init_given = false;
        FragmentedInput input([&] {
            if (!init_given) return init_given = true, init;
            if (next == run.end || stopped) return std::string();
            stopped = !progress(static_cast<double>(done++) / static_cast<double>(range.end - range.begin));
            auto bytes = read_file(folder + "/" + hls::segment_name(recording.segments[next++].sequence));
            missing = missing || bytes.empty();
            return bytes;
        });
        if (!input.context()) return make_error_code(missing ? Errc::not_found : Errc::internal);
        if (first_init.empty() && !writer.open(*input.context())) return make_error_code(Errc::internal);
        first_init = init;
        if (!writer.add(*input.context())) return make_error_code(Errc::internal);
        if (missing) return make_error_code(Errc::not_found);
        if (stopped) return make_error_code(Errc::closed);
    }
    if (!writer.finish()) return make_error_code(Errc::internal);
    progress(1);
    return {};
}

}  // namespace livefair::record
