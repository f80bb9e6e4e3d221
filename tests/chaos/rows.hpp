#pragma once

#include <functional>
#include <string>
#include <vector>

#include "chaos/check.hpp"
#include "chaos/scene.hpp"

namespace livefair::chaos {

/// One row of the table of faults (docs/faults.md).
struct Row {
    std::string id;     ///< "F3".
    std::string title;
    Plan plan;
    /// Plays the fault in a scene whose sale has begun, and heals it. May add verdicts of its own (I12, I13) to `verdicts`.
    std::function<void(Scene& scene, std::vector<Verdict>& verdicts)> play;
    bool is_short = true;  ///< Played by ctest, too.
};

const std::vector<Row>& rows();

enum class Outcome { holds, broken, skipped };
/// Plays a row from its begin to the last check; prints timeline and verdicts. Skipped, and says so: this machine has no network namespaces, or no PostgreSQL.
Outcome play(const Row& row, std::uint64_t seed, const std::string& history_file);

/// Each file's rows.
std::vector<Row> clock_rows();
std::vector<Row> crash_rows();
std::vector<Row> crowd_rows();
std::vector<Row> failover_rows();
std::vector<Row> power_rows();
std::vector<Row> wire_rows();

/// A verdict on a time, in milliseconds.
Verdict within(const std::string& name, std::chrono::milliseconds took, std::chrono::milliseconds limit);

}  // namespace livefair::chaos
