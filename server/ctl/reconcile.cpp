#include "commerce/reconcile.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "commerce/sandbox_provider.hpp"
#include "commerce/statement_check.hpp"
#include "commerce/till.hpp"
#include "ctl/commands.hpp"
#include "ledger/ledger.hpp"
#include "redis/client.hpp"

namespace livefair::ctl {
namespace {

/// Those with a till, and those whose orders the ledger takes itself (channels 3 and 4).
Result<std::vector<ShowId>> shows_with_orders(ledger::Database& db) {
    const auto rows = db.query("SELECT show_id FROM tills UNION SELECT id FROM shows WHERE channel IN (3, 4) ORDER BY 1");
    if (!rows) return rows.error();
    std::vector<ShowId> shows;
    for (const auto& row : *rows) shows.push_back(ShowId(row.text(0)));
    return shows;
}

/// The first day on which a payment was made, by the ledger or the sandbox; after today when there is none.
Result<std::int64_t> first_payment_day(ledger::Database& db) {
    const auto rows = db.query(
        "SELECT min(at_ms) FROM (SELECT settled_ms AS at_ms FROM payments WHERE state <> 'created' UNION ALL SELECT paid_ms FROM sandbox_payments WHERE state = "
        "'paid') t");
    if (!rows) return rows.error();
    const auto now_ms = system_clock().unix_ms();
    return rows->front().is_null(0) ? commerce::day_of(now_ms) + 1 : commerce::day_of(rows->front().integer(0));
}

/// Prints each behind `where`, with who else was asked. Returns how many.
std::size_t print(const std::string& where, const std::vector<commerce::Difference>& differences, const char* other) {
    for (const auto& difference : differences)
        std::cout << where << difference.what << ": ledger " << difference.expected << ", " << other << ' ' << difference.found << '\n';
    return differences.size();
}

/// The provider's statements against the ledger's payments, day by day; changes nothing. As compare().
net::Task<std::size_t> compare_payments(commerce::PaymentProvider& provider, ledger::Ledger& ledger) {
    const auto first = co_await ledger.read(first_payment_day);
    if (!first) throw std::runtime_error("the payments could not be read: " + first.error().message());
    commerce::StatementCheck check(co_await net::asio::this_coro::executor, ledger, system_clock(), provider, {});
    std::size_t count = 0;
    const auto today = commerce::day_of(system_clock().unix_ms());
    for (auto day = *first; day <= today; ++day) {
        const auto report = co_await check.compare(day);
        if (!report) throw std::runtime_error("the payments could not be compared: " + report.error().message());
        count += print("", report->differences, "provider");
    }
    co_return count;
}

/// Rows without the order that they belong to. As compare().
net::Task<std::size_t> look_for_strays(ledger::Ledger& ledger) {
    const auto strays = co_await commerce::find_strays(ledger);
    if (!strays) throw std::runtime_error("the orders' rows could not be read: " + strays.error().message());
    co_return print("", *strays, "found");
}

/// Returns how many differences it printed; throws when a show could not be compared. `provider` null: without the payments.
net::Task<std::size_t> compare(std::vector<ShowId> shows, bool is_all, commerce::Till& till, ledger::Ledger& ledger, commerce::PaymentProvider* provider) {
    std::size_t count = 0;
    for (const auto& show : shows) {
        const auto differences = co_await commerce::reconcile(show, till, ledger);
        if (!differences)
            throw std::runtime_error("show " + show.str() + " could not be compared: " + differences.error().message() + "; is Redis running?");
        count += print(show.str() + ": ", *differences, "found");
    }
    if (is_all) count += co_await look_for_strays(ledger);
    if (provider) count += co_await compare_payments(*provider, ledger);
    std::cout << shows.size() << " shows compared, " << count << " differences\n";
    co_return count;
}

}  // namespace

int reconcile(const Config& config, const std::string& show) {
    net::asio::io_context context;
    ledger::Ledger ledger(config.ledger.location());
    std::vector<ShowId> shows;
    if (!show.empty()) {
        shows.push_back(ShowId(show));
    } else {
        const auto found = ledger.write_blocking([](ledger::Database& db) { return shows_with_orders(db); });
        if (!found) throw std::runtime_error("the ledger could not be read: " + found.error().message());
        shows = *found;
    }
    auto options = redis::options_from(config);
    options.libraries = {commerce::till_library()};
    redis::Client redis(context.get_executor(), std::move(options));
    commerce::Till till(redis);
    redis.start();

    std::size_t differences = 0;
    std::exception_ptr failure;
    commerce::SandboxProvider sandbox(context.get_executor(), ledger, system_clock(), {});
    // Other providers have no statement yet.
    const bool has_statement = show.empty() && config.payment.provider == sandbox.name();
    net::asio::co_spawn(context, compare(shows, show.empty(), till, ledger, has_statement ? &sandbox : nullptr), [&](std::exception_ptr error, std::size_t count) {
        failure = error;
        differences = count;
        redis.stop();
        context.stop();
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return differences == 0 ? 0 : 1;
}

}  // namespace livefair::ctl
