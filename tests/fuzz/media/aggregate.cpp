#include <cstddef>
#include <cstdint>
#include <string>

#include "rtmp/aggregate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::rtmp;
    static_cast<void>(split_aggregate({message_type::aggregate, 1, 0, std::string(reinterpret_cast<const char*>(data), size)}));
    return 0;
}
