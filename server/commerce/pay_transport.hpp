#pragma once

#include <functional>
#include <string>

#include "commerce/payment_provider.hpp"

namespace livefair::commerce {

/// One request to a provider, whole and signed.
struct PayRequest {
    std::string method;
    std::string url;
    PayHeaders headers;
    std::string body;
};
struct PayReply {
    int status = 0;
    PayHeaders headers;
    std::string body;
};
/// Carries a request there. Errors: any; the request may have had its effect.
using PayTransport = std::function<net::Task<Result<PayReply>>(PayRequest)>;
/// Plain HTTP, as livefair's own client speaks: to a simulator of the provider, never to the real one, which wants TLS.
net::Task<Result<PayReply>> send_by_http(PayRequest request);

}  // namespace livefair::commerce
