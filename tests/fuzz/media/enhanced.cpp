#include <cstddef>
#include <cstdint>
#include <string_view>

#include "flv/enhanced.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(livefair::flv::parse_enhanced_video(bytes));
    static_cast<void>(livefair::flv::parse_enhanced_audio(bytes));
    return 0;
}
