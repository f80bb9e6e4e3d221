#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::test {

/// A PostgreSQL 15 of its own (Debian's package), on a unix socket in a temporary folder, run by user postgres where the
/// tests are root's: PostgreSQL refuses root. Ready when constructed. It keeps what it commits: fsync is on.
/// The first one of a build makes a folder with initdb, the others copy it.
class PostgresServer {
public:
    static bool is_installed();

    /// `settings`: lines for postgresql.conf.
    explicit PostgresServer(std::vector<std::string> settings = {});
    /// A standby that follows `primary` (pg_basebackup), synchronous when the primary asks for it as `name`.
    PostgresServer(const PostgresServer& primary, const std::string& name);
    ~PostgresServer();

    /// postgresql://postgres@/<database>?host=<folder>
    std::string url(const std::string& database = "postgres") const;
    /// One that tries `this` first, then `other`.
    std::string url_before(const PostgresServer& other) const;
    /// The folder of its socket.
    std::string socket_folder() const { return folder_.path().string(); }
    /// First column of the first row of an answer, as text; throws std::runtime_error.
    std::string ask(const std::string& sql, const std::string& database = "postgres") const;
    /// Adds a line to postgresql.conf; holds from the next restart on.
    void set(const std::string& line);
    /// ALTER SYSTEM SET `name` = `value`; returns when the server and its checkpointer, which decides whether commits wait for standbys, go by it.
    void change(const std::string& name, const std::string& value) const;

    /// SIGQUIT (no checkpoint, as in a crash), and waits until it is gone.
    void stop();
    void kill9();
    void restart();
    /// SIGSTOP to the server and all its processes; they take connections no more and answer nothing.
    void pause();
    void resume();

private:
    void start();
    std::string data() const { return folder_.file("data"); }

    TemporaryFolder folder_;
    std::unique_ptr<Process> process_;
};

}  // namespace livefair::test
