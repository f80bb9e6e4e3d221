// Any bytes, in pieces of a size that the first byte chooses: no message is larger than its limit, no text is not UTF-8.
#include "base/check.hpp"
#include "net/utf8.hpp"
#include "net/websocket_frame.hpp"

using livefair::net::FrameReader;
using Kind = livefair::net::WebSocketEvent::Kind;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece_size = 1 + data[0] % 64;
    const bool is_masked = data[0] < 128;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool may_deflate = (data[0] & 64) != 0;
    FrameReader reader(is_masked, {256, 16, may_deflate});
    for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
        auto piece = bytes.substr(at, piece_size);
        while (const auto event = reader.take(piece)) {
            if (event->kind == Kind::violation) return 0;
            LF_CHECK(event->bytes.size() <= (event->kind == Kind::text || event->kind == Kind::binary ? 256 : 125));
            LF_CHECK(event->kind != Kind::text || livefair::net::is_utf8(event->bytes));
        }
    }
    return 0;
}
