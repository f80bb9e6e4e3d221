#include "support/postgres_server.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace livefair::test {
namespace {

namespace fs = std::filesystem;

const fs::path programs = "/usr/lib/postgresql/15/bin";
/// For slow machines that build or test something else meanwhile.
constexpr std::chrono::seconds patience{60};

/// The command as user postgres when we are root; it is killed with us all the same.
std::vector<std::string> as_postgres(std::vector<std::string> command) {
    if (::geteuid() != 0) return command;
    std::vector<std::string> whole{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=KILL", "--"};
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
}

void run(std::vector<std::string> command) {
    const TemporaryFolder folder;
    const auto name = command.front();
    Process process({std::move(command), {{"LC_ALL", "C"}}, folder.file("out"), {}});
    const auto status = process.wait(patience);
    if (status != 0) throw std::runtime_error(name + " failed: " + process.output());
}

void give_to_postgres(const fs::path& folder) {
    if (::geteuid() != 0) return;
    const auto* user = ::getpwnam("postgres");
    if (user == nullptr) throw std::runtime_error("there is no user postgres; install Debian's package postgresql-15");
    const auto give = [&](const fs::path& path) {
        if (::lchown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("can't give " + path.string() + " to postgres");
    };
    give(folder);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) give(entry.path());
}

/// initdb takes seconds, a copy of what it made tenths of one.
void copy_new_cluster(const fs::path& data) {
    const fs::path kept = fs::path(LIVEFAIR_BINARY_DIR) / "postgres-cluster";
    const auto lock = kept.string() + ".lock";
    const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::flock(fd, LOCK_EX) != 0) throw std::runtime_error("can't lock " + lock);
    try {
        if (!fs::exists(kept)) {
            const TemporaryFolder folder;
            give_to_postgres(folder.path());
            run(as_postgres({programs / "initdb", "--pgdata", folder.file("data"), "--username=postgres", "--auth=trust",
                             "--encoding=UTF8", "--locale=C", "--no-sync"}));
            fs::remove_all(kept.string() + ".new");
            fs::copy(folder.file("data"), kept.string() + ".new", fs::copy_options::recursive);
            fs::rename(kept.string() + ".new", kept);
        }
        fs::copy(kept, data, fs::copy_options::recursive);
    } catch (...) {
        ::close(fd);
        throw;
    }
    ::close(fd);
}

}  // namespace

bool PostgresServer::is_installed() {
    return fs::exists(programs / "postgres");
}

PostgresServer::PostgresServer(std::vector<std::string> settings) {
    copy_new_cluster(data());
    for (const auto& line : settings) set(line);
    start();
}

PostgresServer::PostgresServer(const PostgresServer& primary, const std::string& name) {
    give_to_postgres(folder_.path());
    run(as_postgres({programs / "pg_basebackup", "--pgdata", data(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
                     "--dbname=" + primary.url() + "&application_name=" + name}));
    start();
}

PostgresServer::~PostgresServer() {
    if (!process_) return;
    resume();
    stop();
}

std::string PostgresServer::url(const std::string& database) const {
    return "postgresql://postgres@/" + database + "?host=" + socket_folder();
}

std::string PostgresServer::url_before(const PostgresServer& other) const {
    return "postgresql://postgres@/postgres?host=" + socket_folder() + "," + other.socket_folder();
}

std::string PostgresServer::ask(const std::string& sql, const std::string& database) const {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url(database).c_str()), PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> answer(PQexec(connection.get(), sql.c_str()), PQclear);
    if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return {};
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQntuples(answer.get()) == 0 ? std::string() : PQgetvalue(answer.get(), 0, 0);
}

void PostgresServer::set(const std::string& line) {
    std::ofstream(data() + "/postgresql.conf", std::ios::app) << line << '\n';
}

void PostgresServer::change(const std::string& name, const std::string& value) const {
    ask("ALTER SYSTEM SET " + name + " = '" + value + "'");
    ask("SELECT pg_reload_conf()");
    // A new connection has the value only after the server signalled all its processes.
    if (!eventually([&] { return ask("SHOW " + name) == value; }, patience)) throw std::runtime_error(name + " did not change");
    // The checkpointer reads its settings between two checkpoints; the first may have begun before the signal.
    ask("CHECKPOINT");
    ask("CHECKPOINT");
}

void PostgresServer::start() {
    give_to_postgres(folder_.path());
    fs::permissions(data(), fs::perms::owner_all);
    process_ = std::make_unique<Process>(Process::Options{
        as_postgres({programs / "postgres", "-D", data(), "-k", socket_folder(), "-c", "listen_addresses=", "-c",
                     "shared_buffers=128MB", "-c", "max_connections=80", "-c", "autovacuum=off"}),
        {{"LC_ALL", "C"}}, folder_.file("postgres.log"), {}});
    const auto answers = [&] { return !process_->is_running() || PQping(url().c_str()) == PQPING_OK; };
    if (!eventually(answers, patience) || !process_->is_running())
        throw std::runtime_error("postgres did not start: " + process_->output());
}

void PostgresServer::stop() {
    process_->signal(SIGQUIT);
    process_->wait(patience);
}

void PostgresServer::kill9() {
    process_->signal(SIGKILL);
    process_->wait(patience);
}

void PostgresServer::restart() {
    if (process_->is_running()) stop();
    start();
}

/// Its processes share its session, whose number is the server's own.
void PostgresServer::pause() {
    process_->signal(SIGSTOP);
}

void PostgresServer::resume() {
    process_->signal(SIGCONT);
}

}  // namespace livefair::test
