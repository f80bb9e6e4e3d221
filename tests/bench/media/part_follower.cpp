#include "bench/media/part_follower.hpp"

#include <stdexcept>

#include "bench/media/fragment_reader.hpp"

namespace livefair::bench {
namespace {

/// "part_1234_56.m4s" of the preload hint.
std::string hinted_name(const std::string& playlist) {
    constexpr std::string_view before = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
    const auto at = playlist.find(before);
    if (at == std::string::npos) throw std::runtime_error("a playlist without a preload hint");
    const auto begin = at + before.size();
    return playlist.substr(begin, playlist.find('"', begin) - begin);
}

}  // namespace

std::uint64_t hinted_part(const std::string& playlist) {
    const auto name = hinted_name(playlist);
    return std::stoull(name.substr(name.rfind('_') + 1));
}

PartFollower::PartFollower(int hls_port, std::string room, const std::string& playlist) : connection_(hls_port) {
    const auto name = hinted_name(playlist);
    name_ = "/hls/" + std::move(room) + "/" + name.substr(0, name.rfind('_') + 1);
}

PartFollower::Arrived PartFollower::next(const LivePublisher& publisher) {
    const auto answer = connection_.get(name_ + std::to_string(number_) + ".m4s");
    if (answer.status != 200) throw std::runtime_error("part " + std::to_string(number_) + ": status " + std::to_string(answer.status));
    ++number_;
    frames_ += read_fragment(answer.body).video.samples;
    return {publisher.sent(frames_ - 1), answer.first_byte};
}

}  // namespace livefair::bench
