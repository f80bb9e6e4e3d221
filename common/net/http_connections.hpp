#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/admission.hpp"
#include "net/delivery.hpp"
#include "net/file_reader.hpp"
#include "net/http.hpp"
#include "net/request_reader.hpp"

namespace livefair::net {

struct WebSocketSettings;

/// What all connections of one HttpServer share, and the life of each. Their coroutines hold it, so it may outlive the HttpServer
/// and must own nothing of a shard. Private to common/net.
class Connections {
public:
    Connections(unsigned shard_count, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler);

    const HttpOptions& options() const { return options_; }
    std::int64_t count() const { return admissions_->total(); }
    /// From now on no connection waits for another request. Thread-safe.
    void begin_stop() { is_stopping_ = true; }
    /// Closes those that wait already. On the shard.
    void close_waiting(const Shard& shard);
    /// Reads no more files. While the shards still exist.
    void stop_files() { files_.stop(); }

    /// One connection from accept to end. Static, so that the coroutine's frame holds `self`.
    static Task<> serve(std::shared_ptr<Connections> self, Shard& shard, asio::ip::tcp::socket socket);

private:
    struct Connection;

    RequestReader::Limits reader_limits() const;
    std::string client_address(const Connection& connection, const HttpRequest& request) const;

    Task<> serve_requests(Connection& connection);
    /// Reads until a request is whole (or refused). need_more: the connection ended, or a deadline passed.
    Task<RequestReader::State> read_request(Connection& connection, bool is_first);
    Task<Result<>> receive(Connection& connection);
    /// Hands the request to the handler and writes its answer. False: the connection ends.
    Task<bool> answer(Connection& connection, HttpRequest request);
    Task<Result<>> write(Connection& connection, Delivery delivery, bool is_head, bool keeps_alive);
    /// Writes what the connection has room for, waits for room (idle_ms at most), writes on. After an error of this and of the next
    /// two the answer is short of bytes: the connection must end.
    Task<Result<>> write_all(Connection& connection, std::vector<asio::const_buffer> buffers);
    Task<Result<>> send_file(Connection& connection, FileBody body, std::uint64_t offset, std::uint64_t length);
    Task<Result<>> write_file(Connection& connection, FileBody body, std::uint64_t offset, std::uint64_t length);
    Task<> refuse(Connection& connection, HttpResponse response);
    /// Takes what the peer still sends, for a moment: closing with unread bytes would reset the connection and could
    /// destroy the answer on its way.
    Task<> linger(Connection& connection);
    Task<> upgrade(Connection& connection, HttpRequest request);
    /// Answers with `head` and hands the socket on; or refuses, when `refused_with` is not 0.
    Task<> take_over(Connection& connection, HttpRequest request, int refused_with, std::string head, std::shared_ptr<const WebSocketSettings> settings);

    const HttpOptions options_;
    const HttpHandler http_handler_;
    const WebSocketHandler websocket_handler_;
    const std::shared_ptr<Admissions> admissions_;
    const std::shared_ptr<std::atomic<int>> large_places_ = std::make_shared<std::atomic<int>>(8);
    /// WebSockets by the address that a proxy named; the proxy's connections count in admissions_.
    const std::shared_ptr<Admissions> proxied_;
    /// By subprotocol; under "" when there are none to agree on.
    std::shared_ptr<const WebSocketSettings> event_stream_settings_;
    /// By subprotocol, and whether permessage-deflate is agreed on.
    std::map<std::pair<std::string, bool>, std::shared_ptr<const WebSocketSettings>> websocket_settings_;
    std::atomic<bool> is_stopping_ = false;
    FileReader files_;
    /// By shard, each used on its shard alone: connections that wait for the first byte of a request.
    std::vector<std::set<Connection*>> waiting_;
};

}  // namespace livefair::net
