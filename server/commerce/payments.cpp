#include "commerce/payments.hpp"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <livefair/v1/order.pb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "auth/hmac.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "ledger/orders.hpp"

namespace livefair::commerce {

using ledger::Database;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t secret_chars_min = 32;
constexpr milliseconds look_period{100};
constexpr const char* provider = "sandbox";

constexpr int taken = 204, malformed = 400, bad_signature = 401, unknown_order = 404, too_large = 413, try_again = 503;

/// The header's value when it is there exactly once.
std::optional<std::string> single_header(const Payments::Headers& headers, std::string_view name) {
    std::optional<std::string> value;
    for (const auto& [key, text] : headers) {
        if (key != name) continue;
        if (value) return std::nullopt;
        value = text;
    }
    return value;
}

std::optional<std::int64_t> to_integer(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<v1::SandboxNotify> parse_notify(const std::string& body) {
    v1::SandboxNotify notify;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // a provider may add fields
    if (!google::protobuf::util::JsonStringToMessage(body, &notify, options).ok()) return std::nullopt;
    if (!is_id_text(notify.event_id()) || !is_id_text(notify.payment_id()) || !is_id_text(notify.order_id()))
        return std::nullopt;
    return notify;
}

/// What the ledger knows of a webhook before its effect.
struct Standing {
    bool is_seen = false;
    std::optional<ledger::PlacedOrder> order;
    bool is_other_orders = false;  ///< The payment was made for another order.
};

Result<Standing> read_standing(Database& database, const v1::SandboxNotify& notify) {
    Standing standing;
    const auto seen = database.query("SELECT 1 FROM webhook_events WHERE provider = ? AND event_id = ?",
                                     {std::string(provider), notify.event_id()});
    if (!seen) return seen.error();
    standing.is_seen = !seen->empty();
    auto order = ledger::find_placed(database, OrderId(notify.order_id()));
    if (!order) return order.error();
    standing.order = std::move(*order);
    const auto payment = database.query("SELECT 1 FROM payments WHERE provider = ? AND id = ? AND order_id <> ?",
                                        {std::string(provider), notify.payment_id(), notify.order_id()});
    if (!payment) return payment.error();
    standing.is_other_orders = !payment->empty();
    return standing;
}

/// The order's open payment, made when there is none: two clicks are one payment.
Result<v1::CreatePaymentResponse> open_payment(Database& database, const AccountId& buyer, const OrderId& order,
                                               std::int64_t now_ms) {
    const auto placed = ledger::find_placed(database, order);
    if (!placed) return placed.error();
    if (!*placed || (*placed)->buyer != buyer) return make_error_code(Errc::not_found);
    if ((*placed)->state != ledger::OrderState::reserved) return make_error_code(Errc::conflict);
    const auto open =
        database.query("SELECT id FROM payments WHERE order_id = ? AND state = 'created' AND provider = ?",
                       {order.str(), std::string(provider)});
    if (!open) return open.error();
    v1::CreatePaymentResponse response;
    response.set_amount_fen((*placed)->amount_fen);
    if (!open->empty()) {
        response.set_payment_id(open->front().text(0));
        return response;
    }
    response.set_payment_id("sbx_" + random_hex(12));
    const auto made = database.execute(
        "INSERT INTO payments (provider, id, order_id, amount_fen, currency, state, created_ms) VALUES (?, ?, ?, ?, "
        "'CNY', 'created', ?)",
        {std::string(provider), response.payment_id(), order.str(), (*placed)->amount_fen, now_ms});
    if (!made) return made.error();
    return response;
}

}  // namespace

std::string load_webhook_secret(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        const auto secret = random_hex(32) + "\n";
        const bool written =
            ::write(fd, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) && ::fsync(fd) == 0;
        ::close(fd);
        if (!written) throw std::runtime_error("payment: can't write " + path + "; check the disk and remove the file");
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        throw std::runtime_error("payment: can't make or read " + path + "; set payment.webhook_secret_file");
    if ((status.st_mode & 077) != 0)
        throw std::runtime_error("payment: " + path + " may be read by others; run: chmod 600 " + path);
    std::ifstream file(path);
    std::string secret;
    file >> secret;
    if (secret.size() < secret_chars_min)
        throw std::runtime_error("payment: the key in " + path + " is shorter than 32 characters; remove the file");
    return secret;
}

class Payments::Impl {
public:
    Impl(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock, Options options)
        : till_(till), watch_(watch), ledger_(ledger), clock_(clock), options_(std::move(options)) {}

    net::Task<Result<v1::CreatePaymentResponse>> create(AccountId buyer, OrderId order) {
        auto open = [buyer, order, now_ms = clock_.unix_ms()](Database& database) {
            return open_payment(database, buyer, order, now_ms);
        };
        auto response = co_await ledger_.write(std::move(open));
        if (response) response->set_pay_url(options_.site_url + "/pay/sandbox/" + response->payment_id());
        co_return response;
    }

    /// Size, headers, window, signature over the raw bytes; only then the body is parsed.
    net::Task<int> notify(Headers headers, std::string body) {
        const int refused = check_envelope(headers, body);
        if (refused != 0) co_return count(refused);
        const auto notify = parse_notify(body);
        if (!notify) co_return count(malformed);
        const int status = co_await settle(*notify);
        co_return count(status);
    }

private:
    /// 0: it is the provider's.
    int check_envelope(const Headers& headers, const std::string& body) const {
        if (body.size() > body_bytes_max) return too_large;
        const auto id = single_header(headers, "webhook-id");
        const auto timestamp = single_header(headers, "webhook-timestamp");
        const auto signature = single_header(headers, "webhook-signature");
        if (!id || !timestamp || !signature) return malformed;
        const auto sent_s = to_integer(*timestamp);
        if (!sent_s) return malformed;
        const auto now_s = clock_.unix_ms() / 1000;
        if (*sent_s < now_s - options_.window_s || *sent_s > now_s + options_.window_s) return malformed;
        const auto signed_with = [&](const std::string& secret) {
            return auth::is_webhook_signed(secret, *signature, *id, *sent_s, body);
        };
        return std::any_of(options_.secrets.begin(), options_.secrets.end(), signed_with) ? 0 : bad_signature;
    }

    net::Task<int> settle(v1::SandboxNotify notify) {
        auto read = [notify](Database& database) { return read_standing(database, notify); };
        const auto standing = co_await ledger_.read(std::move(read));
        if (!standing) co_return try_again;
        if (standing->is_seen) co_return taken;
        if (!standing->order) co_return unknown_order;
        const auto& order = *standing->order;
        if (notify.amount_fen() != order.amount_fen || notify.currency() != "CNY" || standing->is_other_orders) {
            log::error("a signed payment is not what was agreed",
                       {{"order", order.id.str()}, {"payment", notify.payment_id()}});
            co_return malformed;
        }
        const Result<Settlement> settlement = co_await till_.pay(order.show, order.id, provider, notify.payment_id(),
                                                                 notify.event_id(), notify.amount_fen());
        if (!settlement || settlement->kind == Settlement::Kind::paused ||
            settlement->kind == Settlement::Kind::not_found)
            co_return try_again;
        const bool committed = co_await wait_for_commit(order, settlement->stream_id);
        if (!committed) co_return try_again;
        if (settlement->repeated) {
            const bool noted = co_await note_event(notify);
            if (!noted) co_return try_again;
        }
        co_return taken;
    }

    net::Task<bool> wait_for_commit(ledger::PlacedOrder order, std::string stream_id) {
        const auto end = clock_.steady() + options_.commit_deadline;
        for (;;) {
            const auto outcome = co_await watch_.wait(order.show, stream_id, order.id, look_period);
            if (outcome != CommitWatch::Outcome::timed_out) co_return true;
            if (clock_.steady() >= end) co_return false;
            const auto newest = co_await till_.committed(order.show);
            if (newest) watch_.on_resynced(order.show, *newest);
        }
    }

    /// Another event of a payment whose effect is in the ledger already.
    net::Task<bool> note_event(v1::SandboxNotify notify) {
        auto note = [notify, now_ms = clock_.unix_ms()](Database& database) {
            return database.execute(
                "INSERT INTO webhook_events (provider, event_id, payment_id, taken_ms) VALUES (?, ?, ?, ?) ON CONFLICT "
                "DO NOTHING",
                {std::string(provider), notify.event_id(), notify.payment_id(), now_ms});
        };
        const auto noted = co_await ledger_.write(std::move(note));
        co_return noted.has_value();
    }

    static int count(int status) {
        metrics::counter("livefair_webhooks_total", "Webhooks of the payment provider by answer",
                         {{"status", std::to_string(status)}})
            .add();
        return status;
    }

    Till& till_;
    CommitWatch& watch_;
    ledger::Ledger& ledger_;
    const Clock& clock_;
    Options options_;
};

Payments::Payments(Till& till, CommitWatch& watch, ledger::Ledger& ledger, const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(till, watch, ledger, clock, std::move(options))) {}
Payments::~Payments() = default;
net::Task<Result<v1::CreatePaymentResponse>> Payments::create(AccountId buyer, OrderId order) {
    return impl_->create(std::move(buyer), std::move(order));
}
net::Task<int> Payments::notify(Headers headers, std::string body) {
    return impl_->notify(std::move(headers), std::move(body));
}

}  // namespace livefair::commerce
