#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "hls/audio_only.hpp"

/// Two bytes with the length of an init segment, the init segment, a part: what is cut out is never larger than what it came from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::hls;
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto length = std::min<std::size_t>(static_cast<std::size_t>(data[0]) << 8 | data[1], size - 2);
    const auto init = bytes.substr(2, length), part = bytes.substr(2 + length);
    if (const auto audio = audio_only_init(init)) LF_CHECK(audio->size() <= init.size());
    static_cast<void>(audio_only_part(init, part));
    return 0;
}
