#include "sim/ledger_model.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "ledger/migrations.hpp"

namespace livefair::sim {

using ledger::Database;

namespace {

LedgerModel* the_ledger = nullptr;

/// The product's database, but with the clock of the run, and with leases: as if other programs could have it open.
class VirtualDatabase final : public Database {
public:
    explicit VirtualDatabase(std::unique_ptr<Database> real) : real_(std::move(real)) {}
    Result<std::vector<ledger::Row>> query(std::string_view sql, std::vector<ledger::Value> params) override {
        return noted(real_->query(sql, std::move(params)));
    }
    Result<std::int64_t> execute(std::string_view sql, std::vector<ledger::Value> params) override {
        return noted(real_->execute(sql, std::move(params)));
    }
    Result<std::vector<ledger::Row>> query_each(std::string_view sql, const std::vector<std::string>& keys) override { return noted(real_->query_each(sql, keys)); }
    Result<std::int64_t> execute_rows(std::string_view sql, std::size_t count, const ledger::FillRow& fill) override {
        return noted(real_->execute_rows(sql, count, fill));
    }
    Result<> run_script(const std::string& sql) override { return noted(real_->run_script(sql)); }
    /// Prepared once, unlike the product's: a run begins some hundred transactions, and there is no log to be bounded.
    Result<> begin() override {
        clear_trouble();
        return done(real_->query("BEGIN"));
    }
    Result<> begin_alone() override { return begin(); }
    Result<> commit() override { return done(real_->query("COMMIT")); }
    void rollback() override { real_->rollback(); }
    Result<std::int64_t> now_ms() override { return system_clock().unix_ms(); }
    bool is_file() const override { return false; }

private:
    template <class T>
    T noted(T result) {
        if (result.has_error()) failed(real_->trouble(), real_->error_text());
        return result;
    }
    Result<> done(Result<std::vector<ledger::Row>> result) {
        if (const auto kept = noted(std::move(result)); !kept) return kept.error();
        return {};
    }
    std::unique_ptr<Database> real_;
};

/// "show id" pairs of the ledger's cursors.
std::vector<std::string> cursors(Database& database) {
    const auto rows = database.query("SELECT show_id, stream_id FROM tills ORDER BY show_id");
    LF_CHECK(rows.has_value());
    std::vector<std::string> texts;
    for (const auto& row : *rows) {
        texts.push_back(row.text(0));
        texts.push_back(row.text(1));
    }
    return texts;
}

void set_cursors(Database& database, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
        LF_CHECK(database.execute("UPDATE tills SET stream_id = ? WHERE show_id = ?", {texts[i + 1], texts[i]}).has_value());
}

}  // namespace

LedgerModel::LedgerModel(World& world, Database& database) : world_(world), database_(database) {
    the_ledger = this;
}

LedgerModel* LedgerModel::current() {
    return the_ledger;
}

Result<> LedgerModel::run_now(const Work& work) {
    return run(true, work);
}

void LedgerModel::end(bool is_committed) {
    if (is_committed) LF_CHECK(database_.commit().has_value());
    else database_.rollback();
}

Result<> LedgerModel::run(bool is_write, const Work& work) {
    LF_CHECK(database_.begin().has_value());
    const auto result = work(database_);
    end(is_write && result);
    if (is_write && result && on_commit) on_commit();
    return result;
}

void LedgerModel::submit(bool is_write, Work work, Process& process, Process::Waiting<Result<>> waiting) {
    auto& free_us = free_us_[is_write ? 1 : 0];
    const auto delay_us = world_.random.one_in(30) ? world_.random.between(1'000, 30'000) : world_.random.between(20, 2'000);
    free_us = std::max(free_us, world_.now_us()) + delay_us;
    world_.after_us(free_us - world_.now_us(), [this, is_write, work = std::move(work), &process, waiting] {
        // A process that has died writes nothing more; its Process is gone, too.
        if (waiting.expired()) return false;
        if (world_.now_us() < down_until_us_) {
            answer(process, waiting, make_error_code(Errc::ledger_unavailable));
            return true;
        }
        bool is_later = false;
        auto result = is_write && commits_cursor_first ? run_cursor_first(work, process, waiting, is_later) : run(is_write, work);
        if (is_later) return true;
        if (is_write && std::exchange(loses_answer_, false)) result = make_error_code(Errc::ledger_unavailable);
        answer(process, waiting, std::move(result));
        return true;
    });
}

Result<> LedgerModel::run_cursor_first(const Work& work, Process& process, const Process::Waiting<Result<>>& waiting,
                                       bool& is_later) {
    LF_CHECK(database_.begin().has_value());
    const auto before = cursors(database_);
    const auto result = work(database_);
    const auto after = cursors(database_);
    const bool moves = result && after != before;
    end(result && !moves);
    if (!moves) {
        if (result && on_commit) on_commit();
        return result;
    }
    set_cursors(database_, after);
    is_later = true;
    world_.after_us(world_.random.between(10, 50'000), [this, work, &process, waiting, before] {
        if (waiting.expired()) return false;
        answer(process, waiting, run(true, [&](Database& database) {
                   set_cursors(database, before);
                   return work(database);
               }));
        return true;
    });
    return {};
}

void LedgerModel::answer(Process& process, const Process::Waiting<Result<>>& waiting, Result<> result) {
    world_.after_us(world_.random.between(10, 500), [&process, waiting, result] {
        return !waiting.expired() && process.complete(waiting, result);
    });
}

void LedgerModel::go_down(std::int64_t for_us) {
    world_.trace("the ledger is out of order");
    down_until_us_ = world_.now_us() + for_us;
}

std::unique_ptr<Database> make_database() {
    // One thread, and nobody asks SQLite how much memory it has: no locks, no counters.
    LF_CHECK(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK && sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    // The product refuses a database that keeps no log; so it is opened as a file, in memory where there is such a place,
    // and keeps none from then on: here nothing is ever lost that was committed.
    const bool has_memory = std::filesystem::exists("/dev/shm");
    const auto folder = has_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    const auto path = folder / ("livefair-sim-" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    auto opened = Database::open(path.string(), Database::Mode::read_write);
    LF_CHECK(opened.has_value());
    LF_CHECK(ledger::migrate(**opened, ledger::known_migrations()).has_value());
    // Evenings follow each other in one database, so that books are emptied, too.
    const auto guards = (*opened)->query("SELECT name FROM sqlite_master WHERE type = 'trigger'");
    LF_CHECK(guards.has_value());
    for (const auto& guard : *guards) LF_CHECK((*opened)->run_script("DROP TRIGGER " + guard.text(0)).has_value());
    LF_CHECK((*opened)->run_script("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF").has_value());
    std::filesystem::remove(path);
    return std::make_unique<VirtualDatabase>(std::move(*opened));
}

namespace {

/// Tables with rows, those that refer to others before them.
std::vector<std::string> filled_tables(Database& database) {
    static std::string sql;
    if (sql.empty()) {
        const auto tables = database.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN "
            "('schema_migrations', 'heartbeat') ORDER BY rowid DESC");
        LF_CHECK(tables.has_value());
        for (const auto& row : *tables) {
            sql += sql.empty() ? "" : " UNION ALL ";
            sql += "SELECT '" + row.text(0) + "' WHERE EXISTS (SELECT 1 FROM " + row.text(0) + ")";
        }
    }
    const auto rows = database.query(sql);
    LF_CHECK(rows.has_value());
    std::vector<std::string> names;
    for (const auto& row : *rows) names.push_back(row.text(0));
    return names;
}

}  // namespace

/// By statements that stay prepared; a PRAGMA (foreign_keys) would have SQLite compile all others anew.
void empty_database(Database& database) {
    LF_CHECK(database.begin().has_value());
    for (const auto& table : filled_tables(database)) LF_CHECK(database.execute("DELETE FROM " + table).has_value());
    LF_CHECK(database.commit().has_value());
}

}  // namespace livefair::sim
