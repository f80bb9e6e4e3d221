#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/errc.hpp"

namespace livefair::auth {
class PersonalKeys;
}

namespace livefair::ledger {

/// One parameter or column: NULL, an integer or a text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
/// The same without its bytes, which somebody else keeps.
using ValueView = std::variant<std::monostate, std::int64_t, std::string_view>;
ValueView view_of(const Value& value);
std::vector<ValueView> views_of(const std::vector<Value>& values);

/// Adds the parameters of row `i` to `row`, which is empty. Called for 0, 1, 2, ... once each; the texts have to stay until execute_rows() returns.
using FillRow = std::function<void(std::size_t i, std::vector<ValueView>& row)>;

/// One row of an answer. Columns count from 0; asking for one that is not there, or of the other type, aborts: the SQL
/// is ours.
class Row {
public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
    std::size_t size() const { return values_.size(); }
    bool is_null(std::size_t column) const;
    /// NULL reads as 0, so that sum() over no rows is a number.
    std::int64_t integer(std::size_t column) const;
    /// NULL reads as an empty text.
    const std::string& text(std::size_t column) const;

private:
    std::vector<Value> values_;
};

/// What went wrong with the last call that failed.
enum class Trouble {
    none,
    rule,       ///< A UNIQUE, CHECK, NOT NULL or FOREIGN KEY rule, or a value that its column can't hold.
    crossed,    ///< Another transaction was first (SQLSTATE 40001, 40P01): all is rolled back and may be done again.
    lost,       ///< The connection is gone, and with it the transaction; after commit() its outcome is not known.
    unwritten,  ///< The disk did not take what was written (EIO, a failed fsync): nothing of this file is sure any more.
    other,      ///< Disk full, busy, wrong SQL.
};

/// One connection to the SQL database, SQLite or PostgreSQL. Used by one thread at a time; Ledger hands it out.
/// SQL stays in the subset common to both; parameters are written `?`. Statements are prepared once and kept.
/// Errors: Errc::conflict for Trouble::rule; Errc::ledger_unavailable for all else: see trouble() and error_text().
/// After an error the transaction takes no more statements (PostgreSQL's rule, so it holds for both): the work ends.
class Database {
public:
    enum class Mode { read_write, read_only };
    struct Options {
        /// Above it SQLite's log is written back to the file before more is written; while a reader prevents that,
        /// writes are refused.
        std::int64_t wal_bytes_max = std::int64_t{1} << 30;
        /// PostgreSQL: the newest timeline that a connection opened with these options has seen. None goes to a server
        /// of an older one: a primary that came back after its standby had been promoted.
        std::shared_ptr<std::atomic<std::int64_t>> timeline = std::make_shared<std::atomic<std::int64_t>>(0);
    };
    /// `location`: a PostgreSQL URL (postgresql://...), or the path of an SQLite file, created when read_write.
    /// `why`, when given, is told what a person should know about a failure.
    /// Errors: ledger_unavailable; also when the database would not keep what it calls committed.
    static Result<std::unique_ptr<Database>> open(const std::string& location, Mode mode, const Options& options,
                                                  std::string* why = nullptr);
    static Result<std::unique_ptr<Database>> open(const std::string& location, Mode mode) {
        return open(location, mode, Options());
    }
    Database() = default;
    virtual ~Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    virtual Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> params = {}) = 0;
    /// The rows that `sql`, a SELECT with one parameter, gives for each of `keys`, in no order. As many look-ups by an index as there are keys,
    /// whatever the database thinks of its tables' sizes, in one round trip. No keys: nothing is sent.
    virtual Result<std::vector<Row>> query_each(std::string_view sql, const std::vector<std::string>& keys) = 0;
    /// Returns the number of rows changed.
    virtual Result<std::int64_t> execute(std::string_view sql, std::vector<Value> params = {}) = 0;
    /// One statement for `count` rows of parameters, in order; returns the number of rows changed by all of them. The first
    /// row that fails ends it: what the rows before it did is the caller's transaction's to undo. No rows: 0, nothing is
    /// sent. Several times faster than execute() for each row where the database is another process.
    virtual Result<std::int64_t> execute_rows(std::string_view sql, std::size_t count, const FillRow& fill) = 0;
    Result<std::int64_t> execute_rows(std::string_view sql, const std::vector<std::vector<Value>>& rows);
    /// Several statements separated by `;`, without parameters. For migrations and savepoints.
    virtual Result<> run_script(const std::string& sql) = 0;

    /// Begins a transaction: one snapshot when read_only, else as if no other were running at the same time. A lost
    /// connection is made anew here, not more often than its back-off allows.
    virtual Result<> begin() = 0;
    /// As begin(), and no other program is between this and its commit: for migrations.
    virtual Result<> begin_alone() = 0;
    /// Errors: ledger_unavailable - nothing is committed; timed_out - nobody can say (trouble() is lost or
    /// unwritten).
    virtual Result<> commit() = 0;
    virtual void rollback() = 0;
    /// Unix milliseconds by the database's clock, the same for all programs that use it.
    virtual Result<std::int64_t> now_ms() = 0;
    /// Whether only this program can have the ledger open (SQLite with its lock file).
    virtual bool is_file() const = 0;

    /// The keys that people's names, phones and addresses are sealed with. Without any, seal_personal() refuses.
    void use_personal_keys(std::shared_ptr<const auth::PersonalKeys> keys) { personal_keys_ = std::move(keys); }
    const auth::PersonalKeys* maybe_personal_keys() const { return personal_keys_.get(); }

    /// Of the last call that failed since begin().
    Trouble trouble() const { return trouble_; }
    /// What the database said to the last call that failed.
    const std::string& error_text() const { return error_text_; }

protected:
    void clear_trouble() { trouble_ = Trouble::none; }
    /// Notes a failure and returns its error.
    boost::system::error_code failed(Trouble trouble, std::string text);

private:
    Trouble trouble_ = Trouble::none;
    std::string error_text_;
    std::shared_ptr<const auth::PersonalKeys> personal_keys_;
};

}  // namespace livefair::ledger
