#include <iostream>
#include <stdexcept>
#include <string>

#include "auth/password.hpp"
#include "ctl/commands.hpp"
#include "ledger/ledger.hpp"

namespace livefair::ctl {
namespace {

Result<std::int64_t> store(ledger::Database& db, const std::string& name, const std::string& hash) {
    const auto changed = db.execute("UPDATE staff SET password_hash = ? WHERE name = ?", {hash, name});
    if (!changed) return changed.error();
    if (*changed == 0) return make_error_code(Errc::not_found);
    // Whoever knew the old password must not stay signed in.
    return db.execute("DELETE FROM sessions WHERE account_id = (SELECT account_id FROM staff WHERE name = ?)", {name});
}

}  // namespace

int set_password(const Config& config, const std::string& name) {
    std::cerr << "新密码 / New password: ";
    std::string password;
    if (!std::getline(std::cin, password)) throw std::runtime_error("no password on standard input");
    const auto hash = auth::hash_password(password);
    if (!hash) throw std::runtime_error("the password must have 10 to 128 bytes");
    ledger::Ledger ledger(config.ledger.location());
    const auto ended = ledger.write_blocking([&](ledger::Database& db) { return store(db, name, *hash); });
    if (!ended && to_errc(ended.error()) == Errc::not_found) throw std::runtime_error("there is no member of staff named " + name);
    if (!ended) throw std::runtime_error("the ledger could not be written: " + ended.error().message());
    std::cout << "password of " << name << " changed, " << *ended << " sessions ended\n";
    return 0;
}

}  // namespace livefair::ctl
