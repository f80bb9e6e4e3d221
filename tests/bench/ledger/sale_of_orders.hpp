#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/stream_entry.hpp"

namespace livefair::bench {

/// What is measured: so many orders from an empty ledger on.
struct LedgerOptions {
    std::int64_t orders = 100'000;
    std::int64_t orders_an_entry = 16;
    std::int64_t batch = 4000;  ///< Orders in one commit.
    std::int64_t buyers = 20'000;
    std::int64_t rounds = 3;
    bool is_time_ordered = true;  ///< Order ids begin with the time, as the pages make them, instead of being random throughout.
    bool is_postgres = false;
};

/// A show with offers, stock for all orders and buyers with addresses. Throws when the ledger refuses.
void fill_ledger(ledger::Ledger& ledger, const LedgerOptions& options);

/// The show's orders stream, in batches, as till.lua writes it.
std::vector<std::vector<ledger::StreamEntry>> make_batches(const LedgerOptions& options);

/// For each order the bytes of its rows in orders, order_lines, order_events and entries, on average.
std::vector<std::int64_t> row_bytes(ledger::Ledger& ledger);

/// Throws unless the ledger has exactly these orders, each with its line, event, entry and counted unit.
void check_ledger(ledger::Ledger& ledger, const LedgerOptions& options);

}  // namespace livefair::bench
