#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace livefair::bench {

/// Where and how a viewer connects.
struct Door {
    int port = 0;
    std::string path;
    std::string subprotocol = {};
    std::string headers = {};  ///< Whole lines.
    std::string hello = {};    ///< A binary message sent at once; empty: none.
};

/// Thousands of WebSocket viewers on one thread, on loopback: what their pages have, with as little of their own cost as can be.
/// Everything throws std::runtime_error when a server refuses or hangs up on a viewer.
class Audience {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Gets every message of every viewer, whole.
    using Listener = std::function<void(std::size_t viewer, std::string_view message, Time at)>;

    explicit Audience(Listener listener);
    ~Audience();

    /// Connects one more; returns its number, from 0 on. Blocks for the handshake.
    std::size_t enter(const Door& door);
    std::size_t size() const { return viewers_.size(); }
    /// Sends one masked message.
    void send(std::size_t viewer, std::string_view message, bool text = false);
    /// Reads what comes for at most `patience`; returns after the first that came.
    void turn(std::chrono::milliseconds patience);
    void run_for(std::chrono::milliseconds time);
    /// No more reading for this one, or again.
    void set_reading(std::size_t viewer, bool reads);
    void set_listener(Listener listener) { listener_ = std::move(listener); }
    /// Viewers whose connection the server has ended. With `may_end` that is no error.
    std::size_t ended() const { return ended_; }
    void allow_ends() { may_end_ = true; }
    /// The code of the close frame that a viewer got; 0: none.
    int close_code(std::size_t viewer) const { return viewers_[viewer].close_code; }

private:
    struct Viewer {
        int socket;
        int close_code = 0;
        std::string unread;  ///< Of a frame that is not whole yet.
    };
    void take(std::size_t index, std::string_view bytes, Time at);
    void take_frame(std::size_t index, int opcode, std::string_view payload, Time at);
    void end(std::size_t index);
    void send_frame(int socket, int opcode, std::string_view payload);

    Listener listener_;
    int poll_;
    std::vector<Viewer> viewers_;
    std::size_t ended_ = 0;
    bool may_end_ = false;
};

/// As many descriptors as the system allows this process.
void allow_many_descriptors();

}  // namespace livefair::bench
