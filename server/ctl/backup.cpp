#include <chrono>
#include <ctime>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "base/clock.hpp"
#include "ctl/commands.hpp"
#include "ledger/backup.hpp"
#include "ledger/order_text.hpp"

namespace livefair::ctl {
namespace {

class Stopwatch {
public:
    std::int64_t ms() const {
        const auto passed = std::chrono::steady_clock::now() - begun_;
        return std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
    }

private:
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

std::string utc(std::int64_t unix_ms) {
    const std::time_t seconds = unix_ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::ostringstream text;
    text << std::put_time(&parts, "%Y-%m-%d %H:%M:%S") << '.' << std::setw(3) << std::setfill('0') << unix_ms % 1000 << " UTC";
    return text.str();
}

void print_shows(const ledger::BackupFacts& facts) {
    const auto now_ms = system_clock().unix_ms();
    for (const auto& show : facts.shows) {
        std::cout << "  show " << show.id << ": " << show.orders << " orders; ";
        const auto ms = static_cast<std::int64_t>(ledger::StreamId::parse(show.stream_id).ms);
        if (ms == 0)
            std::cout << "nothing sold yet\n";
        else
            std::cout << "all up to " << utc(ms) << ", " << (now_ms - ms) / 1000 << " s ago, nothing after it\n";
    }
}

}  // namespace

int back_up(const Config& config, const std::string& file) {
    const Stopwatch watch;
    const auto facts = ledger::back_up(config.ledger.location(), file);
    std::cout << file << ": " << std::filesystem::file_size(file) << " bytes, " << facts.orders << " orders, schema "
              << facts.schema_version << ", copied and checked in " << watch.ms() << " ms\n";
    print_shows(facts);
    return 0;
}

int restore(const Config& config, const std::string& file) {
    const Stopwatch watch;
    const auto facts = ledger::restore(file, config.ledger.location());
    std::cout << "ledger restored from " << file << ": " << facts.orders << " orders, schema " << facts.schema_version
              << ", copied and checked in " << watch.ms() << " ms (RTO: this and the start of livefair-server)\n";
    print_shows(facts);
    std::cout << "What was sold after these times (RPO) is not in the ledger. Start livefair-server: what Redis still has of it in its orders "
                 "streams is read again, the rest is lost. Then compare: livefair-ctl reconcile.\n";
    return 0;
}

}  // namespace livefair::ctl
