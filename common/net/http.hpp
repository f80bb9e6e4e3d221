#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "net/open_file.hpp"
#include "net/shard.hpp"
#include "net/task.hpp"

namespace livefair::net {

class WebSocketConnection;

struct HttpRequest {
    std::string method;                        ///< GET, HEAD, POST, PUT, DELETE, OPTIONS.
    std::string path;                          ///< Percent-decoded once; begins with '/'; no NUL, no backslash, no empty, "." or ".." segment.
    std::map<std::string, std::string> query;  ///< Decoded; the first of equal names counts.
    std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
    std::string body;
    std::string address;  ///< The client's; X-Forwarded-For's last entry when the peer is one of limits.proxy_addresses.

    /// The first header of this lower-case name; empty when there is none.
    std::string_view header(std::string_view name) const;
    /// The value of a cookie; empty when there is none.
    std::string_view cookie(std::string_view name) const;
    /// Whether an answer may come in gzip (RFC 9110 12.5.3).
    bool accepts_gzip() const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    /// Sent one after the other with one Content-Length; never copied. For HEAD only the length is sent.
    std::vector<SharedBytes> body;
    /// In place of `body`: sent in pieces as the client takes them, without holding up the shard.
    std::optional<FileBody> file;
    /// A 200 may be cut to the one range that the request asks for: 206, or 416 (RFC 9110 14). An If-Range holds for a strong ETag or the Last-Modified.
    bool ranges = false;
    /// A 200 goes out in gzip to who accepts it, with Vary; a strong ETag becomes weak. Bodies over 64 KiB only with `gzip_body`.
    bool compress = false;
    /// `body` in gzip, made once by who sends it often; null: packed for each answer.
    SharedBytes gzip_body;

    static HttpResponse text(int status, std::string body, std::string content_type = "application/json");
};

struct HttpOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::int64_t header_bytes_max = 8192;
    std::int64_t body_bytes_max = 65'536;
    /// A POST to this path may have a body of `large_body_bytes_max`; at most 8 such bodies are read at once, a ninth
    /// is answered 413. Empty: none may.
    std::string large_path = {};
    std::int64_t large_body_bytes_max = 0;
    std::int64_t handshake_ms = 5000;  ///< A request must be whole by then; 0-byte keep-alive connections may wait idle_ms.
    std::int64_t idle_ms = 60'000;
    std::int64_t connections_max = 20'000;
    std::int64_t connections_per_address = 50;
    std::int64_t message_bytes_max = 8192;         ///< Of one WebSocket message.
    std::vector<std::string> trusted_addresses;    ///< Free of connections_per_address.
    std::vector<std::string> proxy_addresses;
    std::vector<std::string> subprotocols;         ///< WebSocket subprotocols offered, best first; an upgrade that names none of them is refused with 400.
    bool websocket_deflate = false;                ///< permessage-deflate is agreed on with who offers it.
    std::function<bool(const HttpRequest&)> is_stream;    ///< A GET that is answered with server-sent events: refuses_upgrade and the handler of WebSockets are asked for it too.
    std::function<int(const HttpRequest&)> refuses_upgrade;  ///< Called on the shard: 0, or the status that a WebSocket or a stream is refused with.
};

/// Answers one request. Runs on the shard that accepted the connection; `request` lives in the coroutine frame.
using HttpHandler = std::function<Task<HttpResponse>(Shard& shard, HttpRequest request)>;
/// Takes over a WebSocket, or a stream of server-sent events: start() must be called, or the connection ends. On the shard that accepted it.
using WebSocketHandler = std::function<void(Shard& shard, HttpRequest request, std::shared_ptr<WebSocketConnection> connection)>;

/// HTTP/1.1 on every shard: one SO_REUSEPORT acceptor each. Bad input is answered (400, 405, 413, 431) and closes the connection.
/// Adds security headers that hold for every answer (nosniff, Referrer-Policy). Accepting pauses 100 ms at EMFILE.
class HttpServer {
public:
    /// `websocket_handler` may be empty: upgrades are then refused with 400.
    HttpServer(Shards& shards, HttpOptions options, HttpHandler http_handler, WebSocketHandler websocket_handler = {});
    ~HttpServer();
    /// Binds on all shards. Throws std::runtime_error that names address and port when it is busy (start-up only).
    void start();
    /// The bound port (after start(); differs from the option when that was 0).
    std::uint16_t port() const;
    /// Accepts no more; connections that wait for a next request are closed; the others end after their answer. Thread-safe.
    void stop_accepting();
    /// Open connections, WebSockets included. Thread-safe.
    std::int64_t connections() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace livefair::net
