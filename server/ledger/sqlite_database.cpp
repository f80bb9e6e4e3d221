#include "ledger/sqlite_database.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <iterator>
#include <span>
#include <unordered_map>

#include "base/check.hpp"

namespace livefair::ledger {

namespace {

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

constexpr std::size_t statements_max = 256;
/// Longest wait for another program's transaction.
constexpr int busy_ms = 5000;

Value read_column(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return std::monostate{};
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        default: {
            // Text before bytes: SQLite converts on the first call and counts on the second.
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
            const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return text == nullptr ? std::string() : std::string(text, bytes);
        }
    }
}

int bind(sqlite3_stmt* statement, int index, const ValueView& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *integer);
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        // Without an address it would be NULL.
        const char* bytes = text->data() == nullptr ? "" : text->data();
        return sqlite3_bind_text64(statement, index, bytes, text->size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, index);
}

/// `code` is an extended one.
Trouble trouble_of(int code) {
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return Trouble::rule;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Trouble::unwritten;
        default:
            break;
    }
    switch (code) {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_FSYNC:
        case SQLITE_IOERR_DIR_FSYNC:
        case SQLITE_IOERR_TRUNCATE:
        case SQLITE_IOERR_COMMIT_ATOMIC:
            return Trouble::unwritten;
        default:
            return Trouble::other;
    }
}

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(Connection connection, std::string path, Mode mode, std::int64_t wal_bytes_max)
        : connection_(std::move(connection)), wal_(path + "-wal"), mode_(mode), wal_bytes_max_(wal_bytes_max) {}

    /// The settings without which "committed" would mean less, set and read back.
    Result<> set_up() {
        if (mode_ == Mode::read_only) return run_script("PRAGMA query_only=ON");
        const auto set = run_script(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA "
            "journal_size_limit=67108864; PRAGMA wal_autocheckpoint=16384; PRAGMA cache_size=-65536; PRAGMA "
            "temp_store=MEMORY");
        if (!set) return set.error();
        const auto journal = query("PRAGMA journal_mode", {});
        if (!journal) return journal.error();
        const auto synchronous = query("PRAGMA synchronous", {});
        if (!synchronous) return synchronous.error();
        constexpr std::int64_t full = 2;
        if (journal->front().text(0) != "wal" || synchronous->front().integer(0) < full)
            return failed(Trouble::other, "SQLite can't keep a write-ahead log with synchronous=FULL here");
        // What a program before us could not fsync may be in the kernel's memory alone, and read as if it were on disk:
        // written to the file anew, it is.
        const auto written_back = query("PRAGMA wal_checkpoint(TRUNCATE)", {});
        if (!written_back) return written_back.error();
        return {};
    }

    Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> params) override {
        auto prepared = prepare(sql);
        if (!prepared) return prepared.error();
        return run(*prepared, views_of(params));
    }

    Result<std::vector<Row>> query_each(std::string_view sql, const std::vector<std::string>& keys) override {
        auto prepared = prepare(sql);
        if (!prepared) return prepared.error();
        std::vector<Row> all;
        for (const auto& key : keys) {
            const ValueView param = key;
            auto rows = run(*prepared, {&param, 1});
            if (!rows) return rows.error();
            std::move(rows->begin(), rows->end(), std::back_inserter(all));
        }
        return all;
    }

    Result<std::int64_t> execute(std::string_view sql, std::vector<Value> params) override {
        const auto rows = query(sql, std::move(params));
        if (!rows) return rows.error();
        return static_cast<std::int64_t>(sqlite3_changes64(connection_.get()));
    }

    Result<std::int64_t> execute_rows(std::string_view sql, std::size_t count, const FillRow& fill) override {
        if (count == 0) return 0;
        auto prepared = prepare(sql);
        if (!prepared) return prepared.error();
        std::int64_t changed = 0;
        std::vector<ValueView> row;
        for (std::size_t i = 0; i < count; ++i) {
            row.clear();
            fill(i, row);
            const auto done = run(*prepared, row);
            if (!done) return done.error();
            changed += static_cast<std::int64_t>(sqlite3_changes64(connection_.get()));
        }
        return changed;
    }

    Result<> run_script(const std::string& sql) override {
        if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed_here();
        return {};
    }

    Result<> begin() override {
        clear_trouble();
        if (mode_ == Mode::read_only) return run_script("BEGIN");
        if (const auto bounded = bound_wal(); !bounded) return bounded.error();
        return run_script("BEGIN IMMEDIATE");
    }
    Result<> begin_alone() override { return begin(); }
    Result<> commit() override {
        const auto committed = run_script("COMMIT");
        if (!committed && trouble() == Trouble::unwritten) return make_error_code(Errc::timed_out);
        return committed;
    }
    void rollback() override {
        // Some errors have ended the transaction already.
        if (sqlite3_get_autocommit(connection_.get()) != 0) return;
        (void)sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }

    Result<std::int64_t> now_ms() override {
        const auto rows = query("SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)", {});
        if (!rows) return rows.error();
        return rows->front().integer(0);
    }
    bool is_file() const override { return true; }

private:
    boost::system::error_code failed_here() {
        return failed(trouble_of(sqlite3_extended_errcode(connection_.get())), sqlite3_errmsg(connection_.get()));
    }

    Result<std::vector<Row>> run(sqlite3_stmt* statement, std::span<const ValueView> params) {
        LF_CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(params.size()));
        for (std::size_t i = 0; i < params.size(); ++i) {
            if (bind(statement, static_cast<int>(i + 1), params[i]) != SQLITE_OK) return failed_here();
        }
        std::vector<Row> rows;
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            std::vector<Value> values;
            const int columns = sqlite3_column_count(statement);
            values.reserve(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column) values.push_back(read_column(statement, column));
            rows.emplace_back(std::move(values));
        }
        Result<std::vector<Row>> result = std::move(rows);
        if (code != SQLITE_DONE) result = failed_here();
        sqlite3_reset(statement);
        return result;
    }

    Result<sqlite3_stmt*> prepare(std::string_view sql) {
        auto found = statements_.find(std::string(sql));
        if (found == statements_.end()) {
            sqlite3_stmt* raw = nullptr;
            if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
                SQLITE_OK)
                return failed_here();
            if (statements_.size() >= statements_max) statements_.clear();
            found = statements_.emplace(std::string(sql), Statement(raw)).first;
        }
        return found->second.get();
    }

    /// A reader that keeps its snapshot keeps the log from being written back; without this it would fill the disk.
    Result<> bound_wal() {
        std::error_code missing;
        const auto bytes = std::filesystem::file_size(wal_, missing);
        if (missing || bytes <= static_cast<std::uintmax_t>(wal_bytes_max_)) return {};
        constexpr int short_wait_ms = 100;
        sqlite3_busy_timeout(connection_.get(), short_wait_ms);
        const auto written_back = query("PRAGMA wal_checkpoint(TRUNCATE)", {});
        sqlite3_busy_timeout(connection_.get(), busy_ms);
        if (!written_back) return written_back.error();
        if (written_back->front().integer(0) == 0) return {};
        return failed(Trouble::other, wal_ +
                                          " has reached ledger.wal_bytes_max, and a program that reads the ledger "
                                          "keeps it from being written back; end that program");
    }

    Connection connection_;
    std::string wal_;
    Mode mode_;
    std::int64_t wal_bytes_max_;
    std::unordered_map<std::string, Statement> statements_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, Database::Mode mode, std::int64_t wal_bytes_max,
                                              std::string& why) {
    // SQLite counts its bytes under a lock of the whole process, for figures that nobody asks for. Refused, and of no matter, once SQLite runs.
    [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3* raw = nullptr;
    const int access =
        mode == Database::Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const int code = sqlite3_open_v2(path.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX, nullptr);
    Connection connection(raw);
    if (code != SQLITE_OK) {
        why = sqlite3_errstr(code);
        return make_error_code(Errc::ledger_unavailable);
    }
    sqlite3_busy_timeout(raw, busy_ms);
    auto database = std::make_unique<SqliteDatabase>(std::move(connection), path, mode, wal_bytes_max);
    if (const auto set = database->set_up(); !set) {
        why = database->error_text();
        return set.error();
    }
    return Result<std::unique_ptr<Database>>(std::move(database));
}

}  // namespace livefair::ledger
