#pragma once

#include <catch2/catch.hpp>
#include <memory>

#include "auth/personal_keys.hpp"
#include "ledger/database.hpp"
#include "ledger/migrations.hpp"
#include "support/catch.hpp"
#include "support/ledger_location.hpp"

namespace livefair::test {

/// A new ledger with the whole schema, as a file or in PostgreSQL (see ledger_location).
class FreshDatabase {
public:
    FreshDatabase() {
        auto opened = ledger::Database::open(ledger_location(folder_), ledger::Database::Mode::read_write);
        REQUIRE(opened.has_value());
        database_ = std::move(*opened);
        database_->use_personal_keys(auth::PersonalKeys::random());
        REQUIRE(ledger::migrate(*database_, ledger::known_migrations()).has_value());
    }
    ledger::Database& operator*() { return *database_; }

private:
    TemporaryFolder folder_;
    std::unique_ptr<ledger::Database> database_;
};

}  // namespace livefair::test
