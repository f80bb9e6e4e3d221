#pragma once

#include <memory>
#include <string>

#include "support/process.hpp"

namespace livefair::bench {

/// nginx and its workers, which a kill of the first alone would leave behind.
class Nginx {
public:
    explicit Nginx(test::Process::Options options) : process_(std::move(options)) {}
    ~Nginx() { process_.terminate(); }
    pid_t pid() const { return process_.pid(); }
    std::string output() const { return process_.output(); }

private:
    test::Process process_;
};

/// Starts nginx with this configuration in `folder` and waits until `port` takes connections. Throws std::runtime_error.
std::unique_ptr<Nginx> start_nginx(const std::string& folder, const std::string& configuration, int port);
/// Of the kernel's choice, on loopback.
int free_port();

}  // namespace livefair::bench
