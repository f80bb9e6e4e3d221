#include "support/coded_frame.hpp"

extern "C" {
#include <libavformat/avformat.h>
}

#include <memory>
#include <stdexcept>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {
namespace {

std::string bytes_of(const std::uint8_t* data, int size) { return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}; }

}  // namespace

CodedFrame make_key_frame(const std::string& encoder, const std::string& size) {
    const TemporaryFolder folder;
    const auto path = folder.file("frame.mp4");
    Process::Options options;
    options.command = {"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=rate=25:size=" + size, "-frames:v", "1",
                       "-pix_fmt", "yuv420p", "-c:v", encoder, path};
    options.output_file = folder.file("ffmpeg.log");
    Process maker(std::move(options));
    if (maker.wait(std::chrono::seconds(60)) != 0) throw std::runtime_error("ffmpeg: " + maker.errors());

    AVFormatContext* file = nullptr;
    if (avformat_open_input(&file, path.c_str(), nullptr, nullptr) < 0) throw std::runtime_error("no MP4 was made");
    AVPacket* packet = av_packet_alloc();
    CodedFrame frame;
    if (av_read_frame(file, packet) >= 0) {
        const auto& parameters = *file->streams[0]->codecpar;
        frame = {bytes_of(parameters.extradata, parameters.extradata_size), bytes_of(packet->data, packet->size)};
    }
    av_packet_free(&packet);
    avformat_close_input(&file);
    return frame;
}

}  // namespace livefair::test
