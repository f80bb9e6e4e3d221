// Any Range header: what is satisfiable lies within the body.
#include "base/check.hpp"
#include "net/byte_range.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX}) {
        const auto range = livefair::net::parse_range({reinterpret_cast<const char*>(data), size}, length);
        if (range.kind != livefair::net::ByteRange::Kind::satisfiable) continue;
        LF_CHECK(range.length > 0 && range.offset < length && range.length <= length - range.offset);
    }
    return 0;
}
