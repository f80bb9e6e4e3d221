#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "ingest/gate.hpp"
#include "net/shard.hpp"
#include "net/task.hpp"
#include "net/tls_server.hpp"
#include "rtmp/session.hpp"

namespace livefair::ingest {

/// One publisher's connection: socket, TLS if it came that way, RTMP session and the deadline that guards every wait. Lives on one shard; move_to() makes a
/// peer on another. Held by the coroutine that serves it; the watchdog holds it weakly.
class Peer : public std::enable_shared_from_this<Peer> {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `tls`: null for RTMP in the clear.
    Peer(net::asio::ip::tcp::socket socket, std::unique_ptr<net::TlsSession> tls, rtmp::ChunkLimits limits, std::string address, Gate::Ticket ticket);

    /// Arms the watchdog: by `deadline` the connection is closed, whatever it does.
    void guard_until(Time deadline);
    /// From now on silence for `idle` closes the connection.
    void guard_idle(std::chrono::milliseconds idle);

    /// From now on reads come on a clock of `paced_every`, which all publishers of a shard share, instead of with each packet:
    /// encoders write a frame in several pieces, and waking up for each costs more than all else that is done with it.
    void pace();

    /// Reads once and runs the session: writes what it sends, returns the other actions.
    /// Errors: Errc::closed (by the peer or abort()), timed_out (the watchdog), invalid_input (no TLS where it is due).
    net::Task<Result<rtmp::Actions>> read();
    net::Task<Result<rtmp::Actions>> accept_publish();
    /// Tells the publisher why (onStatus) and hangs up.
    net::Task<> refuse(std::string code, std::string description);
    /// Hangs up at once; a pending read ends with Errc::closed.
    void abort();

    const std::string& address() const { return address_; }
    /// Takes the connection to another shard. No read or write may be under way; this peer is dead afterwards.
    /// Errors: Errc::closed.
    Result<> detach();
    static std::shared_ptr<Peer> attach(net::Shard& shard, Peer&& detached);

private:
    net::Task<Result<std::size_t>> receive();
    net::Task<> wait_for_turn();
    net::Task<Result<std::string>> decrypt(std::string_view received);
    net::Task<Result<rtmp::Actions>> perform(rtmp::Actions actions);
    net::Task<Result<>> send(std::string bytes);
    net::Task<Result<>> write(std::string bytes);
    void watch();
    Errc why_closed() const { return timed_out_ ? Errc::timed_out : Errc::closed; }

    net::asio::ip::tcp::socket socket_;
    std::unique_ptr<net::TlsSession> tls_;
    net::asio::steady_timer watchdog_;
    net::asio::steady_timer turn_;
    rtmp::Session session_;
    std::string address_;
    Gate::Ticket ticket_;
    std::string buffer_;
    Time deadline_{};
    std::chrono::milliseconds idle_{0};
    bool timed_out_ = false;
    bool paced_ = false;
    bool more_waits_ = false;  // the last read filled the buffer
    int detached_ = -1;  // the socket's descriptor between detach() and attach()
};

}  // namespace livefair::ingest
