#include "ledger/postgres_database.hpp"

#include <libpq-fe.h>

#include <unordered_map>

#include "base/check.hpp"
#include "base/log.hpp"
#include "ledger/postgres_connection.hpp"
#include "ledger/postgres_values.hpp"

namespace livefair::ledger {

namespace {

struct ClearAnswer {
    void operator()(PGresult* answer) const { PQclear(answer); }
};
using Answer = std::unique_ptr<PGresult, ClearAnswer>;

constexpr std::size_t statements_max = 512;
/// Bytes of COPY handed to libpq at once: the server takes in a part while we write the next.
constexpr std::size_t copy_bytes = 32 * 1024;
/// Statements sent before their answers are read. The answers of so many fit into the server's buffer (8 KiB), so that
/// neither side waits for the other to read first.
constexpr std::size_t statements_a_round = 256;
/// Livefair's number among the database's advisory locks.
constexpr const char* lock_for_migrations = "SELECT pg_advisory_xact_lock(27750, 1)";

class PostgresDatabase final : public Database {
public:
    PostgresDatabase(std::string url, Mode mode, std::shared_ptr<std::atomic<std::int64_t>> timeline)
        : url_(std::move(url)), mode_(mode), timeline_(std::move(timeline)) {}

    Result<> connect() {
        statements_.clear();
        std::string why;
        connection_ = postgres::connect(url_, mode_, *timeline_, why);
        if (!connection_) {
            back_off_.failed();
            return failed(Trouble::lost, why);
        }
        back_off_.succeeded();
        PQsetNoticeReceiver(connection_.get(), &PostgresDatabase::on_notice, this);
        return {};
    }

    Result<std::vector<Row>> query(std::string_view sql, std::vector<Value> params) override {
        const auto answer = run(sql, params);
        if (!answer) return answer.error();
        return read_rows(answer->get());
    }

    /// A join that may not be flattened is planned by the inner SELECT's index; a list would be compared with the whole table while the plan is of a
    /// time when the table was empty.
    Result<std::vector<Row>> query_each(std::string_view sql, const std::vector<std::string>& keys) override {
        if (keys.empty()) return std::vector<Row>();
        std::string inner(sql);
        const auto parameter = inner.find('?');
        LF_CHECK(parameter != std::string::npos);
        inner.replace(parameter, 1, "keys.key");
        return query("SELECT found.* FROM unnest(CAST(? AS TEXT[])) AS keys (key) CROSS JOIN LATERAL (" + inner + " OFFSET 0) AS found", {postgres::text_array(keys)});
    }

    Result<std::int64_t> execute(std::string_view sql, std::vector<Value> params) override {
        const auto answer = run(sql, params);
        if (!answer) return answer.error();
        return rows_changed(answer->get());
    }

    Result<std::int64_t> execute_rows(std::string_view sql, std::size_t count, const FillRow& fill) override {
        if (count > 1) {
            if (const auto copy = postgres::copy_in(sql)) return copy_rows(*copy, count, fill);
        }
        std::int64_t changed = 0;
        std::vector<Piece> pieces;
        std::vector<ValueView> row;
        for (std::size_t i = 0; i < count; ++i) {
            row.clear();
            fill(i, row);
            auto statement = prepare(sql, postgres::types_of(row));
            if (!statement) return statement.error();
            pieces.push_back({std::move(*statement), {}});
            pieces.back().parameters.add(row);
            if (pieces.size() < statements_a_round && i + 1 < count) continue;
            const auto sent = send_round(pieces);
            if (!sent) return sent.error();
            changed += *sent;
            pieces.clear();
        }
        return changed;
    }

    Result<> run_script(const std::string& sql) override {
        if (!connection_) return not_connected();
        const Answer answer(PQexec(connection_.get(), sql.c_str()));
        if (!is_good(answer.get())) return failed_by(answer.get());
        return {};
    }

    Result<> begin() override { return begin_by("BEGIN"); }

    Result<> begin_alone() override {
        // A snapshot taken before the lock is had would not show what the program before us did.
        if (const auto begun = begin_by("BEGIN ISOLATION LEVEL READ COMMITTED"); !begun) return begun.error();
        return run_script(lock_for_migrations);
    }

    Result<> commit() override {
        if (!connection_) return not_connected();
        warning_.clear();
        const Answer answer(PQexec(connection_.get(), "COMMIT"));
        if (!is_good(answer.get())) {
            const auto error = failed_by(answer.get());
            // These are certain; after anything else the server may have committed before it failed.
            if (trouble() == Trouble::crossed || trouble() == Trouble::rule) return error;
            return unknown(error_text());
        }
        // A transaction that an error has ended answers COMMIT with ROLLBACK.
        if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT")
            return failed(Trouble::other, "the transaction had failed and was rolled back");
        // "canceling wait for synchronous replication": committed here, and perhaps nowhere else.
        if (!warning_.empty()) return unknown("committed with a warning: " + warning_);
        return {};
    }

    void rollback() override {
        if (connection_ && PQstatus(connection_.get()) != CONNECTION_OK) connection_.reset();
        if (connection_) const Answer answer(PQexec(connection_.get(), "ROLLBACK"));
    }

    Result<std::int64_t> now_ms() override {
        const auto rows = query("SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)", {});
        if (!rows) return rows.error();
        return rows->front().integer(0);
    }
    bool is_file() const override { return false; }

private:
    /// One statement of execute_rows.
    struct Piece {
        std::string name;
        postgres::Parameters parameters;
    };

    Result<> begin_by(const char* statement) {
        clear_trouble();
        if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
            connection_.reset();
            if (!back_off_.may_try()) return failed(Trouble::lost, "not connected; it is tried again shortly");
            if (const auto connected = connect(); !connected) return connected.error();
            log::warn("ledger connected anew", {{"timeline", timeline_->load()}});
        }
        return run_script(statement);
    }

    static void on_notice(void* self, const PGresult* notice) {
        const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
        if (severity == nullptr || std::string_view(severity) != "WARNING") return;
        const char* text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
        static_cast<PostgresDatabase*>(self)->warning_ = text == nullptr ? "unnamed" : text;
    }

    static bool is_good(const PGresult* answer) {
        const auto status = PQresultStatus(answer);
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    }

    static std::int64_t rows_changed(PGresult* answer) {
        const std::string text = PQcmdTuples(answer);
        return text.empty() ? 0 : std::stoll(text);
    }

    boost::system::error_code not_connected() { return failed(Trouble::lost, "not connected"); }

    boost::system::error_code lose(std::string text) {
        connection_.reset();
        return failed(Trouble::lost, std::move(text));
    }

    boost::system::error_code unknown(std::string text) {
        lose(std::move(text));
        return make_error_code(Errc::timed_out);
    }

    boost::system::error_code failed_by(const PGresult* answer) {
        const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
        const bool is_lost = state == nullptr || PQstatus(connection_.get()) != CONNECTION_OK;
        std::string text = PQresultErrorMessage(answer);
        if (text.empty()) text = PQerrorMessage(connection_.get());
        return failed(is_lost ? Trouble::lost : postgres::trouble_of(state), std::move(text));
    }

    Result<Answer> run(std::string_view sql, const std::vector<Value>& values) {
        const auto views = views_of(values);
        const auto name = prepare(sql, postgres::types_of(views));
        if (!name) return name.error();
        postgres::Parameters parameters;
        parameters.add(views);
        Answer answer(PQexecPrepared(connection_.get(), name->c_str(), parameters.count(), parameters.pointers(),
                                     parameters.lengths(), parameters.formats(), 0));
        if (!is_good(answer.get())) return failed_by(answer.get());
        return answer;
    }

    /// The name of the prepared statement of `sql` for parameters of such types.
    Result<std::string> prepare(std::string_view sql, const std::string& types) {
        if (!connection_) return not_connected();
        const auto key = types + ' ' + std::string(sql);
        if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
        if (statements_.size() >= statements_max) {
            if (const auto freed = run_script("DEALLOCATE ALL"); !freed) return freed.error();
            statements_.clear();
        }
        const auto numbered = postgres::number_parameters(sql);
        const auto declared = postgres::declared(types);
        LF_CHECK(numbered.parameters == declared.size());
        auto name = "s" + std::to_string(++prepared_);
        const Answer answer(PQprepare(connection_.get(), name.c_str(), numbered.sql.c_str(),
                                      static_cast<int>(declared.size()), declared.data()));
        if (!is_good(answer.get())) return failed_by(answer.get());
        statements_.emplace(key, name);
        return name;
    }

    Result<std::vector<Row>> read_rows(const PGresult* answer) {
        std::vector<Row> rows;
        const int columns = PQnfields(answer);
        for (int row = 0; row < PQntuples(answer); ++row) {
            std::vector<Value> values(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column) {
                if (PQgetisnull(answer, row, column) != 0) continue;
                const std::string_view text(PQgetvalue(answer, row, column),
                                            static_cast<std::size_t>(PQgetlength(answer, row, column)));
                auto value = postgres::read_value(PQftype(answer, column), text);
                if (!value)
                    return failed(Trouble::other, std::string(PQfname(answer, column)) +
                                                      " is neither an integer of 64 bits nor a text");
                values[static_cast<std::size_t>(column)] = std::move(*value);
            }
            rows.emplace_back(std::move(values));
        }
        return rows;
    }

    Result<std::int64_t> copy_rows(const postgres::CopyIn& copy, std::size_t count, const FillRow& fill) {
        if (!connection_) return not_connected();
        auto* connection = connection_.get();
        if (const Answer begun(PQexec(connection, copy.sql.c_str())); PQresultStatus(begun.get()) != PGRES_COPY_IN) return failed_by(begun.get());
        std::string lines;
        std::vector<ValueView> row;
        for (std::size_t i = 0; i < count; ++i) {
            row.clear();
            fill(i, row);
            postgres::add_copy_line(lines, copy, row);
            if (lines.size() < copy_bytes && i + 1 < count) continue;
            if (PQputCopyData(connection, lines.data(), static_cast<int>(lines.size())) != 1) return lose(PQerrorMessage(connection));
            lines.clear();
        }
        if (PQputCopyEnd(connection, nullptr) != 1) return lose(PQerrorMessage(connection));
        const Answer answer(PQgetResult(connection));
        const auto copied = is_good(answer.get()) ? Result<std::int64_t>(rows_changed(answer.get())) : failed_by(answer.get());
        if (connection_ && Answer(PQgetResult(connection))) return lose("an answer that nobody asked for");
        return copied;
    }

    /// All statements in one round trip (libpq's pipeline mode); the first that fails ends it.
    Result<std::int64_t> send_round(const std::vector<Piece>& pieces) {
        auto* connection = connection_.get();
        if (PQenterPipelineMode(connection) == 0) return lose(PQerrorMessage(connection));
        for (const auto& piece : pieces) {
            const auto& values = piece.parameters;
            if (PQsendQueryPrepared(connection, piece.name.c_str(), values.count(), values.pointers(), values.lengths(),
                                    values.formats(), 0) == 0)
                return lose(PQerrorMessage(connection));
        }
        if (PQpipelineSync(connection) == 0) return lose(PQerrorMessage(connection));
        std::int64_t changed = 0;
        Result<> done;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const Answer answer(PQgetResult(connection));
            if (done && !is_good(answer.get())) done = failed_by(answer.get());
            if (done) changed += rows_changed(answer.get());
            // Each statement's answers end with a null.
            if (answer && Answer(PQgetResult(connection))) return lose("an answer that nobody asked for");
        }
        const Answer end(PQgetResult(connection));
        if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(connection) == 0)
            return lose(done ? "the pipeline broke" : error_text());
        if (!done) return done.error();
        return changed;
    }

    std::string url_;
    Mode mode_;
    postgres::Connection connection_;
    postgres::BackOff back_off_;
    std::shared_ptr<std::atomic<std::int64_t>> timeline_;
    std::unordered_map<std::string, std::string> statements_;
    std::uint64_t prepared_ = 0;
    std::string warning_;  ///< The newest since commit() began.
};

}  // namespace

bool is_postgres(const std::string& location) {
    return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

Result<std::unique_ptr<Database>> open_postgres(const std::string& url, Database::Mode mode,
                                                std::shared_ptr<std::atomic<std::int64_t>> timeline, std::string& why) {
    auto database = std::make_unique<PostgresDatabase>(url, mode, std::move(timeline));
    if (const auto connected = database->connect(); !connected) {
        why = database->error_text();
        return connected.error();
    }
    return Result<std::unique_ptr<Database>>(std::move(database));
}

}  // namespace livefair::ledger
