#include "commerce/reconcile.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "commerce/till.hpp"
#include "ctl/commands.hpp"
#include "ledger/ledger.hpp"
#include "redis/client.hpp"

namespace livefair::ctl {
namespace {

Result<std::vector<ShowId>> shows_with_tills(ledger::Database& db) {
    const auto rows = db.query("SELECT show_id FROM tills ORDER BY show_id");
    if (!rows) return rows.error();
    std::vector<ShowId> shows;
    for (const auto& row : *rows) shows.push_back(ShowId(row.text(0)));
    return shows;
}

/// Returns how many differences it printed; throws when a show could not be compared.
net::Task<std::size_t> compare(std::vector<ShowId> shows, commerce::Till& till, ledger::Ledger& ledger) {
    std::size_t count = 0;
    for (const auto& show : shows) {
        const auto differences = co_await commerce::reconcile(show, till, ledger);
        if (!differences)
            throw std::runtime_error("show " + show.str() + " could not be compared: " + differences.error().message() + "; is Redis running?");
        for (const auto& difference : *differences)
            std::cout << show.str() << ": " << difference.what << ": ledger " << difference.expected << ", found " << difference.found << '\n';
        count += differences->size();
    }
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
        const auto found = ledger.write_blocking([](ledger::Database& db) { return shows_with_tills(db); });
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
    net::asio::co_spawn(context, compare(shows, till, ledger), [&](std::exception_ptr error, std::size_t count) {
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
