#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>

#include "base/log.hpp"
#include "bench/ledger/sale_of_orders.hpp"
#include "bench/media/process_figures.hpp"
#include "ledger/projection.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_folder.hpp"

namespace livefair::bench {
namespace {

/// Of this process, all threads.
double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Figures {
    Readings orders_a_second;
    Readings cpu_us;
};

/// Runs `commit` for each batch on a new ledger and notes what it took.
template <class F>
void measure(const LedgerOptions& options, Figures& figures, F run) {
    test::TemporaryFolder folder;
    std::optional<test::PostgresServer> server;
    if (options.is_postgres) server.emplace();
    ledger::Ledger ledger(server ? server->url() : folder.file("ledger.sqlite3"));
    fill_ledger(ledger, options);
    const auto cpu = own_cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    const auto after = run(ledger);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto orders = static_cast<double>(options.orders);
    figures.orders_a_second.values.push_back(orders / took.count());
    figures.cpu_us.values.push_back((own_cpu_seconds() - cpu) / orders * 1e6);
    after();
}

/// The orders' real rows, by the projector's own code.
std::vector<std::int64_t> measure_projection(const LedgerOptions& options, Figures& figures) {
    const auto batches = make_batches(options);
    std::vector<std::int64_t> bytes;
    measure(options, figures, [&](ledger::Ledger& ledger) {
        for (const auto& batch : batches) {
            const auto applied = ledger.write_blocking([&](ledger::Database& database) { return ledger::apply_entries(database, batch); });
            if (!applied || !applied->refused.empty()) throw std::runtime_error("the ledger refused a batch");
        }
        return [&] {
            check_ledger(ledger, options);
            bytes = row_bytes(ledger);
        };
    });
    return bytes;
}

/// As many rows with as many bytes in one table with a running number, committed in the same batches: what the database can do at most.
void measure_limit(const LedgerOptions& options, const std::vector<std::int64_t>& bytes, Figures& figures) {
    std::vector<std::vector<std::vector<ledger::Value>>> batches;
    std::int64_t id = 0;
    for (std::int64_t made = 0; made < options.orders; made += options.batch) {
        auto& rows = batches.emplace_back();
        for (std::int64_t i = made; i < std::min(options.orders, made + options.batch); ++i) {
            for (const auto size : bytes) rows.push_back({++id, std::string(static_cast<std::size_t>(size), 'x')});
        }
    }
    measure(options, figures, [&](ledger::Ledger& ledger) {
        const auto made = ledger.write_blocking([](ledger::Database& database) { return database.run_script("CREATE TABLE plain (id BIGINT PRIMARY KEY, bytes TEXT NOT NULL)"); });
        if (!made) throw std::runtime_error("no table");
        for (const auto& rows : batches) {
            const auto written = ledger.write_blocking([&](ledger::Database& database) { return database.execute_rows("INSERT INTO plain (id, bytes) VALUES (?, ?)", rows); });
            if (!written) throw std::runtime_error("the ledger refused a batch");
        }
        return [] {};
    });
}

void measure_all(const LedgerOptions& options) {
    Figures projection, limit;
    std::vector<std::int64_t> bytes;
    // A B B A, so that a machine that slows down does so for both. The first of all only tells how large rows are.
    Figures unused;
    auto look = options;
    look.orders = std::min<std::int64_t>(options.orders, 2000);
    bytes = measure_projection(look, unused);
    for (std::int64_t round = 0; round < options.rounds; ++round) {
        measure_limit(options, bytes, limit);
        measure_projection(options, projection);
        measure_projection(options, projection);
        measure_limit(options, bytes, limit);
    }
    const auto ratio = projection.orders_a_second.median() / limit.orders_a_second.median();
    const auto row = [&](const char* what, const Figures& figures, double share) {
        std::printf("| %s | %lld | %s | %s | %.2f |\n", what, static_cast<long long>(options.batch), figures.orders_a_second.text(0).c_str(),
                    figures.cpu_us.text(1).c_str(), share);
    };
    std::printf("\n%lld orders into an empty ledger, %lld an entry of the stream, order ids %s; rows of %lld, %lld, %lld and %lld bytes\n\n",
                static_cast<long long>(options.orders), static_cast<long long>(options.orders_an_entry),
                options.is_time_ordered ? "begin with the time" : "random", static_cast<long long>(bytes[0]), static_cast<long long>(bytes[1]),
                static_cast<long long>(bytes[2]), static_cast<long long>(bytes[3]));
    std::printf("| %s | orders a commit | orders/s | CPU us per order%s | ratio |\n|---|---|---|---|---|\n",
                options.is_postgres ? "PostgreSQL, synchronous_commit=on" : "SQLite, synchronous=FULL", options.is_postgres ? ", ours alone" : "");
    row("as many plain rows in one table", limit, 1);
    row("orders by the projector", projection, ratio);
    const auto goal = 20'000.0;
    const auto reached = projection.orders_a_second.median();
    std::printf("\ngoal: %.0f orders/s: %s (%.0f)\n", goal, reached >= goal ? "met" : "NOT MET", reached);
}

}  // namespace
}  // namespace livefair::bench

int main(int argc, char** argv) {
    livefair::bench::LedgerOptions options;
    CLI::App app("Measures how fast the projector commits orders, beside plain rows. Started by scripts/bench ledger.");
    app.add_option("--orders", options.orders, "Orders in one measurement")->check(CLI::Range(1, 10'000'000))->capture_default_str();
    app.add_option("--orders-an-entry", options.orders_an_entry, "Orders in one entry of the stream")->check(CLI::Range(1, 64))->capture_default_str();
    app.add_option("--batch", options.batch, "Orders in one commit")->check(CLI::Range(1, 100'000))->capture_default_str();
    app.add_option("--buyers", options.buyers, "Buyers, each with an address")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    app.add_option("--rounds", options.rounds, "Rounds there and back")->check(CLI::Range(1, 100))->capture_default_str();
    app.add_flag("--postgres", options.is_postgres, "A PostgreSQL server of its own instead of SQLite");
    app.add_flag("--random-ids{false}", options.is_time_ordered, "Order ids are random throughout, instead of beginning with the time");
    CLI11_PARSE(app, argc, argv);
    try {
        livefair::bench::measure_all(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ledger: %s\n", error.what());
        return 1;
    }
    return 0;
}
