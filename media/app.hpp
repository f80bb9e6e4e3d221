#pragma once

#include <memory>

#include "base/config.hpp"

namespace livefair::media {

/// livefair-media, put together: shards, RTMP ingest, HLS origin, health port. Owned by main.
class App {
public:
    explicit App(Config config);
    ~App();
    /// Opens the three ports and starts the threads. Throws std::runtime_error when a port is busy.
    void start();
    /// One line of JSON with the ports, for whoever started the program.
    std::string ready_line() const;
    /// Takes no new connections, ends the publishers, lets answers under way finish (at most server.drain_ms), stops the threads.
    void drain();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::media
