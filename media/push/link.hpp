#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/errc.hpp"
#include "net/rtmp_url.hpp"
#include "net/task.hpp"

namespace livefair::push {

using Endpoints = std::vector<net::asio::ip::tcp::endpoint>;

/// Looks up the host; only addresses that may be used are left.
/// Errors: Errc::not_found (no such name), forbidden (none of its addresses is public and `allow_private` is false).
net::Task<Result<Endpoints>> resolve(net::RtmpUrl url, bool allow_private);

/// A connection to a target, in the clear or over TLS (certificate and name are checked). Lives on one executor. Has no deadlines of
/// its own: close() ends what is under way with Errc::closed.
class Link {
public:
    static std::unique_ptr<Link> make(const net::asio::any_io_executor& executor, const net::RtmpUrl& url);
    virtual ~Link() = default;

    /// To the first that answers, among these alone: they have been checked. Errors: Errc::closed, unauthenticated (TLS: not who it says it is).
    virtual net::Task<Result<>> connect(Endpoints endpoints) = 0;
    virtual net::Task<Result<std::size_t>> read_some(char* into, std::size_t size) = 0;
    /// All of `bytes`, which outlive the call.
    virtual net::Task<Result<>> write(std::string_view bytes) = 0;
    virtual void close() = 0;
};

}  // namespace livefair::push
