#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

/// Livefair as people run it: a real Redis, livefair-server and, when asked for, livefair-media, on free ports of the loopback,
/// with everything they keep in one temporary folder. A part that is started again keeps its ports.
class System {
public:
    /// Redis and livefair-server, ready. Throws std::runtime_error with the server's log when it does not come up.
    System();
    /// Stops both programs with SIGTERM. Fails the test when one does not end with status 0: a sanitizer found something, or it hung.
    ~System();

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::string health_url() const { return "http://127.0.0.1:" + std::to_string(health_port_); }
    std::string hls_url() const { return "http://127.0.0.1:" + std::to_string(hls_port_); }
    std::string rtmp_url() const { return "rtmp://127.0.0.1:" + std::to_string(rtmp_port_) + "/live"; }
    /// As printed at the first start.
    const std::string& operator_password() const { return operator_password_; }
    std::string ledger_path() const { return folder_.file("ledger.sqlite3"); }
    const TemporaryFolder& folder() const { return folder_; }
    RedisServer& redis() { return redis_; }
    Process& server() { return *server_; }
    Process& media() { return *media_; }

    void start_server();
    void start_media();
    /// kill -9, and waits until it is gone.
    static void kill9(Process& process);
    /// What both programs have logged: for a failed test.
    std::string logs() const;

private:
    std::unique_ptr<Process> start(const std::string& name, const std::string& program, const std::string& ready,
                                   std::map<std::string, std::string> environment);

    RedisServer redis_;
    TemporaryFolder folder_;
    std::string operator_password_;
    std::int64_t port_ = 0, health_port_ = 0, hls_port_ = 0, rtmp_port_ = 0, media_health_port_ = 0;
    int starts_ = 0;
    std::unique_ptr<Process> server_, media_;
};

/// The one number that `sql` selects in the SQLite file, read beside the running server. Throws std::runtime_error.
std::int64_t ledger_number(const std::string& path, const std::string& sql);

}  // namespace livefair::test
