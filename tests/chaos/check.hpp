#pragma once

#include <string>
#include <vector>

#include "chaos/history.hpp"
#include "chaos/scene.hpp"

namespace livefair::chaos {

/// One invariant of shared/reliability section 2, as found.
struct Verdict {
    std::string name;   ///< "I1 never oversold".
    bool holds = false;
    std::string detail;  ///< Figures; of a breach what was found, at most a few of many.
};

/// Recounts from outside, after the buyers have come to an end: what they were told (history) against the ledger's file and Redis' keys. Stops the
/// server (SIGTERM) and lets `livefair-ctl reconcile` have its say, too. Throws std::runtime_error when something can't be read.
std::vector<Verdict> check(Scene& scene);

/// The rows of `sql`, columns as texts. Throws std::runtime_error.
std::vector<std::vector<std::string>> ledger_rows(const std::string& location, const std::string& sql);

/// Orders that a buyer was told are accepted and that the ledger does not have: what a loss is.
std::vector<std::string> accepted_but_missing(const std::vector<Event>& history, const std::string& ledger);

}  // namespace livefair::chaos
