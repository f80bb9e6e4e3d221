#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace livefair::chaos {

/// Something that a buyer did or was told.
struct Event {
    std::int64_t ms = 0;  ///< Since the history began.
    std::string who;
    /// place: an order, asked for until there is a final answer. again: an answered order asked for once more. conflict: its id with another
    /// quantity. cancel. pay.
    std::string what;
    /// invoke; then accepted, rejected or unknown (place, again, conflict, cancel), done or failed (pay). "unknown" and "failed" say nothing of what happened.
    std::string outcome;
    std::string order, offer;
    std::int64_t quantity = 0;
    std::string reason;  ///< Of rejected.
    std::int64_t amount_fen = 0, hold_until_ms = 0;  ///< Of accepted.
};

/// All that buyers did and were told, and the faults between: in memory for the checks, and line by line (JSON) in a file for people. Thread-safe.
class History {
public:
    /// Throws std::runtime_error when the file can't be made.
    explicit History(const std::string& file);

    void add(Event event);
    /// A fault, a repair or a step of the run: also printed.
    void note(const std::string& text);

    std::vector<Event> events() const;
    struct Note {
        std::int64_t ms = 0;
        std::string text;
    };
    std::vector<Note> notes() const;
    /// Final answers (accepted, rejected) to "place" so far.
    std::size_t answered() const;
    std::size_t accepted() const;
    /// Since the history began.
    std::int64_t now_ms() const;

private:
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    mutable std::mutex mutex_;
    std::ofstream file_;
    std::vector<Event> events_;
    std::vector<Note> notes_;
    std::size_t answered_ = 0, accepted_ = 0;
};

}  // namespace livefair::chaos
