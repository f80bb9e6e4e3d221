// Any bytes, in pieces of a size that the first byte chooses, as replies of a server gone mad.
#include "redis/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece_size = 1 + data[0] % 64;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    livefair::redis::ReplyReader reader(64 * 1024);
    for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
        reader.feed(bytes.substr(at, piece_size));
        for (;;) {
            const auto reply = reader.next();
            if (!reply) return 0;
            if (!*reply) break;
        }
    }
    return 0;
}
