#include "ledger/backup.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "ledger/database.hpp"
#include "ledger/lock_file.hpp"
#include "ledger/migrations.hpp"
#include "ledger/postgres_database.hpp"

namespace livefair::ledger {

namespace {

namespace fs = std::filesystem;

std::unique_ptr<Database> open_or_throw(const std::string& location, Database::Mode mode) {
    std::string why;
    auto opened = Database::open(location, mode, {}, &why);
    if (!opened) throw std::runtime_error("the ledger can't be opened: " + why);
    return std::move(*opened);
}

template <class T>
T value_or_throw(Result<T> result, Database& database) {
    if (!result) throw std::runtime_error("the ledger could not be used: " + database.error_text());
    return std::move(*result);
}
void value_or_throw(Result<> result, Database& database) {
    if (!result) throw std::runtime_error("the ledger could not be used: " + database.error_text());
}

BackupFacts read_facts(Database& database) {
    const auto number = [&](const char* sql) {
        return value_or_throw(database.query(sql), database).front().integer(0);
    };
    BackupFacts facts;
    facts.schema_version = number("SELECT max(version) FROM schema_migrations");
    facts.orders = number("SELECT count(*) FROM orders");
    const auto shows = value_or_throw(
        database.query("SELECT t.show_id, t.stream_id, (SELECT count(*) FROM orders o WHERE o.show_id = t.show_id) "
                       "FROM tills t ORDER BY t.show_id"),
        database);
    for (const auto& row : shows) facts.shows.push_back({row.text(0), row.text(1), row.integer(2)});
    return facts;
}

void refuse_newer(const BackupFacts& facts) {
    if (facts.schema_version > static_cast<std::int64_t>(known_migrations().size()))
        throw std::runtime_error("the backup was written by a newer version; restore it with that version");
}

/// Nobody projects, and every till is opened anew under an epoch that was never used.
void make_ready(Database& database) {
    value_or_throw(database.begin(), database);
    value_or_throw(database.execute("UPDATE tills SET run_id = '', epoch = epoch + 1000"), database);
    value_or_throw(database.execute("DELETE FROM projectors"), database);
    value_or_throw(database.commit(), database);
}

void sync_or_throw(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!is_synced) throw std::runtime_error(path.string() + " could not be brought to disk");
}

/// Gives the finished file its name. Removes what was not finished.
class NewFile {
public:
    explicit NewFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
        if (fs::exists(path_)) throw std::runtime_error(path_ + " is there already; name another file");
        fs::remove(part_);
    }
    ~NewFile() {
        std::error_code ignored;
        fs::remove(part_, ignored);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    const std::string& part() const { return part_; }
    void finish() {
        sync_or_throw(part_);
        fs::rename(part_, path_);
        const auto folder = fs::path(path_).parent_path();
        sync_or_throw(folder.empty() ? fs::path(".") : folder);
    }

private:
    std::string path_, part_;
};

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

Connection open_file(const std::string& path, int flags) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    Connection connection(raw);
    if (code != SQLITE_OK) throw std::runtime_error(path + " can't be opened: " + sqlite3_errstr(code));
    sqlite3_busy_timeout(raw, 5000);
    return connection;
}

/// All of `from` at one moment, in one step: with smaller ones it would begin anew at each commit in between.
void copy_file(const std::string& from, const std::string& to) {
    const auto source = open_file(from, SQLITE_OPEN_READONLY);
    const auto target = open_file(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    auto* copying = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (copying == nullptr) throw std::runtime_error(to + ": " + sqlite3_errmsg(target.get()));
    const int stepped = sqlite3_backup_step(copying, -1);
    const int finished = sqlite3_backup_finish(copying);
    if (stepped != SQLITE_DONE || finished != SQLITE_OK)
        throw std::runtime_error(from + " could not be copied: " + sqlite3_errstr(stepped == SQLITE_DONE ? finished : stepped));
    // One file, without a log beside it.
    if (sqlite3_exec(target.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(to + ": " + sqlite3_errmsg(target.get()));
}

void check_file(Database& database, const std::string& name) {
    const auto intact = value_or_throw(database.query("PRAGMA integrity_check"), database);
    if (intact.front().text(0) != "ok") throw std::runtime_error(name + " is damaged: " + intact.front().text(0));
    if (!value_or_throw(database.query("PRAGMA foreign_key_check"), database).empty())
        throw std::runtime_error(name + " has rows that refer to missing ones");
}

/// Runs a program of PostgreSQL's with the connection of `url` in its environment, where a password is seen by this user
/// alone, not in its arguments.
void run_program(std::vector<std::string> command, const std::string& url) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    auto* options = PQconninfoParse(url.c_str(), nullptr);
    if (options == nullptr) throw std::runtime_error("ledger.url is not of the form postgresql://user@host:port/database");
    for (auto* option = options; option->keyword != nullptr; ++option) {
        if (option->val != nullptr && option->envvar != nullptr)
            environment.push_back(std::string(option->envvar) + "=" + option->val);
    }
    PQconninfoFree(options);
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (auto& text : texts) all.push_back(text.data());
        all.push_back(nullptr);
        return all;
    };
    // Of two of one name the first holds.
    std::reverse(environment.begin(), environment.end());
    pid_t child = 0;
    const int failed =
        ::posix_spawnp(&child, command.front().c_str(), nullptr, nullptr, pointers(command).data(), pointers(environment).data());
    int status = 0;
    if (failed == 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    throw std::runtime_error(command.front() + (failed != 0 ? " can't be started; install Debian's package postgresql-client"
                                                            : " failed; what it said is above"));
}

bool is_archive(const std::string& file) {
    std::string begin(5, '\0');
    std::ifstream(file, std::ios::binary).read(begin.data(), 5);
    return begin == "PGDMP";
}

BackupFacts dump(const std::string& url, const std::string& file) {
    NewFile archive(file);
    auto database = open_or_throw(url, Database::Mode::read_only);
    value_or_throw(database->begin(), *database);
    // The moment that pg_dump copies has to live until it has begun.
    value_or_throw(database->run_script("SET LOCAL idle_in_transaction_session_timeout = 0"), *database);
    const auto moment = value_or_throw(database->query("SELECT pg_export_snapshot()"), *database).front().text(0);
    auto facts = read_facts(*database);
    run_program({"pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot=" + moment, "--file=" + archive.part()}, url);
    database->rollback();
    // Reads all of it.
    run_program({"pg_restore", "--file=/dev/null", archive.part()}, url);
    archive.finish();
    return facts;
}

BackupFacts restore_archive(const std::string& file, const std::string& url) {
    auto database = open_or_throw(url, Database::Mode::read_write);
    const auto tables = value_or_throw(
        database->query("SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"),
        *database);
    if (tables.front().integer(0) != 0)
        throw std::runtime_error("the database of ledger.url has tables; a backup is restored into an empty one");
    const auto name = value_or_throw(database->query("SELECT current_database()"), *database).front().text(0);
    run_program({"pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname=" + name, file}, url);
    const auto facts = read_facts(*database);
    refuse_newer(facts);
    make_ready(*database);
    return facts;
}

BackupFacts restore_file(const std::string& file, const std::string& path) {
    const auto lock = lock_ledger(path);
    if (fs::exists(path + "-wal")) throw std::runtime_error(path + "-wal is there already; move it away with its ledger");
    NewFile ledger(path);
    copy_file(file, ledger.part());
    BackupFacts facts;
    {
        auto database = open_or_throw(ledger.part(), Database::Mode::read_write);
        check_file(*database, file);
        facts = read_facts(*database);
        refuse_newer(facts);
        make_ready(*database);
        value_or_throw(database->run_script("PRAGMA journal_mode=DELETE"), *database);
    }
    ledger.finish();
    return facts;
}

}  // namespace

BackupFacts back_up(const std::string& location, const std::string& file) {
    if (is_postgres(location)) return dump(location, file);
    if (!fs::exists(location)) throw std::runtime_error("there is no ledger at " + location);
    NewFile copy(file);
    copy_file(location, copy.part());
    BackupFacts facts;
    {
        auto database = open_or_throw(copy.part(), Database::Mode::read_only);
        check_file(*database, file);
        facts = read_facts(*database);
    }
    copy.finish();
    return facts;
}

BackupFacts restore(const std::string& file, const std::string& location) {
    if (!fs::exists(file)) throw std::runtime_error("there is no file " + file);
    if (is_archive(file) != is_postgres(location))
        throw std::runtime_error(is_archive(file)
                                     ? file + " is of a ledger in PostgreSQL: set ledger.url to an empty database"
                                     : file + " is of a ledger in an SQLite file: leave ledger.url empty");
    return is_archive(file) ? restore_archive(file, location) : restore_file(file, location);
}

}  // namespace livefair::ledger
