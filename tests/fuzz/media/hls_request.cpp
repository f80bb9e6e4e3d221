#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hls/request.hpp"

/// A file name and two directives, separated by line ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto first = std::min(text.find('\n'), text.size()), second = std::min(text.find('\n', first + 1), text.size());
    livefair::hls::Snapshot snapshot;
    auto segment = std::make_shared<livefair::hls::Segment>();
    segment->sequence = 4;
    segment->init = std::make_shared<const livefair::hls::Init>();
    segment->parts.resize(3);
    snapshot.segments.push_back(std::move(segment));
    snapshot.next_sequence = 5;
    if (const auto resource = livefair::hls::parse_resource(text.substr(0, first)))
        static_cast<void>(livefair::hls::find_resource(snapshot, *resource));
    const auto request = livefair::hls::parse_playlist_request(
        {{"_HLS_msn", text.substr(first, second - first)}, {"_HLS_part", text.substr(second)}, {"_HLS_skip", text.substr(second)}});
    if (request) static_cast<void>(livefair::hls::judge_playlist(snapshot, *request, {202'000, 4}));
    return 0;
}
