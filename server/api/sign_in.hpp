#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/rate_limit.hpp"
#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/errc.hpp"
#include "net/task.hpp"

namespace livefair::v1 {
class RequestCodeResponse;
class SignInRequest;
class SignInResponse;
class StaffSignInRequest;
}  // namespace livefair::v1
namespace livefair::ledger {
class Database;
class Ledger;
class Sessions;
}  // namespace livefair::ledger

namespace livefair::api {

/// Who brings sign-in codes to phones. Implementations are thread-safe.
class SmsProvider {
public:
    virtual ~SmsProvider() = default;
    /// Sends `code` to `phone`. Returns what may be shown on the page: empty but for the sandbox.
    /// Errors: timed_out, closed - the provider could not be reached.
    virtual net::Task<Result<std::string>> send(std::string phone, std::string code) = 0;
};

/// Sends nothing and hands the code back, so that a demo needs no phone. Never for real shows.
class SandboxSms final : public SmsProvider {
public:
    net::Task<Result<std::string>> send(std::string phone, std::string code) override;
};

/// The provider named in auth.code_provider. Throws std::runtime_error for an unknown name (start-up only).
std::unique_ptr<SmsProvider> make_sms_provider(const std::string& name);

/// Where a sign-in comes from.
struct Origin {
    std::string address;
    std::string user_agent;
    std::string device = {};  ///< auth::device_text(); empty when the client has no cookies.
};

/// Signing in: buyers by a code sent to their phone, staff by name and password. Owned by App; thread-safe, shared by
/// all shards. Passwords are hashed on one worker thread of its own; at most 32 wait for it. Limits: codes 1 a minute
/// (5 at once) for a phone, and 10 times auth.sign_in_failures_per_minute for an address; 5 tries a code; failed
/// sign-ins auth.sign_in_failures_per_minute for each address and for each staff name. limits.trusted_addresses are
/// free of those by address.
class SignIn {
public:
    SignIn(const Config& config, const Clock& clock, ledger::Ledger& ledger, ledger::Sessions& sessions,
           std::unique_ptr<SmsProvider> sms);
    ~SignIn();

    /// Errors: invalid_input - not a phone number (11 digits from 1); too_many_requests; ledger_unavailable, those of
    /// the provider.
    net::Task<Result<v1::RequestCodeResponse>> request_code(std::string phone, Origin origin);

    /// Errors: unauthenticated - the code is wrong, used, or too old; invalid_input - phone or nickname;
    /// too_many_requests; ledger_unavailable.
    net::Task<Result<v1::SignInResponse>> sign_in(v1::SignInRequest request, Origin origin);

    /// The same answer in the same time for an unknown name and for a wrong password.
    /// Errors: unauthenticated; too_many_requests; ledger_unavailable.
    net::Task<Result<v1::SignInResponse>> sign_in_staff(v1::StaffSignInRequest request, Origin origin);

    /// Makes a member of staff. Errors: invalid_input - the password's length; conflict - the name is taken;
    /// too_many_requests; ledger_unavailable.
    net::Task<Result<AccountId>> create_staff(std::string name, std::string password, std::string nickname,
                                              std::vector<auth::Grant> grants);

private:
    net::Task<Result<v1::SignInResponse>> open_session(AccountId account, Origin origin);
    net::Task<Result<std::string>> on_worker(std::function<Result<std::string>()> work);
    bool is_trusted(const std::string& address) const;

    const Config& config_;
    const Clock& clock_;
    ledger::Ledger& ledger_;
    ledger::Sessions& sessions_;
    std::unique_ptr<SmsProvider> sms_;
    auth::KeyedLimiter codes_of_phone_;
    auth::KeyedLimiter codes_of_address_;
    auth::KeyedLimiter failures_of_address_;
    auth::KeyedLimiter failures_of_name_;
    // Salts the codes' hashes, so that a copy of the ledger does not give six-digit codes away. A restart ends open
    // codes.
    const std::string code_secret_;
    std::atomic<int> waiting_for_worker_ = 0;
    boost::asio::thread_pool worker_{1};
};

/// Makes the account `operator` with a random password when no operator exists. BLOCKING; at start-up, on the main
/// thread, before the shards start. Returns the password, which is kept nowhere; empty when there was an operator.
Result<std::string> create_first_operator(ledger::Ledger& ledger, const Clock& clock);

}  // namespace livefair::api
