#include "bench/nginx.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "bench/media/http_connection.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {

int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    ::close(fd);
    return ntohs(address.sin_port);
}

std::unique_ptr<Nginx> start_nginx(const std::string& folder, const std::string& configuration, int port) {
    test::write_file(folder + "/nginx.conf", configuration);
    auto nginx = std::make_unique<Nginx>(test::Process::Options{
        {"nginx", "-p", folder, "-e", folder + "/nginx.err", "-c", folder + "/nginx.conf"}, {}, folder + "/nginx.out", {}});
    const bool answers = test::eventually([port] {
        try {
            HttpConnection probe(port);
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    });
    if (!answers) throw std::runtime_error("nginx did not start: " + nginx->output() + test::read_file(folder + "/nginx.err"));
    return nginx;
}

}  // namespace livefair::bench
