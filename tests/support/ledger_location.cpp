#include "support/ledger_location.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string_view>

#include "support/postgres_server.hpp"

namespace livefair::test {

bool ledger_is_postgres() {
    const char* wanted = std::getenv("LIVEFAIR_TEST_LEDGER");
    return wanted != nullptr && std::string_view(wanted) == "postgres";
}

std::string ledger_location(const TemporaryFolder& folder, const std::string& name) {
    const auto path = folder.file(name);
    if (!ledger_is_postgres()) return path;
    if (!PostgresServer::is_installed()) {
        std::cerr << "skipped: Debian's package postgresql-15 is missing; scripts/setup --test installs it\n";
        constexpr int skipped = 77;
        std::_Exit(skipped);
    }
    static PostgresServer server;
    static std::map<std::string, std::string> databases;
    auto& database = databases[path];
    if (database.empty()) {
        database = "ledger" + std::to_string(databases.size());
        server.ask("CREATE DATABASE " + database + " TEMPLATE template0");
    }
    return server.url(database);
}

}  // namespace livefair::test
