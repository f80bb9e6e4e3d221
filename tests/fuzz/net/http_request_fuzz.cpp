// Any bytes, in pieces of a size that the first byte chooses: requests that come out keep the promises of HttpRequest.
#include <algorithm>

#include "base/check.hpp"
#include "net/request_reader.hpp"

using livefair::net::RequestReader;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece_size = 1 + data[0] % 64;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    RequestReader reader({512, 16, 1024});
    for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
        auto piece = bytes.substr(at, piece_size);
        while (!piece.empty()) {
            const auto state = reader.read(piece);
            if (state == RequestReader::State::refused) return 0;
            if (state != RequestReader::State::complete) continue;
            const auto request = reader.take_request();
            LF_CHECK(request.path.front() == '/');
            LF_CHECK(request.path.find("/../") == std::string::npos && request.path.find("//") == std::string::npos);
            LF_CHECK(std::none_of(request.path.begin(), request.path.end(), [](char c) { return c == '\0' || c == '\\'; }));
            LF_CHECK(request.headers.size() <= 16 && request.body.size() <= 1024);
        }
    }
    return 0;
}
