#include "support/wall_clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace livefair::test {

WallClock::WallClock() { set(std::chrono::seconds(0)); }

std::map<std::string, std::string> WallClock::environment() const {
    return {{"LD_PRELOAD", LIVEFAIR_CLOCK_SHIM}, {"LIVEFAIR_CLOCK_FILE", folder_.file("offset")}};
}

/// In place: programs have the file mapped.
void WallClock::set(std::chrono::seconds offset) {
    const std::int64_t seconds = offset.count();
    const int fd = ::open(folder_.file("offset").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const bool is_written = fd >= 0 && ::pwrite(fd, &seconds, sizeof seconds, 0) == static_cast<ssize_t>(sizeof seconds);
    if (fd >= 0) ::close(fd);
    if (!is_written) throw std::runtime_error("the clock's offset can't be written");
}

}  // namespace livefair::test
