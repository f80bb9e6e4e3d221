#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rtmp/amf3.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(livefair::rtmp::read_amf3({reinterpret_cast<const char*>(data), size}, {}));
    return 0;
}
