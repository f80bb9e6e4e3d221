#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <thread>

#include "bench/media/http_connection.hpp"
#include "bench/media/live_publisher.hpp"
#include "bench/media/measurements.hpp"
#include "bench/media/peers.hpp"
#include "bench/media/process_figures.hpp"
#include "net/http_client.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {
namespace {

constexpr double goal = 1.3;
constexpr int clients = 8;
constexpr int window_seconds = 18;

/// Answers whose bodies are thrown away in the kernel (tcp(7), MSG_TRUNC): a client must not cost more than the server.
std::size_t fetch(HttpConnection& connection, const std::string& path) {
    connection.ask(path);
    std::string head;
    std::array<char, 4096> buffer;
    std::size_t length = 0;
    while (length == 0) {
        const auto count = ::recv(connection.socket(), buffer.data(), buffer.size(), 0);
        if (count <= 0) throw std::runtime_error("the server hung up");
        head.append(buffer.data(), static_cast<std::size_t>(count));
        length = answer_length(head);
    }
    if (!head.starts_with("HTTP/1.1 200")) throw std::runtime_error(path + ": " + head.substr(0, 40));
    const auto body = length - (head.find("\r\n\r\n") + 4);
    for (auto left = length - head.size(); left > 0;) {
        const auto count = ::recv(connection.socket(), nullptr, std::min<std::size_t>(left, 1 << 20), MSG_TRUNC);
        if (count <= 0) throw std::runtime_error("the server hung up within a segment");
        left -= static_cast<std::size_t>(count);
    }
    return body;
}

struct Server {
    const char* name;
    int port;
    pid_t pid;
    Readings cpu_per_gb = {};
};

/// Every client fetches every file in turn until the time is over; each answer must have the file's length.
void measure_once(Server& server, const std::map<std::string, std::string>& files, int seconds) {
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<bool> wrong = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    const double before = cpu_seconds(server.pid);
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&] {
            HttpConnection connection(server.port);
            while (std::chrono::steady_clock::now() < end && !wrong)
                for (const auto& [path, content] : files) {
                    const auto received = fetch(connection, path);
                    if (received != content.size()) wrong = true;
                    bytes += received;
                }
        });
    for (auto& thread : threads) thread.join();
    if (wrong) throw std::runtime_error(std::string(server.name) + ": a segment of another length");
    const double used = cpu_seconds(server.pid) - before;
    const double gb = static_cast<double>(bytes) / 1e9;
    server.cpu_per_gb.values.push_back(used / gb);
    std::printf("  %-10s %.3f CPU-s per GB; %.1f GB\n", server.name, used / gb, gb);
    std::fflush(stdout);
}

/// The complete segments of the room, by path.
std::map<std::string, std::string> segments_of(test::Studio& studio, const std::string& room) {
    std::map<std::string, std::string> files;
    for (const auto& line : test::lines_with(studio.playlist(room), "seg_")) {
        const auto path = "/hls/" + room + "/" + line;
        files[path] = net::body_of(studio.get(path));
    }
    if (files.size() < 5) throw std::runtime_error("too few segments");
    return files;
}

}  // namespace

void measure_delivery(const MediaOptions& options) {
    auto clip = test::FlvClip::parse(test::read_file(clip_file(options.clip_folder)));
    clip.duration_ms = 60'000;
    test::Studio studio(memory_only());
    {
        const LivePublisher publisher(studio.rtmp_port(), studio.make_key("shop"), clip);
        std::this_thread::sleep_for(std::chrono::seconds(window_seconds));
    }
    // The publisher has gone, so that its cost is not in the figures; within the grace time the segments stay.
    const auto files = segments_of(studio, "shop");
    const MemoryFolder folder;
    for (const auto& [path, content] : files) test::write_file(folder.path() + "/files" + path, content);
    const int port = free_port();
    const auto nginx = start_nginx(folder.path(),
                                   "worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err warn;\n"
                                   "events { worker_connections 1024; }\n"
                                   "http { access_log off; sendfile on; tcp_nopush on; default_type video/mp4; keepalive_requests 1000000;\n"
                                   "  server { listen 127.0.0.1:" + std::to_string(port) + "; root " + folder.path() + "/files; } }\n",
                                   port);
    Server peer{"nginx", port, nginx->pid()};
    Server ours{"Livefair", studio.hls_port(), studio.media().pid()};
    for (const auto& [path, content] : files)
        if (HttpConnection(port).get(path).body != content) throw std::runtime_error("nginx serves other bytes: " + path);
    const int seconds = std::max(options.seconds / 5, 2);
    std::printf("\nDelivery of %zu segments, over and over, to %d clients; %d s each, %d rounds there and back\n", files.size(), clients, seconds,
                options.rounds);
    for (int round = 0; round < options.rounds; ++round) {
        measure_once(round % 2 == 0 ? peer : ours, files, seconds);
        measure_once(round % 2 == 0 ? ours : peer, files, seconds);
    }
    const double ratio = ours.cpu_per_gb.median() / peer.cpu_per_gb.median();
    std::printf("\n| server | CPU-s per GB, median (range) | ratio | goal | |\n|---|---|---|---|---|\n| nginx, sendfile | %s | 1.00 | | |\n"
                "| Livefair | %s | %.2f | %.1f | %s |\n",
                peer.cpu_per_gb.text(3).c_str(), ours.cpu_per_gb.text(3).c_str(), ratio, goal, ratio <= goal ? "met" : "NOT MET");
}

}  // namespace livefair::bench
