#include "ledger/sessions.hpp"

#include <livefair/v1/account.pb.h>

#include <catch2/catch.hpp>

#include "auth/personal_keys.hpp"
#include "ledger/ledger.hpp"
#include "ledger/people.hpp"
#include "support/catch.hpp"
#include "support/ledger_location.hpp"
#include "support/run_task.hpp"
#include "support/temporary_folder.hpp"

using namespace livefair;
using namespace std::chrono_literals;

namespace {

ledger::Ledger::Options with_keys(std::string location) {
    ledger::Ledger::Options options{std::move(location), {}};
    options.personal_keys = auth::PersonalKeys::random();
    return options;
}

struct Fixture {
    test::TemporaryFolder folder;
    FakeClock clock;
    net::asio::io_context context;
    ledger::Ledger ledger{with_keys(test::ledger_location(folder))};
    ledger::Sessions sessions{ledger, clock, 14};

    AccountId make_account(const std::string& phone) {
        return ledger
            .write_blocking([&](ledger::Database& db) { return ledger::account_of_phone(db, phone, "someone", 1); })
            .value();
    }
    ledger::Sessions::Opened open(const AccountId& account) {
        return test::run_task(context, sessions.open(account, "a browser")).value();
    }
    Result<auth::Identity> find(const std::string& token) { return test::run_task(context, sessions.find(token)); }
    v1::ListSessionsResponse list(const auth::Identity& who) {
        return test::run_task(context, sessions.list(who)).value();
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a token finds its account, and the ledger holds only its hash", "[ledger]") {
    const auto account = make_account("13800001234");
    const auto opened = open(account);
    CHECK(find(opened.token)->account == account);
    CHECK(opened.expires_ms == clock.unix_ms() + 14 * 86'400'000LL);
    const auto stored = ledger.write_blocking([&](ledger::Database& db) {
        return db.query("SELECT count(*) FROM sessions WHERE token_hash = ? OR id = ?", {opened.token, opened.token});
    });
    CHECK(stored->front().integer(0) == 0);
}

TEST_CASE_METHOD(Fixture, "an unknown, empty or endless token is nobody's", "[ledger]") {
    for (const auto& token : {std::string(), std::string("x"), std::string(64, '0'), std::string(100'000, 'a')})
        CHECK(find(token).error() == Errc::unauthenticated);
    CHECK(test::run_task(context, sessions.open(AccountId("nobody"), "")).error() == Errc::not_found);
}

TEST_CASE_METHOD(Fixture, "a revoked session ends at once though it was cached, and its watcher is told", "[ledger]") {
    const auto account = make_account("13800001234");
    const auto kept = open(account), ended = open(account);
    const auto who = find(ended.token).value();
    CHECK(find(kept.token).has_value());
    std::string told;
    sessions.on_revoked([&](const std::string& session_id) { told = session_id; });
    CHECK(test::run_task(context, sessions.revoke(account, who.session_id)).has_value());
    CHECK(told == who.session_id);
    CHECK(find(ended.token).error() == Errc::unauthenticated);
    CHECK(find(kept.token).has_value());
    CHECK(test::run_task(context, sessions.revoke(account, who.session_id)).error() == Errc::not_found);
}

TEST_CASE_METHOD(Fixture, "nobody can end another account's session", "[ledger]") {
    const auto mine = make_account("13800001234"), theirs = make_account("13800005678");
    const auto opened = open(mine);
    const auto session_id = find(opened.token)->session_id;
    CHECK(test::run_task(context, sessions.revoke(theirs, session_id)).error() == Errc::not_found);
    CHECK(find(opened.token).has_value());
}

TEST_CASE_METHOD(Fixture, "a session ends with its time, cached or not", "[ledger]") {
    const auto opened = open(make_account("13800001234"));
    clock.advance(std::chrono::hours(14 * 24) - 1s);
    CHECK(find(opened.token).has_value());
    clock.advance(1s);
    CHECK(find(opened.token).error() == Errc::unauthenticated);
}

TEST_CASE_METHOD(Fixture, "a new grant is seen by the next request once the account is forgotten", "[ledger]") {
    const auto account = make_account("13800001234");
    const auto opened = open(account);
    CHECK(find(opened.token)->grants.empty());
    REQUIRE(ledger.write_blocking([&](ledger::Database& db) {
        return ledger::add_grant(db, account, {auth::Role::host, "room-a"});
    }));
    CHECK(find(opened.token)->grants.empty());  // still cached
    sessions.forget(account);
    CHECK(find(opened.token)->grants.size() == 1);
}

TEST_CASE_METHOD(Fixture, "an account has at most twenty sessions, the oldest ends", "[ledger]") {
    const auto account = make_account("13800001234");
    const auto oldest = open(account);
    CHECK(find(oldest.token).has_value());
    ledger::Sessions::Opened newest;
    for (int i = 0; i < ledger::Sessions::sessions_per_account_max; ++i) {
        clock.advance(1ms);
        newest = open(account);
    }
    CHECK(find(oldest.token).error() == Errc::unauthenticated);
    const auto list_of_newest = list(find(newest.token).value());
    REQUIRE(list_of_newest.sessions_size() == ledger::Sessions::sessions_per_account_max);
    CHECK(list_of_newest.sessions(0).current());
    CHECK(list_of_newest.sessions(0).user_agent() == "a browser");
    CHECK_FALSE(list_of_newest.sessions(1).current());
}

TEST_CASE_METHOD(Fixture, "a long user agent is cut at a whole character", "[ledger]") {
    const auto account = make_account("13800001234");
    std::string agent;
    while (agent.size() < 300) agent += "浏";
    const auto opened = test::run_task(context, sessions.open(account, agent)).value();
    const auto session = list(find(opened.token).value()).sessions(0);
    CHECK(session.user_agent().size() == 198);
}
