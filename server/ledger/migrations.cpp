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

Result<> apply(Database& database, const Migration& step) {
    if (const auto run = database.run_script(std::string(step.sql)); !run) return run.error();
    const auto noted = database.execute("INSERT INTO schema_migrations (version, name, applied_ms) VALUES (?, ?, ?)",
                                        {step.version, std::string(step.name), system_clock().unix_ms()});
    if (!noted) return noted.error();
    return database.run_script("COMMIT");
}

}  // namespace

Result<> migrate(Database& database, std::span<const Migration> migrations) {
    const auto version = current_version(database);
    if (!version) return version.error();
    if (*version > static_cast<std::int64_t>(migrations.size())) return make_error_code(Errc::unsupported);
    for (const auto& step : migrations.subspan(static_cast<std::size_t>(*version))) {
        LF_CHECK(step.version == &step - migrations.data() + 1);
        if (const auto begun = database.run_script("BEGIN IMMEDIATE"); !begun) return begun.error();
        if (const auto applied = apply(database, step); !applied) {
            const auto error = applied.error();
            (void)database.run_script("ROLLBACK");
            return error;
        }
    }
    return {};
}

}  // namespace livefair::ledger
