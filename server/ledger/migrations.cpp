#include "ledger/migrations.hpp"

#include <string>

#include "base/check.hpp"
#include "base/clock.hpp"

namespace livefair::ledger {

namespace {

Result<std::int64_t> current_version(Database& database) {
    const auto made = database.run_script(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_ms "
        "BIGINT NOT NULL)");
    if (!made) return made.error();
    const auto rows = database.query("SELECT max(version) FROM schema_migrations");
    if (!rows) return rows.error();
    return rows->front().integer(0);
}

/// The step's statements for this database. SQL is common to both, but for rules of columns, which SQLite can't change by a
/// statement: a line behind "-- SQLite: " or "-- PostgreSQL: " is that database's alone.
std::string script_for(const Database& database, const Migration& step) {
    const std::string_view own = database.is_file() ? "\n-- SQLite: " : "\n-- PostgreSQL: ";
    std::string script(step.sql);
    for (auto at = script.find(own); at != std::string::npos; at = script.find(own, at))
        script.replace(at, own.size(), "\n");
    return script;
}

Result<> apply(Database& database, const Migration& step) {
    if (const auto run = database.run_script(script_for(database, step)); !run) return run.error();
    const auto noted = database.execute("INSERT INTO schema_migrations (version, name, applied_ms) VALUES (?, ?, ?)",
                                        {step.version, std::string(step.name), system_clock().unix_ms()});
    if (!noted) return noted.error();
    return {};
}

/// The next step that the schema lacks. Returns how many were taken: one or, when it lacks none, 0.
Result<std::int64_t> take_step(Database& database, std::span<const Migration> migrations) {
    const auto version = current_version(database);
    if (!version) return version.error();
    if (*version > static_cast<std::int64_t>(migrations.size())) return make_error_code(Errc::unsupported);
    if (*version == static_cast<std::int64_t>(migrations.size())) return 0;
    const auto& step = migrations[static_cast<std::size_t>(*version)];
    LF_CHECK(step.version == *version + 1);
    if (const auto applied = apply(database, step); !applied) return applied.error();
    return 1;
}

}  // namespace

Result<> migrate(Database& database, std::span<const Migration> migrations) {
    for (;;) {
        if (const auto begun = database.begin_alone(); !begun) return begun.error();
        const auto taken = take_step(database, migrations);
        const Result<> committed = taken ? database.commit() : Result<>(taken.error());
        if (!committed) {
            database.rollback();
            return committed.error();
        }
        if (*taken == 0) return {};
    }
}

}  // namespace livefair::ledger
