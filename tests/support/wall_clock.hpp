#pragma once

#include <chrono>
#include <map>
#include <string>

#include "support/temporary_folder.hpp"

namespace livefair::test {

/// The wall clock of programs that were started with environment(): as long as set() is not called, that of the machine.
class WallClock {
public:
    WallClock();

    std::map<std::string, std::string> environment() const;
    /// From now on it is off by so much.
    void set(std::chrono::seconds offset);

private:
    TemporaryFolder folder_;
};

}  // namespace livefair::test
