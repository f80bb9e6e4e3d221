#include "api/sign_in.hpp"

#include <livefair/v1/account.pb.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "api/checks.hpp"
#include "auth/hmac.hpp"
#include "auth/password.hpp"
#include "auth/token.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "ledger/ledger.hpp"
#include "ledger/people.hpp"
#include "ledger/sessions.hpp"

namespace livefair::api {
namespace {

constexpr int code_tries = 5;
constexpr int waiting_for_worker_max = 32;

auth::Rate per_minute(std::int64_t count) {
    return {static_cast<double>(count) / 60, static_cast<double>(count)};
}

/// Six random digits, each code equally likely.
std::string make_code() {
    constexpr std::uint64_t codes = 1'000'000, fair = UINT32_MAX / codes * codes;
    std::uint64_t number = fair;
    while (number >= fair) number = std::stoull(random_hex(4), nullptr, 16);
    auto digits = std::to_string(number % codes);
    return std::string(6 - digits.size(), '0') + digits;
}

std::string hash_code(const std::string& secret, const std::string& phone, const std::string& code) {
    return auth::base64_encode(auth::hmac_sha256(secret, phone + "." + code));
}

net::Task<Result<std::string>> run_here(std::function<Result<std::string>()> work) {
    co_return work();
}

}  // namespace

net::Task<Result<std::string>> SandboxSms::send(std::string, std::string code) {
    co_return code;
}

std::unique_ptr<SmsProvider> make_sms_provider(const std::string& name) {
    if (name == "sandbox") return std::make_unique<SandboxSms>();
    throw std::runtime_error("auth.code_provider = \"" + name + "\" is not known; this version has \"sandbox\" alone");
}

SignIn::SignIn(const Config& config, const Clock& clock, ledger::Ledger& ledger, ledger::Sessions& sessions,
               std::unique_ptr<SmsProvider> sms)
    : config_(config),
      clock_(clock),
      ledger_(ledger),
      sessions_(sessions),
      sms_(std::move(sms)),
      codes_of_phone_(clock, {1.0 / 60, 5}),
      codes_of_address_(clock, per_minute(10 * config.auth.sign_in_failures_per_minute)),
      failures_of_address_(clock, per_minute(config.auth.sign_in_failures_per_minute)),
      failures_of_name_(clock, per_minute(config.auth.sign_in_failures_per_minute)),
      code_secret_(random_hex(32)) {}

SignIn::~SignIn() {
    worker_.join();
}

net::Task<Result<v1::RequestCodeResponse>> SignIn::request_code(std::string phone, Origin origin) {
    if (!is_phone(phone)) co_return Errc::invalid_input;
    if (!is_trusted(origin.address) && !codes_of_address_.allow(origin.address)) co_return Errc::too_many_requests;
    if (!codes_of_phone_.allow(phone)) co_return Errc::too_many_requests;
    const auto code = make_code();
    auto put = [phone, hash = hash_code(code_secret_, phone, code),
                expires_ms = clock_.unix_ms() + config_.auth.code_valid_ms](ledger::Database& db) {
        return ledger::put_phone_code(db, phone, hash, expires_ms, code_tries);
    };
    const Result<> kept = co_await ledger_.write(std::move(put));
    if (!kept) co_return kept.error();
    const Result<std::string> shown = co_await sms_->send(phone, code);
    if (!shown) co_return shown.error();
    v1::RequestCodeResponse response;
    response.set_valid_ms(config_.auth.code_valid_ms);
    response.set_sandbox_code(*shown);
    co_return response;
}

net::Task<Result<v1::SignInResponse>> SignIn::sign_in(v1::SignInRequest request, Origin origin) {
    if (!is_phone(request.phone())) co_return Errc::invalid_input;
    if (!request.nickname().empty() && !is_nickname(request.nickname())) co_return Errc::invalid_input;
    if (claims_to_be_staff(request.nickname())) co_return Errc::invalid_input;
    const bool trusted = is_trusted(origin.address);
    if (!trusted && !failures_of_address_.has_token(origin.address)) co_return Errc::too_many_requests;
    auto check = [phone = request.phone(), hash = hash_code(code_secret_, request.phone(), request.code()),
                  now_ms = clock_.unix_ms()](ledger::Database& db) {
        return ledger::check_phone_code(db, phone, hash, now_ms);
    };
    const Result<ledger::CodeCheck> checked = co_await ledger_.write(std::move(check));
    if (!checked) co_return checked.error();
    if (*checked != ledger::CodeCheck::right) {
        if (!trusted) failures_of_address_.allow(origin.address);
        log::info(
            "denied",
            {{"action", "sign_in"}, {"object", ledger::mask_phone(request.phone())}, {"address", origin.address}});
        co_return Errc::unauthenticated;
    }
    // Without a nickname people are known by the end of their number, as is usual in live rooms.
    const auto nickname = request.nickname().empty() ? "用户" + request.phone().substr(7) : request.nickname();
    auto find = [phone = request.phone(), nickname, now_ms = clock_.unix_ms()](ledger::Database& db) {
        return ledger::account_of_phone(db, phone, nickname, now_ms);
    };
    const Result<AccountId> account = co_await ledger_.write(std::move(find));
    if (!account) co_return account.error();
    co_return co_await open_session(*account, origin);
}

net::Task<Result<v1::SignInResponse>> SignIn::sign_in_staff(v1::StaffSignInRequest request, Origin origin) {
    const bool trusted = is_trusted(origin.address);
    // A name that is no id can't be staff's; it is counted under one key, so that the limiter's keys stay short.
    const auto name = is_id_text(request.name()) ? request.name() : std::string("?");
    if (!trusted && !failures_of_address_.has_token(origin.address)) co_return Errc::too_many_requests;
    if (!failures_of_name_.has_token(name)) co_return Errc::too_many_requests;
    auto find = [name](ledger::Database& db) { return ledger::find_staff_password(db, name); };
    const Result<ledger::StaffPassword> staff = co_await ledger_.read(std::move(find));
    if (!staff) co_return staff.error();
    auto verify = [hash = staff->hash, password = request.password()]() -> Result<std::string> {
        if (!auth::verify_password(hash, password)) return Errc::unauthenticated;
        return std::string();
    };
    const Result<std::string> verified = co_await on_worker(std::move(verify));
    if (!verified) {
        if (verified.error() != Errc::unauthenticated) co_return verified.error();
        if (!trusted) failures_of_address_.allow(origin.address);
        failures_of_name_.allow(name);
        log::info("denied", {{"action", "sign_in_staff"}, {"object", name}, {"address", origin.address}});
        co_return Errc::unauthenticated;
    }
    log::info(
        "audit",
        {{"action", "sign_in_staff"}, {"who", staff->account.str()}, {"object", name}, {"address", origin.address}});
    co_return co_await open_session(staff->account, origin);
}

net::Task<Result<AccountId>> SignIn::create_staff(std::string name, std::string password, std::string nickname,
                                                  std::vector<auth::Grant> grants) {
    auto hash_it = [password = std::move(password)] { return auth::hash_password(password); };
    const Result<std::string> hash = co_await on_worker(std::move(hash_it));
    if (!hash) co_return hash.error();
    auto create = [name, hash = *hash, nickname, grants, now_ms = clock_.unix_ms()](ledger::Database& db) {
        return ledger::create_staff(db, name, hash, nickname, grants, now_ms);
    };
    co_return co_await ledger_.write(std::move(create));
}

net::Task<Result<v1::SignInResponse>> SignIn::open_session(AccountId account, Origin origin) {
    const Result<ledger::Sessions::Opened> opened = co_await sessions_.open(account, origin.user_agent, origin.device);
    if (!opened) co_return opened.error();
    auto find = [account](ledger::Database& db) { return ledger::find_account(db, account); };
    const Result<v1::Account> found = co_await ledger_.read(std::move(find));
    if (!found) co_return found.error();
    v1::SignInResponse response;
    response.set_token(opened->token);
    response.set_expires_ms(opened->expires_ms);
    *response.mutable_account() = *found;
    co_return response;
}

net::Task<Result<std::string>> SignIn::on_worker(std::function<Result<std::string>()> work) {
    // Hashing takes 64 MiB and 0.1 s: more than these at once would be a way to stop the program.
    if (waiting_for_worker_.fetch_add(1) >= waiting_for_worker_max) {
        waiting_for_worker_.fetch_sub(1);
        co_return Errc::too_many_requests;
    }
    // co_spawn runs the work on the worker's thread and brings this coroutine back to its own.
    const Result<std::string> result =
        co_await net::asio::co_spawn(worker_, run_here(std::move(work)), net::asio::use_awaitable);
    waiting_for_worker_.fetch_sub(1);
    co_return result;
}

bool SignIn::is_trusted(const std::string& address) const {
    const auto& trusted = config_.limits.trusted_addresses;
    return std::find(trusted.begin(), trusted.end(), address) != trusted.end();
}

Result<std::string> create_first_operator(ledger::Ledger& ledger, const Clock& clock) {
    const auto password = random_hex(8);
    const auto hash = auth::hash_password(password);
    if (!hash) return hash.error();
    const auto made =
        ledger.write_blocking([hash = *hash, now_ms = clock.unix_ms()](ledger::Database& db) -> Result<std::int64_t> {
            const auto operators = ledger::count_operators(db);
            if (!operators || *operators > 0) return operators;
            const auto account = ledger::create_staff(
                db, "operator", hash, "管理员", {{auth::Role::site_operator, std::string(auth::whole_site)}}, now_ms);
            if (!account) return account.error();
            return 0;
        });
    if (!made) return made.error();
    return *made > 0 ? std::string() : password;
}

}  // namespace livefair::api
