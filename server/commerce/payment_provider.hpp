#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "net/task.hpp"

namespace livefair::commerce {

/// Header names in lower case, as the HTTP server gives them.
using PayHeaders = std::vector<std::pair<std::string, std::string>>;

/// A payment that is to be made. `payment` is our number for it and the provider's idempotency key.
struct PaymentAsk {
    PaymentId payment;
    OrderId order;
    std::int64_t amount_fen = 0;
    std::string subject;
    std::int64_t expire_ms = 0;  ///< From then on the provider takes no money for it.
};

/// What a provider knows of a payment. Currency is ISO 4217; all are CNY today.
struct PaymentFact {
    enum class State { open, paid, closed };
    State state = State::open;
    PaymentId payment;
    OrderId order;               ///< Empty where the provider does not know it.
    std::string transaction_id;  ///< The provider's own number; empty where it has none.
    std::int64_t amount_fen = 0;
    std::string currency;
};

/// What a provider knows of a refund.
struct RefundFact {
    enum class State { accepted, done, failed };
    State state = State::accepted;
    std::string problem;  ///< The provider's word for it, for the operator.
};

/// A webhook that is the provider's beyond doubt.
struct Verified {
    enum class Kind { paid, closed, other };  ///< other: nothing that changes an order.
    std::string event_id;                     ///< 1 to 64 of [A-Za-z0-9_-], as all ids.
    Kind kind = Kind::other;
    PaymentFact fact;  ///< Its state means nothing here.
};
/// Why a webhook is refused.
enum class NotifyRefusal { too_large, malformed, stale, bad_signature, other_merchant };
using NotifyVerdict = std::variant<Verified, NotifyRefusal>;

constexpr std::size_t notify_bytes_max = 64 * 1024;

/// How we answer a webhook, as statuses of HTTP. Only `taken` ends the provider's asking.
namespace notify_status {
constexpr int taken = 204, malformed = 400, bad_signature = 401, unknown_order = 404, too_large = 413, try_again = 503;
}

struct ProviderAnswer {
    int status = notify_status::taken;
    std::string content_type = "application/json";
    std::string body;
};

/// A company that moves money between buyers and suppliers; only this interface knows one. One per shard, not
/// thread-safe. Every call may be repeated: the payment's or refund's number makes it one. Errors of the calls:
/// not_found - the provider knows no such payment or refund; conflict - it will not do it, ever; all others mean
/// "unknown, ask again".
class PaymentProvider {
public:
    virtual ~PaymentProvider() = default;
    /// As in the tables and in the path of its webhook.
    virtual std::string_view name() const = 0;
    /// Returns what the buyer's browser or app opens.
    virtual net::Task<Result<std::string>> create(PaymentAsk ask) = 0;
    virtual net::Task<Result<PaymentFact>> query(PaymentId payment) = 0;
    /// After success no money can come in any more. conflict: it is paid.
    virtual net::Task<Result<>> close(PaymentId payment) = 0;
    /// `total_fen` is what was paid by `payment`. `id` is the idempotency key.
    virtual net::Task<Result<RefundFact>> refund(std::string id, PaymentId payment, std::int64_t amount_fen,
                                                 std::int64_t total_fen, std::string reason) = 0;
    virtual net::Task<Result<RefundFact>> query_refund(std::string id, PaymentId payment) = 0;
    /// Size, headers, window, signature over the raw bytes; only then the body is parsed. No I/O.
    virtual NotifyVerdict parse_notify(const PayHeaders& headers, const std::string& body,
                                       std::int64_t now_s) const = 0;
    /// What the provider expects for one of `notify_status`.
    virtual ProviderAnswer ack(int status) const = 0;
    /// Settled payments of one day in +8, by our number, at most 1,000 after `after`; empty: no more. `day`: days since
    /// 1970-01-01.
    virtual net::Task<Result<std::vector<PaymentFact>>> statement(std::int64_t day, PaymentId after) = 0;
};

/// The day in +8 of a time, as statement() counts it.
constexpr std::int64_t day_of(std::int64_t unix_ms) {
    return (unix_ms + 8 * 3'600'000) / 86'400'000;
}

}  // namespace livefair::commerce
