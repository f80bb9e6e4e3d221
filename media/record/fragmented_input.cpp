#include "record/fragmented_input.hpp"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <cstring>
#include <utility>

namespace livefair::record {
namespace {

constexpr int io_buffer_bytes = 64 * 1024;

}  // namespace

FragmentedInput::FragmentedInput(Next next) : next_(std::move(next)) {
    av_log_set_level(AV_LOG_QUIET);
    auto* io = avio_alloc_context(static_cast<unsigned char*>(av_malloc(io_buffer_bytes)), io_buffer_bytes, 0, this, &FragmentedInput::read, nullptr, nullptr);
    context_ = avformat_alloc_context();
    context_->pb = io;
    // Frees the context, but not what we made, when it fails.
    if (avformat_open_input(&context_, nullptr, av_find_input_format("mp4"), nullptr) >= 0) return;
    av_freep(&io->buffer);
    avio_context_free(&io);
}

FragmentedInput::~FragmentedInput() {
    if (!context_) return;
    auto* io = context_->pb;
    avformat_close_input(&context_);
    av_freep(&io->buffer);
    avio_context_free(&io);
}

int FragmentedInput::read(void* opaque, std::uint8_t* buffer, int size) {
    auto& self = *static_cast<FragmentedInput*>(opaque);
    if (self.at_ == self.piece_.size()) {
        self.piece_ = self.next_();
        self.at_ = 0;
        if (self.piece_.empty()) return AVERROR_EOF;
    }
    const auto count = std::min(static_cast<std::size_t>(size), self.piece_.size() - self.at_);
    std::memcpy(buffer, self.piece_.data() + self.at_, count);
    self.at_ += count;
    return static_cast<int>(count);
}

}  // namespace livefair::record
