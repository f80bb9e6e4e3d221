#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/errc.hpp"

namespace livefair::ledger {

/// One parameter or column: NULL, an integer or a text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;

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

/// One connection to the SQL database, SQLite behind a pimpl. Used by one thread at a time; Ledger hands it out.
/// SQL stays in the subset common to SQLite and PostgreSQL; parameters are written `?`. Statements are prepared once
/// and kept. Errors: Errc::conflict when a UNIQUE, CHECK, NOT NULL or FOREIGN KEY rule refuses the rows;
/// Errc::ledger_unavailable for all else (disk full, I/O, busy): see error_text().
class Database {
public:
    enum class Mode { read_write, read_only };
    /// Opens the file (creating it when read_write) with WAL, synchronous=FULL and foreign keys on.
    static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
    ~Database();

    Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> params = {});
    /// Returns the number of rows changed.
    Result<std::int64_t> execute(std::string_view sql, std::vector<Value> params = {});
    /// One statement for many rows of parameters, in order; returns the number of rows changed by all of them. The first
    /// row that fails ends it: what the rows before it did is the caller's transaction's to undo. No rows: 0, nothing is
    /// sent. Several times faster than execute() for each row where the database is another process.
    Result<std::int64_t> execute_rows(std::string_view sql, const std::vector<std::vector<Value>>& rows);
    /// Several statements separated by `;`, without parameters. For migrations.
    Result<> run_script(const std::string& sql);
    /// What the database said to the last call that failed.
    const std::string& error_text() const;

private:
    class Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace livefair::ledger
