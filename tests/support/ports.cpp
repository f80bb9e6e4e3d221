#include "support/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <random>

namespace livefair::test {

std::vector<std::uint16_t> free_ports(std::size_t count) {
    namespace asio = boost::asio;
    static std::random_device random;
    std::uniform_int_distribution<int> any(10'000, 32'000);
    asio::io_context context;
    std::vector<asio::ip::tcp::acceptor> held;
    std::vector<std::uint16_t> ports;
    while (ports.size() < count) {
        const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(any(random)));
        auto& acceptor = held.emplace_back(context, endpoint.protocol());
        boost::system::error_code error;
        acceptor.bind(endpoint, error);
        if (!error) ports.push_back(endpoint.port());
    }
    return ports;
}

}  // namespace livefair::test
