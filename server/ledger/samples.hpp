#pragma once

#include <cstdint>
#include <vector>

#include "base/errc.hpp"
#include "base/id.hpp"

namespace livefair::v1 {
class ShowCurve;
}

/// A show's viewers and chat over time. Free functions over a Database: call them inside Ledger::read() or write().
/// Errors of all: ledger_unavailable.
namespace livefair::ledger {

class Database;

/// One moment of a live show.
struct Sample {
    ShowId show;
    std::int64_t at_ms = 0;
    std::int64_t viewers = 0;
    std::int64_t chat_lines = 0;  ///< Since the sample before.
    // Since the show began.
    std::int64_t views = 0;
    std::int64_t people = 0;
    std::int64_t viewers_most = 0;
    std::int64_t watched_ms = 0;
};

/// A second sample of the same show and moment is ignored.
Result<> add_samples(Database& db, const std::vector<Sample>& samples);

/// Chat lines of all the show's samples.
Result<std::int64_t> chat_lines_of_show(Database& db, const ShowId& show);

/// Viewers, orders, paid amount and chat lines of a show in equal steps of at least 10 s, at most 400 points; steps in which nothing
/// happened are left out. Orders (reserved and paid) count where they were placed, money where it was paid, so that the sums are
/// those of totals_of_show().
Result<v1::ShowCurve> curve_of_show(Database& db, const ShowId& show);

/// Writes one row, to find out whether the ledger can.
Result<> beat(Database& db, std::int64_t now_ms);

}  // namespace livefair::ledger
