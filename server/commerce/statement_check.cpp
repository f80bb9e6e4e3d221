#include "commerce/statement_check.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "commerce/payment_rows.hpp"
#include "net/periodic.hpp"

namespace livefair::commerce {

using ledger::Database;

namespace {

constexpr std::chrono::minutes period{60};
constexpr std::int64_t days_back_max = 35;  // an outage longer than that is a person's
constexpr std::int64_t rows_a_page = 1000, day_ms = 86'400'000, east_8_ms = 8 * 3'600'000;

/// How a line of the statement stands in the ledger. A payment of another amount than was agreed on is stray as long as no
/// order has taken it; one that has been taken differs, and a person has to see which side is right.
enum class LineStanding { agrees, not_told, stray, differs };

struct JudgedLine {
    PaymentFact line;
    LineStanding standing;
    std::int64_t ledger_fen = 0;
};

Result<JudgedLine> judge(Database& database, const std::string& provider, PaymentFact line) {
    const auto noted = database.query("SELECT amount_fen FROM stray_payments WHERE provider = ? AND id = ?",
                                      {provider, line.payment.str()});
    if (!noted) return noted.error();
    if (!noted->empty()) return JudgedLine{std::move(line), LineStanding::agrees, noted->front().integer(0)};
    const auto known = database.query("SELECT state, amount_fen FROM payments WHERE provider = ? AND id = ?",
                                      {provider, line.payment.str()});
    if (!known) return known.error();
    if (!known->empty()) {
        const auto& row = known->front();
        const bool is_taken = row.text(0) != "created", is_same = row.integer(1) == line.amount_fen;
        const auto standing = is_taken ? (is_same ? LineStanding::agrees : LineStanding::differs)
                                       : (is_same ? LineStanding::not_told : LineStanding::stray);
        return JudgedLine{std::move(line), standing, row.integer(1)};
    }
    const auto order = database.query("SELECT amount_fen FROM orders WHERE id = ?", {line.order.str()});
    if (!order) return order.error();
    if (order->empty() || order->front().integer(0) != line.amount_fen)
        return JudgedLine{std::move(line), LineStanding::stray, 0};
    return JudgedLine{std::move(line), LineStanding::not_told, line.amount_fen};
}

Result<std::vector<JudgedLine>> judge_all(Database& database, const std::string& provider,
                                          const std::vector<PaymentFact>& lines) {
    std::vector<JudgedLine> judged;
    for (const auto& line : lines) {
        auto one = judge(database, provider, line);
        if (!one) return one.error();
        judged.push_back(std::move(*one));
    }
    return judged;
}

Result<> note_stray(Database& database, const std::string& provider, const PaymentFact& line, std::int64_t now_ms) {
    const auto noted = database.execute(
        "INSERT INTO stray_payments (provider, id, order_id, amount_fen, found_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT "
        "DO NOTHING",
        {provider, line.payment.str(), line.order.str(), line.amount_fen, now_ms});
    if (!noted) return noted.error();
    // Its order may still be paid, by another payment.
    return note_closed(database, provider, line.payment, now_ms);
}

/// The first day that the check of `today` has to look at: that of the last one that was completed, for it had not ended
/// then, and yesterday at least.
Result<std::int64_t> first_day(Database& database, const std::string& provider, std::int64_t today) {
    const auto rows = database.query("SELECT day FROM statement_checks WHERE provider = ?", {provider});
    if (!rows) return rows.error();
    const auto last = rows->empty() ? today : rows->front().integer(0);
    return std::clamp(last, today - days_back_max, today - 1);
}

Result<> note_checked(Database& database, const std::string& provider, std::int64_t today) {
    const auto noted = database.execute(
        "INSERT INTO statement_checks (provider, day) VALUES (?, ?) ON CONFLICT (provider) DO UPDATE SET day = excluded.day",
        {provider, today});
    if (!noted) return noted.error();
    return {};
}

/// Payments that the ledger has settled on `day`, by number.
Result<std::vector<ledger::Row>> settled_page(Database& database, const std::string& provider, std::int64_t day,
                                              const std::string& after) {
    const auto begin_ms = day * day_ms - east_8_ms;
    return database.query(
        "SELECT id, amount_fen FROM payments WHERE provider = ? AND id > ? AND state <> 'created' AND settled_ms >= ? "
        "AND settled_ms < ? ORDER BY id LIMIT ?",
        {provider, after, begin_ms, begin_ms + day_ms, rows_a_page});
}

}  // namespace

class StatementCheck::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock, PaymentProvider& provider,
         Settle settle)
        : ledger_(ledger),
          clock_(clock),
          provider_(provider),
          name_(provider.name()),
          settle_(std::move(settle)),
          rounds_(std::move(executor), clock, period, "statement check") {}

    void start() {
        rounds_.start([self = shared_from_this()] { return self->run(); });
    }
    void stop() { rounds_.stop(); }

    net::Task<Result<Report>> compare(std::int64_t day) {
        Report report;
        std::unordered_set<std::string> told;
        PaymentId after;
        for (;;) {
            const auto lines = co_await provider_.statement(day, after);
            if (!lines) co_return lines.error();
            if (lines->empty()) break;
            const Result<> taken = co_await take(*lines, report);
            if (!taken) co_return taken.error();
            for (const auto& line : *lines) told.insert(line.payment.str());
            after = lines->back().payment;
        }
        const Result<> back = co_await compare_back(day, told, report);
        if (!back) co_return back.error();
        co_return report;
    }

    net::Task<Result<std::int64_t>> run_once() {
        const auto today = day_of(clock_.unix_ms());
        auto read = [provider = name_, today](Database& database) { return first_day(database, provider, today); };
        const auto first = co_await ledger_.read(std::move(read));
        if (!first) co_return first.error();
        std::int64_t open = 0, unsettled = 0;
        for (auto day = *first; day <= today; ++day) {
            const Result<Report> report = co_await compare(day);
            if (!report) {
                log::warn("the statement could not be compared", {{"day", day}, {"why", report.error().message()}});
                co_return report.error();
            }
            for (const auto& difference : report->differences)
                log::error(
                    "payments differ",
                    {{"what", difference.what}, {"ledger", difference.expected}, {"provider", difference.found}});
            open += static_cast<std::int64_t>(report->differences.size());
            unsettled += report->unsettled;
        }
        metrics::gauge("livefair_statement_differences",
                       "Payments since the day of the last comparison on which ledger and provider differ")
            .set(static_cast<double>(open));
        if (unsettled > 0) co_return today - *first + 1;
        auto note = [provider = name_, today](Database& database) { return note_checked(database, provider, today); };
        const auto noted = co_await ledger_.write(std::move(note));
        if (!noted) co_return noted.error();
        co_return today - *first + 1;
    }

private:
    net::Task<> run() { (void)co_await run_once(); }

    net::Task<Result<>> take(std::vector<PaymentFact> lines, Report& report) {
        auto read = [provider = name_, lines = std::move(lines)](Database& database) {
            return judge_all(database, provider, lines);
        };
        const auto judged = co_await ledger_.read(std::move(read));
        if (!judged) co_return judged.error();
        for (const auto& each : *judged) {
            ++report.lines;
            report.amount_fen += each.line.amount_fen;
            const Result<> taken = co_await take_one(each, report);
            if (!taken) co_return taken.error();
        }
        co_return Result<>();
    }

    net::Task<Result<>> take_one(JudgedLine judged, Report& report) {
        if (judged.standing == LineStanding::agrees) co_return Result<>();
        const auto& line = judged.line;
        if (judged.standing == LineStanding::not_told && settle_) {
            Verified verified{"statement_" + line.payment.str(), Verified::Kind::paid, line};
            const int status = co_await settle_(std::move(verified));
            if (status == notify_status::taken) {
                ++report.settled;
                co_return Result<>();
            }
            if (status == notify_status::try_again) ++report.unsettled;
        }
        if (judged.standing == LineStanding::stray && settle_) {
            auto note = [provider = name_, line, now_ms = clock_.unix_ms()](Database& database) {
                return note_stray(database, provider, line, now_ms);
            };
            ++report.strays;
            co_return co_await ledger_.write(std::move(note));
        }
        const bool is_counted = judged.standing == LineStanding::differs;
        report.differences.push_back({"payment " + line.payment.str() + " of order " + line.order.str(),
                                      is_counted ? std::to_string(judged.ledger_fen) : "nothing",
                                      std::to_string(line.amount_fen)});
        co_return Result<>();
    }

    /// What the ledger has and the statement has not. About midnight a payment may be in another day's.
    net::Task<Result<>> compare_back(std::int64_t day, const std::unordered_set<std::string>& told, Report& report) {
        std::string after;
        for (;;) {
            auto read = [provider = name_, day, after](Database& database) {
                return settled_page(database, provider, day, after);
            };
            const auto rows = co_await ledger_.read(std::move(read));
            if (!rows) co_return rows.error();
            for (const auto& row : *rows) {
                after = row.text(0);
                if (told.contains(after)) continue;
                const auto fact = co_await provider_.query(PaymentId(after));
                if (!fact && fact.error() != Errc::not_found) co_return fact.error();
                const bool is_there = fact && fact->state == PaymentFact::State::paid;
                if (!is_there || fact->amount_fen != row.integer(1))
                    report.differences.push_back({"payment " + after, std::to_string(row.integer(1)),
                                                  is_there ? std::to_string(fact->amount_fen) : "nothing"});
            }
            if (static_cast<std::int64_t>(rows->size()) < rows_a_page) co_return Result<>();
        }
    }

    ledger::Ledger& ledger_;
    const Clock& clock_;
    PaymentProvider& provider_;
    const std::string name_;
    Settle settle_;
    net::Periodic rounds_;
};

StatementCheck::StatementCheck(net::asio::any_io_executor executor, ledger::Ledger& ledger, const Clock& clock,
                               PaymentProvider& provider, Settle settle)
    : impl_(std::make_shared<Impl>(std::move(executor), ledger, clock, provider, std::move(settle))) {}
StatementCheck::~StatementCheck() {
    impl_->stop();
}
void StatementCheck::start() {
    impl_->start();
}
void StatementCheck::stop() {
    impl_->stop();
}
net::Task<Result<StatementCheck::Report>> StatementCheck::compare(std::int64_t day) {
    return impl_->compare(day);
}

net::Task<Result<std::int64_t>> StatementCheck::run_once() {
    return impl_->run_once();
}

}  // namespace livefair::commerce
