#include "gateway/streams.hpp"

#include <google/protobuf/util/json_util.h>
#include <livefair/v1/socket.pb.h>

#include <boost/asio/co_spawn.hpp>
#include <charconv>

#include "base/check.hpp"
#include "base/random.hpp"
#include "gateway/answers.hpp"
#include "gateway/directory.hpp"
#include "gateway/session.hpp"

namespace livefair::gateway {
namespace {

std::optional<unsigned> shard_of(std::string_view id) {
    unsigned shard = 0;
    const auto [end, ec] = std::from_chars(id.data(), id.data() + id.size(), shard);
    if (ec != std::errc{} || end == id.data() + id.size() || *end != '.') return std::nullopt;
    return shard;
}

/// Runs on the session's shard.
net::Task<Result<>> hand_over(Directory& directory, std::string id, std::string message) {
    auto* session = directory.find_stream(id);
    if (session == nullptr) co_return make_error_code(Errc::not_found);
    co_return session->post(std::move(message));
}

int status_of(Errc code) {
    switch (code) {
        case Errc::not_found: return 404;
        case Errc::too_large: return 413;
        case Errc::too_many_requests: return 429;
        default: return 500;
    }
}

net::HttpResponse refuse(Errc code) {
    std::string json;
    LF_CHECK(google::protobuf::util::MessageToJsonString(failure(code).failure(), &json).ok());
    return net::HttpResponse::text(status_of(code), std::move(json));
}

}  // namespace

std::string make_stream_id(unsigned shard) { return std::to_string(shard) + "." + random_hex(16); }

net::Task<net::HttpResponse> post_to_stream(net::Shards& shards, std::function<Directory&(unsigned shard)> directory_of, net::HttpRequest request,
                                            std::int64_t message_bytes_max) {
    const std::string id(request.header("livefair-stream"));
    const auto shard = shard_of(id);
    if (!shard || *shard >= shards.size()) co_return refuse(Errc::not_found);
    if (std::ssize(request.body) > message_bytes_max) co_return refuse(Errc::too_large);
    auto handing_over = hand_over(directory_of(*shard), id, std::move(request.body));
    const auto taken = co_await net::asio::co_spawn(shards.at(*shard).executor(), std::move(handing_over), net::asio::use_awaitable);
    co_return taken ? net::HttpResponse::text(202, "{}") : refuse(to_errc(taken.error()));
}

}  // namespace livefair::gateway
