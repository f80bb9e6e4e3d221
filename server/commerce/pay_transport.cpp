#include "commerce/pay_transport.hpp"

#include "net/http_client.hpp"

namespace livefair::commerce {

net::Task<Result<PayReply>> send_by_http(PayRequest request) {
    constexpr std::chrono::milliseconds deadline{5000};
    auto response = co_await net::http_request(std::move(request.method), std::move(request.url),
                                               std::move(request.headers), std::move(request.body), deadline);
    if (!response) co_return response.error();
    co_return PayReply{response->status, response->headers, std::string(net::body_of(*response))};
}

}  // namespace livefair::commerce
