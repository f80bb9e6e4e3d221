#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/many_descriptors.hpp"
#include "bench/media/live_publisher.hpp"
#include "bench/media/measurements.hpp"
#include "bench/media/part_follower.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {
namespace {

using Time = HttpConnection::Time;

constexpr double goal_ms = 60;
constexpr int turns = 40;

/// Many connections that ask for the same at the same time, on one thread.
class Crowd {
public:
    Crowd(int port, int count) : poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (int i = 0; i < count; ++i) {
            players_.push_back({HttpConnection(port), {}, 0});
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u32 = static_cast<std::uint32_t>(i);
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, players_.back().connection.socket(), &event);
        }
    }
    ~Crowd() { ::close(poll_); }

    /// Everybody asks; returns when everybody has the whole answer: the time of each one's last byte.
    std::vector<Time> ask(const std::string& path) {
        for (auto& player : players_) {
            player.bytes.clear();
            player.length = 0;
            player.connection.ask(path);
        }
        std::vector<Time> done;
        std::array<epoll_event, 256> events;
        while (done.size() < players_.size()) {
            const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 20'000);
            if (count <= 0) throw std::runtime_error("players wait for ever");
            for (int i = 0; i < count; ++i)
                if (read(players_[events[static_cast<std::size_t>(i)].data.u32])) done.push_back(std::chrono::steady_clock::now());
        }
        return done;
    }

    /// The oldest answer. Each must hold the part of this number; who is served late may get a newer one than the others.
    std::string answer(std::uint64_t part) const {
        std::set<std::string_view> playlists;
        for (const auto& player : players_) {
            if (!player.bytes.starts_with("HTTP/1.1 200")) throw std::runtime_error("a player got " + player.bytes.substr(0, 40));
            playlists.insert(std::string_view(player.bytes).substr(player.bytes.find("\r\n\r\n") + 4));
        }
        const auto hint = [](std::string_view playlist) { return hinted_part(std::string(playlist)); };
        const auto oldest = std::min_element(playlists.begin(), playlists.end(), [&](auto a, auto b) { return hint(a) < hint(b); });
        if (hint(*oldest) <= part) throw std::runtime_error("a player got an older playlist than it asked for");
        return std::string(*oldest);
    }

private:
    struct Player {
        HttpConnection connection;
        std::string bytes;
        std::size_t length;
    };
    static bool read(Player& player) {
        std::array<char, 16384> buffer;
        const auto count = ::recv(player.connection.socket(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count <= 0) throw std::runtime_error("the server hung up on a player");
        player.bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (player.length == 0) player.length = answer_length(player.bytes);
        return player.length > 0 && player.bytes.size() >= player.length;
    }

    int poll_;
    std::vector<Player> players_;
};

/// A request for the second part after the next: the last of the players has asked before it comes, on a busy machine, too.
std::string request_after(const std::string& playlist) {
    const auto segments = test::lines_with(playlist, "#EXTINF:").size();
    const auto open = playlist.substr(playlist.rfind("#EXTINF:"));
    const auto sequence = test::number_of(playlist, "#EXT-X-MEDIA-SEQUENCE") + segments;
    return "/hls/crowd/live.m3u8?_HLS_msn=" + std::to_string(sequence) +
           "&_HLS_part=" + std::to_string(test::lines_with(open, "#EXT-X-PART:").size() + 2);
}

}  // namespace

void measure_waiting(const MediaOptions& options) {
    allow_many_descriptors();
    auto clip = test::FlvClip::parse(test::read_file(clip_file(options.clip_folder)));
    clip.duration_ms = 60'000;
    auto settings = memory_only();
    settings["LIVEFAIR_LIMITS_TRUSTED_ADDRESSES"] = "127.0.0.1";  // 50 connections are as many as one address may have
    test::Studio studio(std::move(settings));
    const LivePublisher publisher(studio.rtmp_port(), studio.make_key("crowd"), clip);
    if (!test::eventually([&] { return !studio.playlist("crowd").empty(); })) throw std::runtime_error("no playlist");
    auto playlist = studio.playlist("crowd");
    PartFollower follower(studio.hls_port(), "crowd", playlist);
    while (follower.next_number() < hinted_part(playlist)) static_cast<void>(follower.next(publisher));
    Crowd crowd(studio.hls_port(), options.players);
    Readings last_byte_ms, spread_ms;
    const double before = cpu_seconds(studio.media().pid());
    for (int turn = 0; turn < turns; ++turn) {
        playlist = studio.playlist("crowd");
        const auto done = crowd.ask(request_after(playlist));
        playlist = crowd.answer(hinted_part(playlist));
        PartFollower::Arrived arrived{};
        while (follower.next_number() < hinted_part(playlist)) arrived = follower.next(publisher);
        const auto ms_since = [](Time from, Time to) { return std::chrono::duration<double, std::milli>(to - from).count(); };
        for (const auto& at : done) last_byte_ms.values.push_back(ms_since(arrived.last_frame_sent, at));
        for (const auto& at : done) spread_ms.values.push_back(ms_since(done.front(), at));
    }
    const double server_us = (cpu_seconds(studio.media().pid()) - before) * 1e6 / (turns * options.players);
    const double p99 = last_byte_ms.quantile(0.99);
    std::printf("\n%d players wait for the same playlist, %d times; a playlist has %zu bytes; the server takes %.1f us of processor time for each request\n\n"
                "| to each player's last byte | p50 | p99 | longest | goal (p99) | |\n|---|---|---|---|---|---|\n"
                "| from the publisher's send of the part's last frame | %.1f ms | %.1f ms | %.1f ms | %.0f ms | %s |\n"
                "| from the first player's last byte | %.1f ms | %.1f ms | %.1f ms | | |\n",
                options.players, turns, playlist.size(), server_us, last_byte_ms.quantile(0.5), p99, last_byte_ms.quantile(1), goal_ms,
                p99 <= goal_ms ? "met" : "NOT MET", spread_ms.quantile(0.5), spread_ms.quantile(0.99), spread_ms.quantile(1));
}

}  // namespace livefair::bench
