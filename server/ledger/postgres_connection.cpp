#include "ledger/postgres_connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <random>

namespace livefair::ledger::postgres {

namespace {

struct ClearAnswer {
    void operator()(PGresult* answer) const { PQclear(answer); }
};

constexpr int version_min = 150000;

/// The first column of the first row; empty when there is none.
std::string ask(PGconn* connection, const char* sql, std::string& why) {
    const std::unique_ptr<PGresult, ClearAnswer> answer(PQexec(connection, sql));
    if (PQresultStatus(answer.get()) == PGRES_TUPLES_OK && PQntuples(answer.get()) == 1)
        return PQgetvalue(answer.get(), 0, 0);
    why = PQerrorMessage(connection);
    return {};
}

/// Settings under which "committed" would not mean "on disk", or texts would be other texts. Empty: none.
std::string wrong_setting(PGconn* connection, std::string& why) {
    if (PQserverVersion(connection) < version_min) return "PostgreSQL 15 or newer is needed";
    struct Check {
        const char* sql;
        const char* wanted;
        const char* otherwise;
    };
    static constexpr Check checks[] = {
        {"SHOW fsync", "on", "fsync is off: a power cut would lose accepted orders; set fsync = on"},
        {"SHOW full_page_writes", "on",
         "full_page_writes is off: a power cut would spoil pages; set full_page_writes = on"},
        {"SELECT CASE WHEN current_setting('synchronous_commit') = 'off' THEN 'off' ELSE 'on' END", "on",
         "synchronous_commit is off: a crash would lose accepted orders; set synchronous_commit = on"},
        {"SHOW server_encoding", "UTF8", "the database's encoding is not UTF8; make it with ENCODING 'UTF8'"},
        {"SELECT datcollate FROM pg_database WHERE datname = current_database()", "C",
         "the database sorts texts by a language; make it with: CREATE DATABASE livefair TEMPLATE template0 ENCODING "
         "'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"},
    };
    for (const auto& check : checks) {
        const auto found = ask(connection, check.sql, why);
        if (found.empty()) return why;
        if (found != check.wanted) return check.otherwise;
    }
    return {};
}

/// The first 8 digits of a log file's name are its timeline, which rises when a standby is promoted.
std::int64_t timeline_of(PGconn* connection, std::string& why) {
    const auto file = ask(connection, "SELECT pg_walfile_name(pg_current_wal_lsn())", why);
    std::int64_t timeline = 0;
    if (file.size() >= 8) std::from_chars(file.data(), file.data() + 8, timeline, 16);
    return timeline;
}

}  // namespace

void CloseConnection::operator()(PGconn* connection) const {
    PQfinish(connection);
}

Connection connect(const std::string& url, Database::Mode mode, std::atomic<std::int64_t>& timeline, std::string& why) {
    struct FreeOptions {
        void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
    };
    if (!std::unique_ptr<PQconninfoOption, FreeOptions>(PQconninfoParse(url.c_str(), nullptr))) {
        // libpq's own words repeat the URL, which may hold a password.
        why = "the URL is not of the form postgresql://user@host:port/database";
        return nullptr;
    }
    // Those of the URL come last and win.
    const char* const names[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
                                 "keepalives_count", "target_session_attrs", "client_encoding", "application_name",
                                 "dbname", nullptr};
    const char* const values[] = {"5", "10000", "5", "2", "3", "read-write", "UTF8", "livefair", url.c_str(), nullptr};
    Connection connection(PQconnectdbParams(names, values, 1));
    if (PQstatus(connection.get()) != CONNECTION_OK) {
        why = PQerrorMessage(connection.get());
        return nullptr;
    }
    if (auto wrong = wrong_setting(connection.get(), why); !wrong.empty()) {
        why = std::move(wrong);
        return nullptr;
    }
    const auto found = timeline_of(connection.get(), why);
    if (found == 0) return nullptr;
    auto newest = timeline.load();
    while (found > newest && !timeline.compare_exchange_weak(newest, found)) {
    }
    if (found < newest) {
        why = "a standby was promoted over this server, whose rows are not the newest any more; end it";
        return nullptr;
    }
    // A program that was stopped in the middle of a transaction must not hold its rows for ever.
    std::string settings = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '5s'; ";
    settings += mode == Database::Mode::read_only
                    ? "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on"
                    : "SET default_transaction_isolation = 'serializable'";
    const std::unique_ptr<PGresult, ClearAnswer> set(PQexec(connection.get(), settings.c_str()));
    if (PQresultStatus(set.get()) != PGRES_COMMAND_OK) {
        why = PQerrorMessage(connection.get());
        return nullptr;
    }
    return connection;
}

void BackOff::failed() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    constexpr std::chrono::milliseconds longest{2000};
    const auto extra = std::uniform_int_distribution<std::int64_t>(0, delay_.count())(random);
    next_ = std::chrono::steady_clock::now() + delay_ + std::chrono::milliseconds(extra);
    delay_ = std::min(delay_ * 2, longest);
}

}  // namespace livefair::ledger::postgres
