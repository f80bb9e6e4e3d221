#pragma once

#include "api/services.hpp"
#include "auth/roles.hpp"
#include "net/http.hpp"
#include "net/task.hpp"

namespace livefair::api {

/// Where tables of products are sent, which are larger than other bodies: limits.import_bytes_max.
constexpr const char* import_path = "/api/v1/products/import";

/// The HTTP API, the pages and the sandbox's payment page: docs/protocol.md sections 2 and 3. One per shard.
/// Every request passes, in this order: the address's rate limit, the route table, who is calling (cookie or bearer
/// token), the cross-site check, the role on the object, and the handler. Nothing escapes as an exception.
class Api {
public:
    explicit Api(Services services) : services_(std::move(services)) {}

    /// Answers one request. Runs on the shard that accepted it.
    net::Task<net::HttpResponse> handle(net::Shard& shard, net::HttpRequest request);

private:
    Services services_;
};

/// Who sent a request: the account of the bearer token, else of the cookie, else a guest. A token that no longer holds
/// makes a guest too. Also for the WebSocket's upgrade request; there a cookie counts only from an allowed Origin.
/// Errors: ledger_unavailable.
net::Task<Result<auth::Identity>> identify(Services& services, const net::HttpRequest& request);

}  // namespace livefair::api
