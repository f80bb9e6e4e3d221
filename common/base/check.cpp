#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace livefair::detail {

void check_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "{\"level\":\"critical\",\"event\":\"check_failed\",\"condition\":\"%s\",\"at\":\"%s:%d\"}\n",
                 condition, file, line);
    std::abort();
}

}  // namespace livefair::detail
