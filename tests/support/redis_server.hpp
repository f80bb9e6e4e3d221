#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

/// A real redis-server with config/redis.conf, on a unix socket in a temporary folder of its own. Ready when constructed.
class RedisServer {
public:
    /// `arguments` are added to redis-server's command line ("--maxmemory", "10mb"), `environment` to its environment.
    explicit RedisServer(std::vector<std::string> arguments = {}, std::map<std::string, std::string> environment = {});
    ~RedisServer();

    const std::string& socket() const { return socket_; }
    /// Options for a redis::Client of this server.
    redis::Options options() const;
    const TemporaryFolder& folder() const { return folder_; }
    pid_t pid() const { return process_->pid(); }

    /// kill -9, and waits until it is gone.
    void kill9();
    /// Starts it again on the same folder and socket (its append-only file is read); waits until it answers.
    /// Stops it first, with kill -9, when it runs.
    void restart();
    /// SIGSTOP: it takes connections, but answers nothing until resume().
    void pause();
    void resume();

private:
    void start();

    TemporaryFolder folder_;
    std::string socket_;
    std::vector<std::string> arguments_;
    std::map<std::string, std::string> environment_;
    std::unique_ptr<Process> process_;
};

}  // namespace livefair::test
