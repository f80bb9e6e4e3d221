#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace livefair::test {

/// A child process. stdout goes to one file, stderr to another; the kernel kills the child when this program's thread that
/// started it ends, so that no test leaves a process behind.
class Process {
public:
    struct Options {
        std::vector<std::string> command;          ///< Program (looked up in PATH) and arguments.
        std::map<std::string, std::string> environment = {};  ///< Added to this program's.
        std::string output_file = {};              ///< stdout, appended; empty: /dev/null.
        std::string error_file = {};               ///< stderr, appended; empty: the output file.
    };
    /// Throws std::runtime_error when the program can't be started.
    explicit Process(Options options);
    /// Kills the child (SIGKILL) if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    /// Sends a signal, unless the child has been waited for.
    void signal(int number);
    /// SIGTERM, then waits; SIGKILL when it has not ended within `deadline`. Returns the exit status as wait().
    int terminate(std::chrono::milliseconds deadline = std::chrono::seconds(10));
    /// Exit code, or minus the signal that ended it; nullopt when it still runs after `deadline`.
    std::optional<int> wait(std::chrono::milliseconds deadline);
    bool is_running();
    /// What the child has written so far.
    std::string output() const;
    std::string errors() const;

private:
    Options options_;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

/// Asks `condition` every 5 ms; false when it has not become true within `deadline`.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline = std::chrono::seconds(10));

/// Waits for a line of the child's stdout that contains `text`; empty when the child ended or `deadline` passed.
std::string wait_for_line(Process& process, const std::string& text,
                          std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace livefair::test
