#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "stream/stream.hpp"

/// A chain of tags, each with kind (1 byte), timestamp (4) and length (1) before it, through the whole stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const livefair::FakeClock clock;
    livefair::stream::Stream stream(clock, 202'000);
    stream.begin_run();
    livefair::ByteReader in({reinterpret_cast<const char*>(data), size});
    while (in.left() >= 6) {
        const auto kind = *in.big_endian(1);
        const auto timestamp = static_cast<std::uint32_t>(*in.big_endian(4));
        const auto body = std::string(*in.take(std::min<std::size_t>(*in.big_endian(1), in.left())));
        if (kind % 3 == 0) stream.on_data(body);
        if (kind % 3 == 1 && !stream.on_audio(timestamp, body)) return 0;
        if (kind % 3 == 2 && !stream.on_video(timestamp, body)) return 0;
    }
    return 0;
}
