#include "ledger/database.hpp"

#include <sqlite3.h>

#include <unordered_map>

#include "base/check.hpp"

namespace livefair::ledger {

bool Row::is_null(std::size_t column) const {
    LF_CHECK(column < values_.size());
    return std::holds_alternative<std::monostate>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
    if (is_null(column)) return 0;
    const auto* value = std::get_if<std::int64_t>(&values_[column]);
    LF_CHECK(value != nullptr);
    return *value;
}

const std::string& Row::text(std::size_t column) const {
    static const std::string empty;
    if (is_null(column)) return empty;
    const auto* value = std::get_if<std::string>(&values_[column]);
    LF_CHECK(value != nullptr);
    return *value;
}

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

int bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *integer);
    if (const auto* text = std::get_if<std::string>(&value)) {
        return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, index);
}

}  // namespace

class Database::Impl {
public:
    explicit Impl(Connection connection) : connection_(std::move(connection)) {}

    Result<std::vector<Row>> query(std::string_view sql, const std::vector<Value>& params) {
        auto prepared = prepare(sql, params);
        if (!prepared) return prepared.error();
        sqlite3_stmt* statement = *prepared;
        std::vector<Row> rows;
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            std::vector<Value> values;
            const int columns = sqlite3_column_count(statement);
            values.reserve(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column) values.push_back(read_column(statement, column));
            rows.emplace_back(std::move(values));
        }
        if (code != SQLITE_DONE) {
            const auto error = failed();
            sqlite3_reset(statement);
            return error;
        }
        sqlite3_reset(statement);
        return rows;
    }

    Result<std::int64_t> execute(std::string_view sql, const std::vector<Value>& params) {
        const auto rows = query(sql, params);
        if (!rows) return rows.error();
        return static_cast<std::int64_t>(sqlite3_changes64(connection_.get()));
    }

    Result<std::int64_t> execute_rows(std::string_view sql, const std::vector<std::vector<Value>>& rows) {
        std::int64_t changed = 0;
        for (const auto& row : rows) {
            const auto one = execute(sql, row);
            if (!one) return one.error();
            changed += *one;
        }
        return changed;
    }

    Result<> run_script(const std::string& sql) {
        if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed();
        return {};
    }

    std::string error_text;

private:
    /// The error behind the last call, its text kept.
    boost::system::error_code failed() {
        error_text = sqlite3_errmsg(connection_.get());
        const bool is_rule = (sqlite3_errcode(connection_.get()) & 0xff) == SQLITE_CONSTRAINT;
        return make_error_code(is_rule ? Errc::conflict : Errc::ledger_unavailable);
    }

    Result<sqlite3_stmt*> prepare(std::string_view sql, const std::vector<Value>& params) {
        auto found = statements_.find(std::string(sql));
        if (found == statements_.end()) {
            sqlite3_stmt* raw = nullptr;
            if (sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
                SQLITE_OK)
                return failed();
            if (statements_.size() >= statements_max) statements_.clear();
            found = statements_.emplace(std::string(sql), Statement(raw)).first;
        }
        sqlite3_stmt* statement = found->second.get();
        LF_CHECK(sqlite3_bind_parameter_count(statement) == static_cast<int>(params.size()));
        for (std::size_t i = 0; i < params.size(); ++i) {
            if (bind(statement, static_cast<int>(i + 1), params[i]) != SQLITE_OK) return failed();
        }
        return statement;
    }

    Connection connection_;
    std::unordered_map<std::string, Statement> statements_;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
    sqlite3* raw = nullptr;
    const int access = mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const int code = sqlite3_open_v2(path.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX, nullptr);
    Connection connection(raw);
    if (code != SQLITE_OK) return make_error_code(Errc::ledger_unavailable);
    sqlite3_busy_timeout(raw, 5000);
    std::unique_ptr<Database> database(new Database(std::make_unique<Impl>(std::move(connection))));
    const std::string settings = mode == Mode::read_write
                                     ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                                     : "PRAGMA query_only=ON;";
    if (const auto set = database->run_script(settings); !set) return set.error();
    return database;
}

Result<std::vector<Row>> Database::query(std::string_view sql, std::vector<Value> params) {
    return impl_->query(sql, params);
}
Result<std::int64_t> Database::execute(std::string_view sql, std::vector<Value> params) {
    return impl_->execute(sql, params);
}
Result<std::int64_t> Database::execute_rows(std::string_view sql, const std::vector<std::vector<Value>>& rows) {
    return impl_->execute_rows(sql, rows);
}
Result<> Database::run_script(const std::string& sql) {
    return impl_->run_script(sql);
}
const std::string& Database::error_text() const {
    return impl_->error_text;
}

}  // namespace livefair::ledger
