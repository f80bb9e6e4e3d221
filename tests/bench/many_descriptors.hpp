#pragma once

#include <sys/resource.h>

namespace livefair::bench {

/// From now on this process may have as many descriptors as the system allows it.
inline void allow_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace livefair::bench
