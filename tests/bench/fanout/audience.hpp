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
    int receive_bytes = 0;     ///< SO_RCVBUF; 0: the system's.
};

/// Thousands of WebSocket viewers on one thread, on loopback: what their pages have, with as little of their own cost as can be.
/// Everything throws std::runtime_error when a server refuses a viewer, or hangs up on one and nobody listens for that.
class Audience {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Gets every message of every viewer, whole.
    using Listener = std::function<void(std::size_t viewer, std::string_view message, Time at)>;
    /// `code`: of the server's close frame; 0: none came.
    using HangUpListener = std::function<void(std::size_t viewer, int code)>;

    explicit Audience(Listener listener);
    ~Audience();

    /// Connects one more; returns its number, from 0 on. Blocks for the handshake.
    std::size_t enter(const Door& door);
    /// Connects a viewer again that the server has hung up on.
    void enter_again(std::size_t viewer, const Door& door);
    /// From now on nothing is read from its socket; for good.
    void freeze(std::size_t viewer);
    std::size_t size() const { return viewers_.size(); }
    /// Sends one masked message.
    void send(std::size_t viewer, std::string_view message, bool text = false);
    /// Reads what comes for at most `patience`; returns after the first that came.
    void turn(std::chrono::milliseconds patience);
    void run_for(std::chrono::milliseconds time);
    void set_listener(Listener listener) { listener_ = std::move(listener); }
    void on_hang_up(HangUpListener listener) { hang_up_listener_ = std::move(listener); }

private:
    struct Viewer {
        int socket;
        int close_code = 0;
        std::string unread;  ///< Of a frame that is not whole yet.
    };
    void open(std::size_t index, const Door& door);
    void hung_up(std::size_t index);
    void take(std::size_t index, std::string_view bytes, Time at);
    void take_frame(std::size_t index, int opcode, std::string_view payload, Time at);
    void send_frame(int socket, int opcode, std::string_view payload);

    Listener listener_;
    HangUpListener hang_up_listener_;
    int poll_;
    std::vector<Viewer> viewers_;
};

}  // namespace livefair::bench
