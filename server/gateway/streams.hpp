#pragma once

#include <functional>
#include <string>

#include "net/http.hpp"
#include "net/shard.hpp"

/// Server-sent events, for networks that break WebSockets: GET /api/v1/stream sends what a WebSocket would, in JSON, and what the client has to say comes
/// by POST to the same path, one ClientMessage in JSON a request, with the id that the stream's first message (Welcome) has given.
namespace livefair::gateway {

class Directory;

constexpr std::string_view stream_path = "/api/v1/stream";

/// A secret that says on which shard its session is.
std::string make_stream_id(unsigned shard);

/// Answers a POST: 202 when the session has the message, whose answer comes by the stream; 404 when this program has no such stream (any more),
/// 413, 429. On any shard; `directory_of` is of the shard whose index it gets.
net::Task<net::HttpResponse> post_to_stream(net::Shards& shards, std::function<Directory&(unsigned shard)> directory_of, net::HttpRequest request,
                                            std::int64_t message_bytes_max);

}  // namespace livefair::gateway
