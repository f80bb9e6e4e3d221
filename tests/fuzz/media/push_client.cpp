#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "push/client_session.hpp"

// What a platform sends after the handshake, cut after the first byte's count of bytes; media is sent as soon as it is taken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    livefair::push::ClientSession session({"live", "rtmp://a.example/live", "key", {"hvc1"}});
    static const std::string greeting = "\x03" + std::string(2 * 1536, 'x');
    static_cast<void>(session.feed(greeting));
    const std::size_t piece = 1u + bytes[0];
    for (std::size_t at = 1; at < size; at += piece) {
        static_cast<void>(session.feed(input.substr(at, piece)));
        if (session.is_started()) static_cast<void>(session.video(static_cast<std::uint32_t>(at), "head", input));
    }
    return 0;
}
