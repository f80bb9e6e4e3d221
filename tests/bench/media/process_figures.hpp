#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace livefair::bench {

/// Processor time of a process and its children (nginx has a worker), seconds: every thread's run time, in nanoseconds' precision.
double cpu_seconds(pid_t pid);
/// Proportional set size of a process and its children, bytes.
double pss_bytes(pid_t pid);

/// Repeated readings of one figure.
struct Readings {
    std::vector<double> values;
    double median() const;
    /// 0 to 1; the nearest rank.
    double quantile(double share) const;
    /// "0.31 (0.29-0.33)".
    std::string text(int decimals) const;
};

}  // namespace livefair::bench
