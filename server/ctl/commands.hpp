#pragma once

#include <string>

#include "base/config.hpp"

/// The subcommands of livefair-ctl. Each opens the ledger, which refuses while livefair-server runs; prints what it did on stdout and
/// returns the exit code. Throws std::runtime_error that says what to do.
namespace livefair::ctl {

/// Recounts shows on sale (or `show` alone) in Redis and in the ledger; 0 when nothing differs, 1 otherwise.
int reconcile(const Config& config, const std::string& show);

/// Sets the password of the member of staff `name` to the first line of standard input, and ends that account's sessions.
int set_password(const Config& config, const std::string& name);

}  // namespace livefair::ctl
