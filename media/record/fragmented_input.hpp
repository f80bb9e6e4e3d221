#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct AVFormatContext;

namespace livefair::record {

/// libavformat's mp4 demuxer over bytes that come one piece after the other (an init, then its segments). Not seekable.
class FragmentedInput {
public:
    /// `next`: the next piece; empty at the end. Called while packets are read.
    using Next = std::function<std::string()>;
    explicit FragmentedInput(Next next);
    ~FragmentedInput();
    FragmentedInput(const FragmentedInput&) = delete;
    FragmentedInput& operator=(const FragmentedInput&) = delete;

    /// Null when the bytes are no fragmented MP4.
    AVFormatContext* context() const { return context_; }

private:
    static int read(void* opaque, std::uint8_t* buffer, int size);

    Next next_;
    std::string piece_;
    std::size_t at_ = 0;
    AVFormatContext* context_ = nullptr;
};

}  // namespace livefair::record
