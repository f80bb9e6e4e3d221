#pragma once

#include <string>

#include "base/config.hpp"

/// The subcommands of livefair-ctl. Each but back_up() opens the ledger for itself, which an SQLite file refuses while livefair-server
/// runs; prints what it did on stdout and returns the exit code. Throws std::runtime_error that says what to do.
namespace livefair::ctl {

/// Recounts shows on sale (or `show` alone) in Redis and in the ledger; 0 when nothing differs, 1 otherwise.
int reconcile(const Config& config, const std::string& show);

/// Sets the password of the member of staff `name` to the first line of standard input, and ends that account's sessions.
int set_password(const Config& config, const std::string& name);

/// Copies the ledger to the new file `file`, also while livefair-server sells. Prints which moment of each show the copy has.
int back_up(const Config& config, const std::string& file);
/// Makes a ledger where there is none from such a file. Prints what it lacks.
int restore(const Config& config, const std::string& file);

}  // namespace livefair::ctl
