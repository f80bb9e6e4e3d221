#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rtmp/chunk.hpp"

/// Chunks after the handshake; set-chunk-size messages are obeyed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::rtmp;
    ChunkReader reader({1 << 20, 2 << 20, 64});
    std::string_view input(reinterpret_cast<const char*>(data), size);
    while (!input.empty()) {
        const auto message = reader.next(input);
        if (!message) return 0;
        if (*message && (*message)->type == message_type::set_chunk_size && !(*message)->payload.empty())
            static_cast<void>(reader.set_chunk_size(static_cast<unsigned char>((*message)->payload[0])));
    }
    return 0;
}
