#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/aac.hpp"
#include "codec/avc.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(livefair::codec::parse_avc_config(bytes));
    static_cast<void>(livefair::codec::parse_aac_config(bytes));
    static_cast<void>(livefair::codec::is_avc_frame(bytes, 4));
    return 0;
}
