#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

/// A real livefair-media with a real Redis, and what a test needs to publish to it and to watch it.
class Studio {
public:
    using Environment = std::map<std::string, std::string>;
    /// `environment`: settings besides ports and Redis (LIVEFAIR_MEDIA_GRACE_MS).
    explicit Studio(Environment environment = {});

    /// A stream key for `room`, known to Redis.
    std::string make_key(const std::string& room);
    /// Takes a key back, as the server does.
    void revoke(const std::string& key);

    struct Publishing {
        std::string key;
        int seconds = 60;
        std::string size = "320x180";
        std::vector<std::string> arguments = {};  ///< Added before the output's address.
        bool tls = false;                         ///< By RTMPS; the studio needs a certificate in its environment.
    };
    /// ffmpeg with a moving picture and a tone at real-time speed, a key frame each second.
    std::unique_ptr<Process> publish(const Publishing& publishing);

    net::HttpResponse get(const std::string& path, std::chrono::milliseconds deadline = std::chrono::seconds(20),
                          std::vector<std::pair<std::string, std::string>> headers = {});
    /// The media playlist; empty while there is none.
    std::string playlist(const std::string& room);
    /// The value of a metric without labels; -1 while there is none.
    double metric(const std::string& name);
    std::string url(const std::string& path) const;
    /// Redis' reply to one command.
    redis::Reply ask_redis(std::vector<std::string> command);

    /// kill -9, and a new start on the same ports.
    void kill9_and_restart();
    Process& media() { return *media_; }
    RedisServer& redis() { return redis_; }
    std::string log() const;
    int rtmp_port() const { return rtmp_port_; }
    /// 0 without a certificate.
    int rtmps_port() const { return rtmps_port_; }
    int hls_port() const { return hls_port_; }
    std::string file(const std::string& name) const { return folder_.file(name); }

private:
    void start();

    TemporaryFolder folder_;
    RedisServer redis_;
    Environment environment_;
    std::unique_ptr<Process> media_;
    net::asio::io_context context_;
    int hls_port_ = 0;
    int health_port_ = 0;
    int rtmp_port_ = 0;
    int rtmps_port_ = 0;
    int keys_ = 0;
    int publishers_ = 0;
};

/// Lines of `text` that begin with `start`.
std::vector<std::string> lines_with(const std::string& text, const std::string& start);
/// The number of a playlist's tag; 0 when it has none.
std::uint64_t number_of(const std::string& playlist, const std::string& tag);

}  // namespace livefair::test
