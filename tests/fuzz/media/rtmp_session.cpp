#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "rtmp/session.hpp"

/// A whole connection: the first byte gives the size of the pieces it comes in; a publish request is accepted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace livefair::rtmp;
    if (size == 0) return 0;
    Session session({1 << 20, 2 << 20, 64});
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    for (const std::size_t piece = data[0] + 1; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        for (const auto& action : session.feed(bytes.substr(0, piece)))
            if (std::holds_alternative<PublishRequested>(action)) session.accept_publish();
    return 0;
}
